import { type ClassConfig, Registry } from '../core/registry.js';
import { CosineSimilarity } from './cosine_similarity.js';
import {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  type CrossentropyOptions,
  type SmoothedCrossentropyOptions,
  SparseCategoricalCrossentropy,
} from './crossentropy.js';
import { KLDivergence, Poisson } from './divergence.js';
import {
  BinaryFocalCrossentropy,
  type BinaryFocalCrossentropyOptions,
  CategoricalFocalCrossentropy,
  type FocalCrossentropyOptions,
} from './focal.js';
import { CategoricalHinge, Hinge, SquaredHinge } from './hinge.js';
import { FunctionLoss, Loss, type LossFunction, type LossOptions } from './loss.js';
import {
  Huber,
  type HuberOptions,
  LogCosh,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogarithmicError,
} from './regression.js';
import { TensorLoss } from './tensor_loss.js';

export { Loss, type LossFunction, type LossOptions } from './loss.js';
export {
  fromFunction,
  TensorLoss,
  type TensorLossFunction,
  type TensorLossGradient,
} from './tensor_loss.js';
export type {
  BinaryFocalCrossentropyOptions,
  CrossentropyOptions,
  FocalCrossentropyOptions,
  HuberOptions,
  SmoothedCrossentropyOptions,
};

/** A name ('mse'), a configuration, an object, or a function `(yTrue, yPred) => value`. */
export type LossLike = string | ClassConfig | Loss | TensorLoss | LossFunction;

const registry = new Registry<Loss>('loss', Loss);

/**
 * Makes a class of your own known by its class name, and further names if given.
 *
 * @example
 * ```ts
 * class HalfSquare extends losses.Loss {
 *   static override className = 'HalfSquare';
 *   constructor(options: losses.LossOptions = {}) {
 *     super(options, 'half_square', []);
 *   }
 *   override call(yTrue: Value, yPred: Value): Value {
 *     return ops.multiply(ops.mean(ops.square(ops.subtract(yPred, yTrue)), -1), 0.5);
 *   }
 * }
 * losses.register(HalfSquare);
 * losses.get('halfSquare').name; // => 'half_square'
 * ```
 */
export const register = registry.add.bind(registry);

register(CategoricalCrossentropy);
register(SparseCategoricalCrossentropy);
register(BinaryCrossentropy, 'bce');
register(CategoricalFocalCrossentropy);
register(BinaryFocalCrossentropy);
register(MeanSquaredError, 'mse');
register(MeanAbsoluteError, 'mae');
register(MeanAbsolutePercentageError, 'mape');
register(MeanSquaredLogarithmicError, 'msle');
register(Huber);
register(LogCosh);
register(Hinge);
register(SquaredHinge);
register(CategoricalHinge);
register(KLDivergence, 'kld');
register(Poisson);
register(CosineSimilarity);

/**
 * The loss that a name, configuration, function or object means. Throws UNKNOWN_NAME.
 *
 * @example
 * ```ts
 * losses.get('mse').name; // => 'mean_squared_error'
 * losses.get({ class_name: 'Huber', config: { delta: 2 } }).getConfig().delta; // => 2
 * ```
 */
export function get(identifier: Exclude<LossLike, TensorLoss>): Loss;
export function get(identifier: LossLike): Loss | TensorLoss;
export function get(identifier: LossLike): Loss | TensorLoss {
  if (identifier instanceof TensorLoss) return identifier;
  return typeof identifier === 'function' ? new FunctionLoss(identifier) : registry.get(identifier);
}

/** -sum(y * log(p)) for one-hot labels y [batch, ..., classes]. */
export const categoricalCrossentropy = (options?: SmoothedCrossentropyOptions): Loss =>
  new CategoricalCrossentropy(options);

/** -log(p of the right class) for class numbers [batch, ...]. */
export const sparseCategoricalCrossentropy = (options?: CrossentropyOptions): Loss =>
  new SparseCategoricalCrossentropy(options);

/** mean(-y * log(p) - (1 - y) * log(1 - p)) over the last axis. */
export const binaryCrossentropy = (options?: SmoothedCrossentropyOptions): Loss =>
  new BinaryCrossentropy(options);

/** mean((y - p)^2) over the last axis. */
export const meanSquaredError = (options?: LossOptions): Loss => new MeanSquaredError(options);

/** mean(|y - p|) over the last axis. */
export const meanAbsoluteError = (options?: LossOptions): Loss => new MeanAbsoluteError(options);

/** 100 * mean(|y - p| / |y|) over the last axis. */
export const meanAbsolutePercentageError = (options?: LossOptions): Loss =>
  new MeanAbsolutePercentageError(options);

/** mean((log(1 + y) - log(1 + p))^2) over the last axis. */
export const meanSquaredLogarithmicError = (options?: LossOptions): Loss =>
  new MeanSquaredLogarithmicError(options);

/** Squared error halved up to `delta` (1), and growing in a straight line from there. */
export const huber = (options?: HuberOptions): Loss => new Huber(options);

/** mean(log(cosh(p - y))) over the last axis. */
export const logCosh = (options?: LossOptions): Loss => new LogCosh(options);

/** mean(max(1 - y * p, 0)) over the last axis, for labels of -1 (or 0) and 1. */
export const hinge = (options?: LossOptions): Loss => new Hinge(options);

/** mean(max(1 - y * p, 0)^2) over the last axis, for labels of -1 (or 0) and 1. */
export const squaredHinge = (options?: LossOptions): Loss => new SquaredHinge(options);

/** max(1 + max((1 - y) * p) - sum(y * p), 0) for one-hot labels y [batch, ..., classes]. */
export const categoricalHinge = (options?: LossOptions): Loss => new CategoricalHinge(options);

/** sum(y * log(y / p)) over the last axis, for probabilities. */
export const klDivergence = (options?: LossOptions): Loss => new KLDivergence(options);

/** mean(p - y * log(p)) over the last axis, for counts y. */
export const poisson = (options?: LossOptions): Loss => new Poisson(options);

/** -sum(y * p) / (|y| * |p|) over the last axis. */
export const cosineSimilarity = (options?: LossOptions): Loss => new CosineSimilarity(options);

/** -alpha * sum((1 - p)^gamma * y * log(p)) for one-hot labels y [batch, ..., classes]. */
export const categoricalFocalCrossentropy = (options?: FocalCrossentropyOptions): Loss =>
  new CategoricalFocalCrossentropy(options);

/** mean(-(1 - p)^gamma * log(p)) over the last axis, p the probability of the right label. */
export const binaryFocalCrossentropy = (options?: BinaryFocalCrossentropyOptions): Loss =>
  new BinaryFocalCrossentropy(options);
