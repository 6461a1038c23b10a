import { snakeCase } from '../core/names.js';
import { type ClassConfig, type Config, Registry } from '../core/registry.js';
import {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  SparseCategoricalCrossentropy,
} from '../losses/crossentropy.js';
import { KLDivergence, Poisson } from '../losses/divergence.js';
import { BinaryFocalCrossentropy, CategoricalFocalCrossentropy } from '../losses/focal.js';
import { CategoricalHinge, Hinge, SquaredHinge } from '../losses/hinge.js';
import { Loss } from '../losses/loss.js';
import {
  Huber,
  LogCosh,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogarithmicError,
} from '../losses/regression.js';
import {
  Accuracy,
  BinaryAccuracy,
  type BinaryAccuracyOptions,
  CategoricalAccuracy,
  SparseCategoricalAccuracy,
} from './accuracy.js';
import { AUC } from './auc.js';
import { PearsonCorrelation } from './correlation.js';
import { F1Score, FBetaScore } from './f_score.js';
import { MeanIoU } from './iou.js';
import { LossMetric } from './loss_metric.js';
import { FunctionMetric, Metric, type MetricFunction, type MetricOptions } from './metric.js';
import {
  FalseNegatives,
  FalsePositives,
  Precision,
  Recall,
  TrueNegatives,
  TruePositives,
} from './precision.js';
import { CosineSimilarity, R2Score, RootMeanSquaredError } from './regression.js';
import { TensorMetric } from './tensor_metric.js';
import { SparseTopKCategoricalAccuracy, TopKCategoricalAccuracy } from './top_k.js';

export { type AUCOptions, auc } from './auc.js';
export { confusionMatrix } from './confusion_matrix.js';
export { type PearsonCorrelationOptions, pearsonCorrelation } from './correlation.js';
export { type F1ScoreOptions, type FBetaScoreOptions, f1Score, fBetaScore } from './f_score.js';
export { type MeanIoUOptions, meanIoU } from './iou.js';
export * from './loss_metrics.js';
export { fromMeans, type MeansMetricOptions } from './means_metric.js';
export { MeanMetric, Metric, type MetricFunction, type MetricOptions } from './metric.js';
export {
  falseNegatives,
  falsePositives,
  precision,
  recall,
  trueNegatives,
  truePositives,
} from './precision.js';
export {
  cosineSimilarity,
  type R2ScoreOptions,
  r2Score,
  rootMeanSquaredError,
} from './regression.js';
export {
  type FromFunctionOptions,
  fromFunction,
  TensorMetric,
  type TensorMetricFunction,
} from './tensor_metric.js';
export type { ClassThresholdsOptions, ThresholdsOptions } from './thresholds.js';
export {
  sparseTopKCategoricalAccuracy,
  type TopKOptions,
  topKCategoricalAccuracy,
} from './top_k.js';
export type { BinaryAccuracyOptions };

/** A name ('accuracy'), a configuration, an object, a loss, or a function `(yTrue, yPred) => value`. */
export type MetricLike = string | ClassConfig | Metric | TensorMetric | Loss | MetricFunction;

const registry = new Registry<Metric>('metric', Metric);

/**
 * Makes a class of your own known by its class name, and further names if given.
 *
 * @example
 * ```ts
 * class Bias extends metrics.MeanMetric {
 *   static override className = 'Bias';
 *   constructor(options: metrics.MetricOptions = {}) {
 *     super(options, 'bias', []);
 *   }
 *   override values(yTrue: Value, yPred: Value): Value {
 *     return ops.subtract(yPred, yTrue);
 *   }
 * }
 * metrics.register(Bias);
 * metrics.get('bias').name; // => 'bias'
 * ```
 */
export const register = registry.add.bind(registry);

register(Accuracy, 'acc');
register(BinaryAccuracy);
register(CategoricalAccuracy);
register(SparseCategoricalAccuracy);
register(TopKCategoricalAccuracy);
register(SparseTopKCategoricalAccuracy);
register(Precision);
register(Recall);
register(TruePositives);
register(FalsePositives);
register(TrueNegatives);
register(FalseNegatives);
register(AUC);
register(F1Score);
register(FBetaScore);
register(MeanIoU);
register(RootMeanSquaredError);
register(CosineSimilarity);
register(R2Score);
register(PearsonCorrelation);

/** A loss as a metric, under the names of the loss. */
function registerLoss(
  type: { className: string; fromConfig(config: Config): Loss },
  ...aliases: string[]
): void {
  const fromConfig = (config: Config) => new LossMetric(type.fromConfig(config));
  register({ className: type.className, fromConfig }, ...aliases);
}

registerLoss(CategoricalCrossentropy);
registerLoss(SparseCategoricalCrossentropy);
registerLoss(BinaryCrossentropy, 'bce');
registerLoss(CategoricalFocalCrossentropy);
registerLoss(BinaryFocalCrossentropy);
registerLoss(MeanSquaredError, 'mse');
registerLoss(MeanAbsoluteError, 'mae');
registerLoss(MeanAbsolutePercentageError, 'mape');
registerLoss(MeanSquaredLogarithmicError, 'msle');
registerLoss(Huber);
registerLoss(LogCosh, 'LogCoshError');
registerLoss(Hinge);
registerLoss(SquaredHinge);
registerLoss(CategoricalHinge);
registerLoss(KLDivergence, 'kld');
registerLoss(Poisson);

/**
 * The metric that a name, configuration, function, loss or object means. One made from a name is
 * called so in `History`, in snake_case.
 *
 * @throws LugeError UNKNOWN_NAME
 * @example
 * ```ts
 * metrics.get('mae').name; // => 'mae'
 * metrics.get('topKCategoricalAccuracy').getConfig().k; // => 5
 * ```
 */
export function get(identifier: Exclude<MetricLike, TensorMetric>): Metric;
export function get(identifier: MetricLike): Metric | TensorMetric;
export function get(identifier: MetricLike): Metric | TensorMetric {
  if (typeof identifier === 'function') return new FunctionMetric(identifier);
  if (identifier instanceof TensorMetric) return identifier;
  if (identifier instanceof Loss) return new LossMetric(identifier);
  if (typeof identifier !== 'string') return registry.get(identifier);
  return registry.get({ class_name: identifier, config: { name: snakeCase(identifier) } });
}

/** 'accuracy' in `compile`: binary, categorical or sparse categorical, by the shapes it meets. */
export const accuracy = (options?: MetricOptions): Metric => new Accuracy(options);

/** Share of predictions on the right side of the threshold (0.5). */
export const binaryAccuracy = (options?: BinaryAccuracyOptions): Metric =>
  new BinaryAccuracy(options);

/** Share of samples whose largest prediction is of the right class; one-hot labels. */
export const categoricalAccuracy = (options?: MetricOptions): Metric =>
  new CategoricalAccuracy(options);

/** Share of samples whose largest prediction is of the right class; class numbers. */
export const sparseCategoricalAccuracy = (options?: MetricOptions): Metric =>
  new SparseCategoricalAccuracy(options);
