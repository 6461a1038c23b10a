import { type ClassConfig, Registry } from '../core/registry.js';
import { Constant, type ConstantOptions, Ones, Zeros } from './constant.js';
import { Identity, type IdentityOptions } from './identity.js';
import { Initializer } from './initializer.js';
import { Orthogonal, type OrthogonalOptions } from './orthogonal.js';
import {
  RandomNormal,
  type RandomNormalOptions,
  RandomUniform,
  type RandomUniformOptions,
  type SeedOptions,
  TruncatedNormal,
} from './random.js';
import {
  type FanOptions,
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  LecunNormal,
  LecunUniform,
  VarianceScaling,
  type VarianceScalingOptions,
} from './variance_scaling.js';

export { Initializer } from './initializer.js';
export { RandomInitializer } from './random.js';
export { VarianceScaling } from './variance_scaling.js';
export type {
  ConstantOptions,
  FanOptions,
  IdentityOptions,
  OrthogonalOptions,
  RandomNormalOptions,
  RandomUniformOptions,
  SeedOptions,
  VarianceScalingOptions,
};

/** A name ('heNormal'), a configuration or an object. */
export type InitializerLike = string | ClassConfig | Initializer;

const registry = new Registry<Initializer>('initializer', Initializer);

/**
 * Makes a class of your own known by its class name, and further names if given.
 *
 * @example
 * ```ts
 * class Tenths extends initializers.Initializer {
 *   static override className = 'Tenths';
 *   override make(shape: Shape): Tensor {
 *     return initializers.constant({ value: 0.1 }).make(shape);
 *   }
 * }
 * initializers.register(Tenths);
 * initializers.get('tenths').make([2]); // => [0.1, 0.1]
 * ```
 */
export const register = registry.add.bind(registry);

register(Zeros, 'zero');
register(Ones, 'one');
register(Constant);
register(Identity, 'identityInitializer');
register(RandomUniform, 'uniform');
register(RandomNormal, 'normal');
register(TruncatedNormal);
register(VarianceScaling);
register(GlorotUniform, 'xavierUniform');
register(GlorotNormal, 'xavierNormal');
register(HeUniform);
register(HeNormal);
register(LecunUniform);
register(LecunNormal);
register(Orthogonal, 'orthogonalInitializer');

/**
 * The initializer that a name, configuration or object means. Throws UNKNOWN_NAME.
 *
 * @example
 * ```ts
 * initializers.get('ones').make([2]); // => [1, 1]
 * initializers.get({ class_name: 'Constant', config: { value: 3 } }).make([2]); // => [3, 3]
 * ```
 */
export const get = (identifier: InitializerLike): Initializer => registry.get(identifier);

/** 0 everywhere. */
export const zeros = (): Initializer => new Zeros();
/** 1 everywhere. */
export const ones = (): Initializer => new Ones();
/** `value` (default 0) everywhere. */
export const constant = (options?: ConstantOptions): Initializer => new Constant(options);
/**
 * A matrix with `gain` (default 1) on its diagonal and 0 elsewhere, square or not: a dense layer of as
 * many units as inputs that starts with it gives its input back. Source: Keras.
 *
 * @throws LugeError BAD_SHAPE when a weight of other than two axes is to be made.
 *
 * @example
 * ```ts
 * initializers.identity({ gain: 2 }).make([2, 3]); // => [[2, 0, 0], [0, 2, 0]]
 * ```
 */
export const identity = (options?: IdentityOptions): Initializer => new Identity(options);
/** Uniform in [minval = -0.05, maxval = 0.05). */
export const randomUniform = (options?: RandomUniformOptions): Initializer =>
  new RandomUniform(options);
/** Normal, of mean 0 and stddev 0.05 by default. */
export const randomNormal = (options?: RandomNormalOptions): Initializer =>
  new RandomNormal(options);
/** Normal, drawn again when more than two stddev from the mean; mean 0 and stddev 0.05 by default. */
export const truncatedNormal = (options?: RandomNormalOptions): Initializer =>
  new TruncatedNormal(options);
/** Variance scale / fan; see `VarianceScaling`. */
export const varianceScaling = (options?: VarianceScalingOptions): Initializer =>
  new VarianceScaling(options);
/**
 * Uniform within sqrt(6 / (fanIn + fanOut)) of 0 (Glorot & Bengio 2010).
 *
 * @example
 * ```ts
 * const w = initializers.glorotUniform({ seed: 1 }).make([784, 100]);
 * ops.sqrt(ops.variance(w)); // => 0.0475
 * Math.sqrt(2 / (784 + 100)); // => 0.0476
 * const layer = layers.dense({ units: 100, kernelInitializer: 'glorotUniform' });
 * ```
 */
export const glorotUniform = (options?: FanOptions): Initializer => new GlorotUniform(options);
/**
 * Truncated normal of variance 2 / (fanIn + fanOut) (Glorot & Bengio 2010).
 *
 * @example
 * ```ts
 * const w = initializers.glorotNormal({ seed: 1 }).make([784, 100]);
 * ops.sqrt(ops.variance(w)); // => 0.0477
 * Math.sqrt(2 / (784 + 100)); // => 0.0476
 * const layer = layers.dense({ units: 100, kernelInitializer: 'glorotNormal' });
 * ```
 */
export const glorotNormal = (options?: FanOptions): Initializer => new GlorotNormal(options);
/**
 * Uniform within sqrt(6 / fanIn) of 0 (He et al. 2015); for relu.
 *
 * @example
 * ```ts
 * const w = initializers.heUniform({ seed: 1 }).make([784, 100]);
 * ops.sqrt(ops.variance(w)); // => 0.0504
 * Math.sqrt(2 / 784); // => 0.0505
 * const layer = layers.dense({ units: 100, kernelInitializer: 'heUniform' });
 * ```
 */
export const heUniform = (options?: FanOptions): Initializer => new HeUniform(options);
/**
 * Truncated normal of variance 2 / fanIn (He et al. 2015); for relu.
 *
 * @example
 * ```ts
 * const w = initializers.heNormal({ seed: 1 }).make([784, 100]);
 * ops.sqrt(ops.variance(w)); // => 0.0506
 * Math.sqrt(2 / 784); // => 0.0505
 * const layer = layers.dense({ units: 100, kernelInitializer: 'heNormal' });
 * ```
 */
export const heNormal = (options?: FanOptions): Initializer => new HeNormal(options);
/**
 * Uniform within sqrt(3 / fanIn) of 0 (LeCun et al. 1998).
 *
 * @example
 * ```ts
 * const w = initializers.lecunUniform({ seed: 1 }).make([784, 100]);
 * ops.sqrt(ops.variance(w)); // => 0.0356
 * Math.sqrt(1 / 784); // => 0.0357
 * const layer = layers.dense({ units: 100, kernelInitializer: 'lecunUniform' });
 * ```
 */
export const lecunUniform = (options?: FanOptions): Initializer => new LecunUniform(options);
/**
 * Truncated normal of variance 1 / fanIn (LeCun et al. 1998).
 *
 * @example
 * ```ts
 * const w = initializers.lecunNormal({ seed: 1 }).make([784, 100]);
 * ops.sqrt(ops.variance(w)); // => 0.0358
 * Math.sqrt(1 / 784); // => 0.0357
 * const layer = layers.dense({ units: 100, kernelInitializer: 'lecunNormal' });
 * ```
 */
export const lecunNormal = (options?: FanOptions): Initializer => new LecunNormal(options);
/** Columns (or rows, where there are fewer) of length `gain` at right angles (Saxe et al. 2014). */
export const orthogonal = (options?: OrthogonalOptions): Initializer => new Orthogonal(options);
