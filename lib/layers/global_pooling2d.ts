import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { max, mean } from '../ops/reduce.js';
import { checkInput } from './check_input.js';
import { checkDataFormat, type ImageOptions, imageAxes } from './image_options.js';
import { Layer, type LayerOptions } from './layer.js';

export interface GlobalPooling2DOptions extends LayerOptions, Pick<ImageOptions, 'dataFormat'> {
  /** Keep rows and columns as axes of size 1. Default false. */
  keepdims?: boolean;
}

/**
 * One number for each channel of an image. Input [batch, rows, columns, channels], output
 * [batch, channels], or [batch, 1, 1, channels] with `keepdims`.
 */
abstract class GlobalPooling2D extends Layer {
  private readonly keepdims: boolean;

  constructor(options: GlobalPooling2DOptions = {}) {
    super(options, ['keepdims', 'dataFormat']);
    this.keepdims = options.keepdims ?? false;
    this.named(() => checkDataFormat(options.dataFormat));
  }

  protected abstract pool(x: Value, keepDims: boolean): Value;

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: imageAxes, rank: 4 });
    return this.pool(x, this.keepdims);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), keepdims: this.keepdims, data_format: 'channels_last' };
  }
}

/**
 * The mean of each channel.
 *
 * @example
 * ```ts
 * const model = sequential([layers.globalAveragePooling2d({ inputShape: [2, 2, 1] })]);
 * await model.predict(tensor([1, 2, 3, 4], [1, 2, 2, 1])); // => [[2.5]]
 * ```
 */
export class GlobalAveragePooling2D extends GlobalPooling2D {
  static override className = 'GlobalAveragePooling2D';

  protected override pool(x: Value, keepDims: boolean): Value {
    return mean(x, [1, 2], keepDims);
  }
}

/**
 * The largest number of each channel.
 *
 * @example
 * ```ts
 * const model = sequential([layers.globalMaxPooling2d({ inputShape: [2, 2, 1] })]);
 * await model.predict(tensor([1, 2, 3, 4], [1, 2, 2, 1])); // => [[4]]
 * ```
 */
export class GlobalMaxPooling2D extends GlobalPooling2D {
  static override className = 'GlobalMaxPooling2D';

  protected override pool(x: Value, keepDims: boolean): Value {
    return max(x, [1, 2], keepDims);
  }
}
