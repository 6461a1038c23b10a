import type { DType } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { filled, Initializer } from './initializer.js';

/**
 * 0 everywhere.
 *
 * Source: Keras's Zeros.
 *
 * @example
 * ```ts
 * initializers.zeros().make([2, 2]); // => [[0, 0], [0, 0]]
 * ```
 */
export class Zeros extends Initializer {
  static override className = 'Zeros';

  constructor(options: Record<string, never> = {}) {
    super();
    checkOptions(this.className, options, []);
  }

  override make(shape: Shape, dtype: DType = 'float32'): Tensor {
    return filled(0, shape, dtype);
  }
}

/**
 * 1 everywhere.
 *
 * Source: Keras's Ones.
 *
 * @example
 * ```ts
 * initializers.ones().make([2, 2]); // => [[1, 1], [1, 1]]
 * ```
 */
export class Ones extends Initializer {
  static override className = 'Ones';

  constructor(options: Record<string, never> = {}) {
    super();
    checkOptions(this.className, options, []);
  }

  override make(shape: Shape, dtype: DType = 'float32'): Tensor {
    return filled(1, shape, dtype);
  }
}

export interface ConstantOptions {
  /** Default 0. */
  value?: number;
}

/**
 * One number everywhere.
 *
 * Source: Keras's Constant.
 *
 * @example
 * ```ts
 * initializers.constant({ value: 0.1 }).make([2, 2]); // => [[0.1, 0.1], [0.1, 0.1]]
 * ```
 */
export class Constant extends Initializer {
  static override className = 'Constant';
  /** What every weight starts with. */
  readonly value: number;

  constructor(options: ConstantOptions = {}) {
    super();
    checkOptions(this.className, options, ['value']);
    this.value = options.value ?? 0;
    if (typeof this.value !== 'number') {
      throw new LugeError(
        'BAD_ARGUMENT',
        `Constant: value must be a number, but got ${this.value}.`,
      );
    }
  }

  override make(shape: Shape, dtype: DType = 'float32'): Tensor {
    return filled(this.value, shape, dtype);
  }

  override getConfig(): Config {
    return { value: this.value };
  }
}
