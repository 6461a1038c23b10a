import {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  type CrossentropyOptions,
  type SmoothedCrossentropyOptions,
  SparseCategoricalCrossentropy,
} from '../losses/crossentropy.js';
import { KLDivergence, Poisson } from '../losses/divergence.js';
import {
  BinaryFocalCrossentropy,
  type BinaryFocalCrossentropyOptions,
  CategoricalFocalCrossentropy,
  type FocalCrossentropyOptions,
} from '../losses/focal.js';
import { CategoricalHinge, Hinge, SquaredHinge } from '../losses/hinge.js';
import type { LossOptions } from '../losses/loss.js';
import {
  Huber,
  type HuberOptions,
  LogCosh,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogarithmicError,
} from '../losses/regression.js';
import { LossMetric } from './loss_metric.js';
import type { Metric } from './metric.js';

// Each is the mean of the loss of that name over all samples.

/** -sum(y * log(p)) for one-hot labels y [batch, ..., classes]. */
export const categoricalCrossentropy = (options?: SmoothedCrossentropyOptions): Metric =>
  new LossMetric(new CategoricalCrossentropy(options));

/** -log(p of the right class) for class numbers [batch, ...]. */
export const sparseCategoricalCrossentropy = (options?: CrossentropyOptions): Metric =>
  new LossMetric(new SparseCategoricalCrossentropy(options));

/** mean(-y * log(p) - (1 - y) * log(1 - p)) over the last axis. */
export const binaryCrossentropy = (options?: SmoothedCrossentropyOptions): Metric =>
  new LossMetric(new BinaryCrossentropy(options));

/** mean((y - p)^2) over the last axis. */
export const meanSquaredError = (options?: LossOptions): Metric =>
  new LossMetric(new MeanSquaredError(options));

/** mean(|y - p|) over the last axis. */
export const meanAbsoluteError = (options?: LossOptions): Metric =>
  new LossMetric(new MeanAbsoluteError(options));

/** 100 * mean(|y - p| / |y|) over the last axis. */
export const meanAbsolutePercentageError = (options?: LossOptions): Metric =>
  new LossMetric(new MeanAbsolutePercentageError(options));

/** mean((log(1 + y) - log(1 + p))^2) over the last axis. */
export const meanSquaredLogarithmicError = (options?: LossOptions): Metric =>
  new LossMetric(new MeanSquaredLogarithmicError(options));

/** Squared error halved up to `delta` (1), and growing in a straight line from there. */
export const huber = (options?: HuberOptions): Metric => new LossMetric(new Huber(options));

/** mean(log(cosh(p - y))) over the last axis. */
export const logCosh = (options?: LossOptions): Metric => new LossMetric(new LogCosh(options));

/** mean(max(1 - y * p, 0)) over the last axis, for labels of -1 (or 0) and 1. */
export const hinge = (options?: LossOptions): Metric => new LossMetric(new Hinge(options));

/** mean(max(1 - y * p, 0)^2) over the last axis, for labels of -1 (or 0) and 1. */
export const squaredHinge = (options?: LossOptions): Metric =>
  new LossMetric(new SquaredHinge(options));

/** max(1 + max((1 - y) * p) - sum(y * p), 0) for one-hot labels y [batch, ..., classes]. */
export const categoricalHinge = (options?: LossOptions): Metric =>
  new LossMetric(new CategoricalHinge(options));

/** sum(y * log(y / p)) over the last axis, for probabilities. */
export const klDivergence = (options?: LossOptions): Metric =>
  new LossMetric(new KLDivergence(options));

/** mean(p - y * log(p)) over the last axis, for counts y. */
export const poisson = (options?: LossOptions): Metric => new LossMetric(new Poisson(options));

/** -alpha * sum((1 - p)^gamma * y * log(p)) for one-hot labels y [batch, ..., classes]. */
export const categoricalFocalCrossentropy = (options?: FocalCrossentropyOptions): Metric =>
  new LossMetric(new CategoricalFocalCrossentropy(options));

/** mean(-(1 - p)^gamma * log(p)) over the last axis, p the probability of the right label. */
export const binaryFocalCrossentropy = (options?: BinaryFocalCrossentropyOptions): Metric =>
  new LossMetric(new BinaryFocalCrossentropy(options));
