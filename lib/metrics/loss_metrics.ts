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

/**
 * -sum(y * log(p)) for one-hot labels y [batch, ..., classes].
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [3] })]);
 * model.compile({ loss: 'mse', metrics: metrics.categoricalCrossentropy() });
 * const [x, y] = [[[0.1, 0.7, 0.2]], [[0, 1, 0]]];
 * await model.evaluate(x, y); // => { loss: 0.0467, categorical_crossentropy: 0.3567 }
 * ```
 */
export const categoricalCrossentropy = (options?: SmoothedCrossentropyOptions): Metric =>
  new LossMetric(new CategoricalCrossentropy(options));

/**
 * -log(p of the right class) for class numbers [batch, ...].
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * const loss = 'sparseCategoricalCrossentropy';
 * model.compile({ loss, metrics: metrics.sparseCategoricalCrossentropy() });
 * const [x, y] = [[[0.3, 0.7]], [1]];
 * await model.evaluate(x, y); // => { loss: 0.3567, sparse_categorical_crossentropy: 0.3567 }
 * ```
 */
export const sparseCategoricalCrossentropy = (options?: CrossentropyOptions): Metric =>
  new LossMetric(new SparseCategoricalCrossentropy(options));

/**
 * mean(-y * log(p) - (1 - y) * log(1 - p)) over the last axis.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: 'mse', metrics: metrics.binaryCrossentropy() });
 * const [x, y] = [[[0.9, 0.2]], [[1, 0]]];
 * await model.evaluate(x, y); // => { loss: 0.025, binary_crossentropy: 0.1643 }
 * ```
 */
export const binaryCrossentropy = (options?: SmoothedCrossentropyOptions): Metric =>
  new LossMetric(new BinaryCrossentropy(options));

/**
 * mean((y - p)^2) over the last axis.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: 'mae', metrics: metrics.meanSquaredError() });
 * await model.evaluate([[1, 4]], [[1, 2]]); // => { loss: 1, mean_squared_error: 2 }
 * ```
 */
export const meanSquaredError = (options?: LossOptions): Metric =>
  new LossMetric(new MeanSquaredError(options));

/**
 * mean(|y - p|) over the last axis.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: 'mse', metrics: metrics.meanAbsoluteError() });
 * await model.evaluate([[1, 4]], [[1, 2]]); // => { loss: 2, mean_absolute_error: 1 }
 * ```
 */
export const meanAbsoluteError = (options?: LossOptions): Metric =>
  new LossMetric(new MeanAbsoluteError(options));

/**
 * 100 * mean(|y - p| / |y|) over the last axis.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: 'mse', metrics: metrics.meanAbsolutePercentageError() });
 * const [x, y] = [[[1, 3]], [[1, 2]]];
 * await model.evaluate(x, y); // => { loss: 0.5, mean_absolute_percentage_error: 25 }
 * ```
 */
export const meanAbsolutePercentageError = (options?: LossOptions): Metric =>
  new LossMetric(new MeanAbsolutePercentageError(options));

/**
 * mean((log(1 + y) - log(1 + p))^2) over the last axis.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.meanSquaredLogarithmicError() });
 * const [x, y] = [[[3]], [[1]]];
 * await model.evaluate(x, y); // => { loss: 4, mean_squared_logarithmic_error: 0.4805 }
 * ```
 */
export const meanSquaredLogarithmicError = (options?: LossOptions): Metric =>
  new LossMetric(new MeanSquaredLogarithmicError(options));

/**
 * Squared error halved up to `delta` (1), and growing in a straight line from there.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: 'mse', metrics: metrics.huber() });
 * await model.evaluate([[0.5, 3]], [[0, 0]]); // => { loss: 4.625, huber_loss: 1.3125 }
 * ```
 */
export const huber = (options?: HuberOptions): Metric => new LossMetric(new Huber(options));

/**
 * mean(log(cosh(p - y))) over the last axis.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.logCosh() });
 * await model.evaluate([[1]], [[0]]); // => { loss: 1, log_cosh: 0.4338 }
 * ```
 */
export const logCosh = (options?: LossOptions): Metric => new LossMetric(new LogCosh(options));

/**
 * mean(max(1 - y * p, 0)) over the last axis, for labels of -1 (or 0) and 1.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: 'mse', metrics: metrics.hinge() });
 * await model.evaluate([[0.5, -2]], [[1, -1]]); // => { loss: 0.625, hinge: 0.25 }
 * ```
 */
export const hinge = (options?: LossOptions): Metric => new LossMetric(new Hinge(options));

/**
 * mean(max(1 - y * p, 0)^2) over the last axis, for labels of -1 (or 0) and 1.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: 'mse', metrics: metrics.squaredHinge() });
 * await model.evaluate([[0.5, -2]], [[1, -1]]); // => { loss: 0.625, squared_hinge: 0.125 }
 * ```
 */
export const squaredHinge = (options?: LossOptions): Metric =>
  new LossMetric(new SquaredHinge(options));

/**
 * max(1 + max((1 - y) * p) - sum(y * p), 0) for one-hot labels y [batch, ..., classes].
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [3] })]);
 * model.compile({ loss: 'mse', metrics: metrics.categoricalHinge() });
 * const [x, y] = [[[0.1, 0.7, 0.2]], [[0, 1, 0]]];
 * await model.evaluate(x, y); // => { loss: 0.0467, categorical_hinge: 0.5 }
 * ```
 */
export const categoricalHinge = (options?: LossOptions): Metric =>
  new LossMetric(new CategoricalHinge(options));

/**
 * sum(y * log(y / p)) over the last axis, for probabilities.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: 'mse', metrics: metrics.klDivergence() });
 * const [x, y] = [[[0.5, 0.5]], [[0.9, 0.1]]];
 * await model.evaluate(x, y); // => { loss: 0.16, kl_divergence: 0.3681 }
 * ```
 */
export const klDivergence = (options?: LossOptions): Metric =>
  new LossMetric(new KLDivergence(options));

/**
 * mean(p - y * log(p)) over the last axis, for counts y.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.poisson() });
 * await model.evaluate([[2]], [[3]]); // => { loss: 1, poisson: -0.0794 }
 * ```
 */
export const poisson = (options?: LossOptions): Metric => new LossMetric(new Poisson(options));

/**
 * -alpha * sum((1 - p)^gamma * y * log(p)) for one-hot labels y [batch, ..., classes].
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [3] })]);
 * model.compile({ loss: 'mse', metrics: metrics.categoricalFocalCrossentropy() });
 * const [x, y] = [[[0.1, 0.7, 0.2]], [[0, 1, 0]]];
 * await model.evaluate(x, y); // => { loss: 0.0467, categorical_focal_crossentropy: 0.008 }
 * ```
 */
export const categoricalFocalCrossentropy = (options?: FocalCrossentropyOptions): Metric =>
  new LossMetric(new CategoricalFocalCrossentropy(options));

/**
 * mean(-(1 - p)^gamma * log(p)) over the last axis, p the probability of the right label.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.binaryFocalCrossentropy() });
 * const [x, y] = [[[0.9]], [[1]]];
 * await model.evaluate(x, y); // => { loss: 0.01, binary_focal_crossentropy: 0.0011 }
 * ```
 */
export const binaryFocalCrossentropy = (options?: BinaryFocalCrossentropyOptions): Metric =>
  new LossMetric(new BinaryFocalCrossentropy(options));
