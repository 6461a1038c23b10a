import type { Value } from '../graph/ir.js';
import { max, mean } from '../ops/reduce.js';
import { imageAxes } from './image_options.js';
import { GlobalPoolingLayer, type GlobalPoolingOptions } from './pooling_layer.js';

export type GlobalPooling2DOptions = GlobalPoolingOptions;

/**
 * Input [batch, rows, columns, channels], output [batch, channels], or [batch, 1, 1, channels] with
 * `keepdims`.
 */
abstract class GlobalPooling2D extends GlobalPoolingLayer {
  constructor(options: GlobalPooling2DOptions = {}) {
    super(options, imageAxes);
  }
}

/**
 * The mean of each channel of an image (Lin et al. 2013). Input [batch, rows, columns, channels],
 * output [batch, channels], or [batch, 1, 1, channels] with `keepdims`.
 *
 * @example
 * ```ts
 * const model = sequential([layers.globalAveragePooling2d({ inputShape: [2, 2, 1] })]);
 * await model.predict(tensor([1, 2, 3, 4], [1, 2, 2, 1])); // => [[2.5]]
 * ```
 */
export class GlobalAveragePooling2D extends GlobalPooling2D {
  static override className = 'GlobalAveragePooling2D';

  protected override pool(x: Value, axes: readonly number[], keepDims: boolean): Value {
    return mean(x, axes, keepDims);
  }
}

/**
 * The largest number of each channel of an image. Input [batch, rows, columns, channels], output
 * [batch, channels], or [batch, 1, 1, channels] with `keepdims`.
 *
 * Source: Keras's GlobalMaxPooling2D.
 *
 * @example
 * ```ts
 * const model = sequential([layers.globalMaxPooling2d({ inputShape: [2, 2, 1] })]);
 * await model.predict(tensor([1, 2, 3, 4], [1, 2, 2, 1])); // => [[4]]
 * ```
 */
export class GlobalMaxPooling2D extends GlobalPooling2D {
  static override className = 'GlobalMaxPooling2D';

  protected override pool(x: Value, axes: readonly number[], keepDims: boolean): Value {
    return max(x, axes, keepDims);
  }
}
