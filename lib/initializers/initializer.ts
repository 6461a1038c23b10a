import { type DType, newArray } from '../core/dtype.js';
import { type Config, classNameOf, optionsFromConfig } from '../core/registry.js';
import { type Shape, sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';

/**
 * How a weight starts.
 *
 * @example
 * ```ts
 * class Diagonal extends initializers.Initializer {
 *   static override className = 'Diagonal';
 *   override make(shape: Shape): Tensor {
 *     const [rows = 1, columns = 1] = shape;
 *     return ops.oneHot([...Array(rows).keys()], columns);
 *   }
 * }
 * new Diagonal().make([2, 2]); // => [[1, 0], [0, 1]]
 * ```
 */
export abstract class Initializer {
  /** The class's name in configurations. */
  static className = 'Initializer';

  get className(): string {
    return classNameOf(this.constructor);
  }

  /** A new tensor; without a seed, another one each time. */
  abstract make(shape: Shape, dtype?: DType): Tensor;

  /** The settings with Keras's names, from which `fromConfig` makes an equal initializer. */
  getConfig(): Config {
    return {};
  }

  /** An initializer from its settings; unknown ones are an error. */
  static fromConfig<I extends Initializer>(this: new (options: never) => I, config: Config): I {
    return new this(optionsFromConfig(config) as never);
  }
}

/** A tensor with the same number everywhere. */
export function filled(value: number, shape: Shape, dtype: DType): Tensor {
  return new Tensor(newArray(dtype, sizeOf(shape)).fill(value), shape);
}
