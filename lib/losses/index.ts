import { type ClassConfig, Registry } from '../core/registry.js';
import {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  type CrossentropyOptions,
  type SmoothedCrossentropyOptions,
  SparseCategoricalCrossentropy,
} from './crossentropy.js';
import { FunctionLoss, Loss, type LossFunction, type LossOptions } from './loss.js';
import { MeanAbsoluteError, MeanSquaredError } from './regression.js';

export { Loss, type LossFunction, type LossOptions } from './loss.js';
export type { CrossentropyOptions, SmoothedCrossentropyOptions };

/** A name ('mse'), a configuration, an object, or a function `(yTrue, yPred) => value`. */
export type LossLike = string | ClassConfig | Loss | LossFunction;

const registry = new Registry<Loss>('loss', Loss);

/** Makes a class of your own known by its class name, and further names if given. */
export const register = registry.add.bind(registry);

register(CategoricalCrossentropy);
register(SparseCategoricalCrossentropy);
register(BinaryCrossentropy);
register(MeanSquaredError, 'mse');
register(MeanAbsoluteError, 'mae');

/** The loss that a name, configuration, function or object means. Throws UNKNOWN_NAME. */
export const get = (identifier: LossLike): Loss =>
  typeof identifier === 'function' ? new FunctionLoss(identifier) : registry.get(identifier);

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
