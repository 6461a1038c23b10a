import { type DType, newArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import type { Config } from '../core/registry.js';
import { type Shape, showShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { Initializer } from './initializer.js';

export interface IdentityOptions {
  /** What stands on the diagonal. Default 1. */
  gain?: number;
}

/** A matrix [rows, columns] with `gain` on its diagonal and 0 elsewhere. */
export class Identity extends Initializer {
  static override className = 'Identity';
  /** What stands on the diagonal. */
  readonly gain: number;

  constructor(options: IdentityOptions = {}) {
    super();
    checkOptions(this.className, options, ['gain']);
    this.gain = options.gain ?? 1;
    if (Number.isFinite(this.gain)) return;
    throw new LugeError(
      'BAD_ARGUMENT',
      `Identity: gain must be a finite number, but got ${this.gain}.`,
    );
  }

  override make(shape: Shape, dtype: DType = 'float32'): Tensor {
    if (shape.length !== 2) {
      throw new LugeError(
        'BAD_SHAPE',
        `Identity makes weights of two axes, but ${showShape(shape)} is wanted.`,
      );
    }
    const [rows, columns] = shape as [number, number];
    const data = newArray(dtype, rows * columns);
    for (let i = 0; i < Math.min(rows, columns); i++) data[i * columns + i] = this.gain;
    return new Tensor(data, shape);
  }

  override getConfig(): Config {
    return { gain: this.gain };
  }
}
