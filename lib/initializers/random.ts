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

/** An initializer that draws random numbers. */
export abstract class RandomInitializer extends Initializer {
  static override className = 'RandomInitializer';
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

/** Uniform in [minval, maxval). */
export class RandomUniform extends RandomInitializer {
  static override className = 'RandomUniform';
  readonly minval: number;
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

/** Normal. */
export class RandomNormal extends RandomInitializer {
  static override className = 'RandomNormal';
  readonly mean: number;
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

/** Normal, drawn again when more than two `stddev` from the mean. */
export class TruncatedNormal extends RandomNormal {
  static override className = 'TruncatedNormal';

  protected override draw(shape: Shape): Tensor {
    const { mean, stddev, seed } = this;
    return truncatedNormal(shape, { mean, stddev, seed });
  }
}
