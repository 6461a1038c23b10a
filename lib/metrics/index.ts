import { nearestName } from '../core/errors.js';
import { type ClassConfig, isClassConfig, Registry } from '../core/registry.js';
import { snakeCase } from '../core/names.js';
import * as losses from '../losses/index.js';
import {
  Accuracy,
  BinaryAccuracy,
  type BinaryAccuracyOptions,
  CategoricalAccuracy,
  SparseCategoricalAccuracy,
} from './accuracy.js';
import { LossMetric } from './loss_metric.js';
import { FunctionMetric, Metric, type MetricFunction, type MetricOptions } from './metric.js';

export { confusionMatrix } from './confusion_matrix.js';
export { MeanMetric, Metric, type MetricFunction, type MetricOptions } from './metric.js';
export type { BinaryAccuracyOptions };
