import type { DType } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions, checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { randomNormal, randomUniform, truncatedNormal } from '../ops/random.js';
import { Initializer } from './initializer.js';

export interface SeedOptions {
  /** A whole number; the same seed and shape give the same weights. Default: another each time. */
  seed?: number;
}

/**
 * An initializer that draws random numbers.
 *
 * @example
 * ```ts
 * // -1 or 1.
 * class Signs extends initializers.RandomInitializer {
 *   static override className = 'Signs';
 *   constructor(options: { seed?: number } = {}) {
 *     super(options, []);
 *   }
 *   protected override draw(shape: Shape): Tensor {
 *     return ops.sign(ops.randomUniform(shape, { minval: -1, maxval: 1 }));
 *   }
 * }
 * ops.abs(new Signs().make([2, 2])); // => [[1, 1], [1, 1]]
 * ```
 */
export abstract class RandomInitializer extends Initializer {
  static override className = 'RandomInitializer';
  /** The number that fixes what is drawn. */
  readonly seed: number | undefined;

  constructor(options: SeedOptions, known: readonly string[]) {
    super();
    checkOptions(this.className, options, [...known, 'seed']);
    this.seed =
      options.seed === undefined
        ? undefined
        : checkCount(`${this.className}: seed`, options.seed, 0);
  }

  override make(shape: Shape, dtype: DType = 'float32'): Tensor {
    if (dtype !== 'float32') {
      throw new LugeError(
        'BAD_DTYPE',
        `${this.className} makes float32 weights, but ${dtype} is wanted.`,
      );
    }
    return this.draw(shape);
  }

  protected abstract draw(shape: Shape): Tensor;

  override getConfig(): Config {
    return { seed: this.seed ?? null };
  }
}

export interface RandomUniformOptions extends SeedOptions {
  /** Default -0.05. */
  minval?: number;
  /** Default 0.05. */
  maxval?: number;
}

/**
 * Uniform in [minval, maxval).
 *
 * Source: Keras's RandomUniform.
 *
 * @example
 * ```ts
 * const w = initializers.randomUniform({ minval: -1, maxval: 1, seed: 1 }).make([100, 10]);
 * [ops.min(w), ops.max(w)].map((x) => Math.round(x.data[0] as number)); // => [-1, 1]
 * const layer = layers.dense({ units: 10, kernelInitializer: 'randomUniform' });
 * ```
 */
export class RandomUniform extends RandomInitializer {
  static override className = 'RandomUniform';
  /** The lowest number that is drawn. */
  readonly minval: number;
  /** The bound above, which is not drawn. */
  readonly maxval: number;

  constructor(options: RandomUniformOptions = {}) {
    super(options, ['minval', 'maxval']);
    this.minval = options.minval ?? -0.05;
    this.maxval = options.maxval ?? 0.05;
    if (!(this.minval <= this.maxval)) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `RandomUniform: minval must not be above maxval, but got ${this.minval} and ${this.maxval}.`,
      );
    }
  }

  protected override draw(shape: Shape): Tensor {
    const { minval, maxval, seed } = this;
    return randomUniform(shape, { minval, maxval, seed });
  }

  override getConfig(): Config {
    return { minval: this.minval, maxval: this.maxval, ...super.getConfig() };
  }
}

export interface RandomNormalOptions extends SeedOptions {
  /** Default 0. */
  mean?: number;
  /** Default 0.05. */
  stddev?: number;
}

/**
 * Normal.
 *
 * Source: Keras's RandomNormal.
 *
 * @example
 * ```ts
 * const w = initializers.randomNormal({ stddev: 0.1, seed: 1 }).make([784, 100]);
 * ops.variance(w); // => 0.0099
 * const kernelInitializer = initializers.randomNormal({ stddev: 1 });
 * const layer = layers.dense({ units: 100, kernelInitializer });
 * ```
 */
export class RandomNormal extends RandomInitializer {
  static override className = 'RandomNormal';
  /** The mean of the distribution. */
  readonly mean: number;
  /** Its standard deviation. */
  readonly stddev: number;

  constructor(options: RandomNormalOptions = {}) {
    super(options, ['mean', 'stddev']);
    this.mean = options.mean ?? 0;
    this.stddev = checkRange(`${this.className}: stddev`, options.stddev ?? 0.05, 0);
  }

  protected override draw(shape: Shape): Tensor {
    const { mean, stddev, seed } = this;
    return randomNormal(shape, { mean, stddev, seed });
  }

  override getConfig(): Config {
    return { mean: this.mean, stddev: this.stddev, ...super.getConfig() };
  }
}

/**
 * Normal, drawn again when more than two `stddev` from the mean.
 *
 * Source: Keras's TruncatedNormal.
 *
 * @example
 * ```ts
 * const w = initializers.truncatedNormal({ stddev: 0.1, seed: 1 }).make([784, 100]);
 * ops.less(ops.max(ops.abs(w)), 0.2001); // => 1
 * ```
 */
export class TruncatedNormal extends RandomNormal {
  static override className = 'TruncatedNormal';

  protected override draw(shape: Shape): Tensor {
    const { mean, stddev, seed } = this;
    return truncatedNormal(shape, { mean, stddev, seed });
  }
}
