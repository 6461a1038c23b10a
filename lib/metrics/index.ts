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
import { LossMetric } from './loss_metric.js';
import { FunctionMetric, Metric, type MetricFunction, type MetricOptions } from './metric.js';

export { confusionMatrix } from './confusion_matrix.js';
export * from './loss_metrics.js';
export { MeanMetric, Metric, type MetricFunction, type MetricOptions } from './metric.js';
export type { BinaryAccuracyOptions };

/** A name ('accuracy'), a configuration, an object, a loss, or a function `(yTrue, yPred) => value`. */
export type MetricLike = string | ClassConfig | Metric | Loss | MetricFunction;

const registry = new Registry<Metric>('metric', Metric);

/** Makes a class of your own known by its class name, and further names if given. */
export const register = registry.add.bind(registry);

register(Accuracy, 'acc');
register(BinaryAccuracy);
register(CategoricalAccuracy);
register(SparseCategoricalAccuracy);

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
 */
export function get(identifier: MetricLike): Metric {
  if (typeof identifier === 'function') return new FunctionMetric(identifier);
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
