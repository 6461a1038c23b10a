import { checkPair } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { averagePool2d, l2Pool2d, maxPool2d, type Pool2dOptions } from '../ops/pool2d.js';
import { checkInput } from './check_input.js';
import {
  checkDataFormat,
  checkPadding,
  type ImageOptions,
  imageAxes,
  type Pair,
} from './image_options.js';
import { Layer, type LayerOptions } from './layer.js';

export interface Pooling2DOptions extends LayerOptions, ImageOptions {
  /** Rows and columns of the window. Default 2. */
  poolSize?: Pair;
  /** Default: the window's size. */
  strides?: Pair;
}

/**
 * One number for each window of each channel. Input [batch, rows, columns, channels], output
 * [batch, newRows, newColumns, channels]. Padding never counts.
 */
abstract class Pooling2D extends Layer {
  private readonly window: {
    poolSize: [number, number];
    strides: [number, number];
    padding: 'valid' | 'same';
  };

  constructor(options: Pooling2DOptions = {}) {
    super(options, ['poolSize', 'strides', 'padding', 'dataFormat']);
    this.window = this.named(() => {
      const poolSize = checkPair('poolSize', options.poolSize ?? 2);
      return {
        poolSize,
        strides: checkPair('strides', options.strides ?? poolSize),
        padding: checkPadding(options.padding),
      };
    });
    this.named(() => checkDataFormat(options.dataFormat));
  }

  protected abstract pool(x: Value, options: Pool2dOptions): Value;

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: imageAxes, rank: 4 });
    return this.pool(x, this.window);
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      pool_size: this.window.poolSize,
      strides: this.window.strides,
      padding: this.window.padding,
      data_format: 'channels_last',
    };
  }
}

/**
 * The largest number of each window.
 *
 * @example
 * ```ts
 * const model = sequential([layers.maxPooling2d({ poolSize: 2, inputShape: [2, 2, 1] })]);
 * await model.predict(tensor([1, 2, 3, 4], [1, 2, 2, 1])); // => [[[[4]]]]
 * ```
 */
export class MaxPooling2D extends Pooling2D {
  static override className = 'MaxPooling2D';

  protected override pool(x: Value, options: Pool2dOptions): Value {
    return maxPool2d(x, options);
  }
}

/**
 * The mean of each window.
 *
 * @example
 * ```ts
 * const model = sequential([layers.averagePooling2d({ poolSize: 2, inputShape: [2, 2, 1] })]);
 * await model.predict(tensor([1, 2, 3, 4], [1, 2, 2, 1])); // => [[[[2.5]]]]
 * ```
 */
export class AveragePooling2D extends Pooling2D {
  static override className = 'AveragePooling2D';

  protected override pool(x: Value, options: Pool2dOptions): Value {
    return averagePool2d(x, options);
  }
}

/**
 * sqrt(mean(x^2)) of each window.
 *
 * @example
 * ```ts
 * const model = sequential([layers.l2Pooling2d({ poolSize: 2, inputShape: [2, 2, 1] })]);
 * await model.predict(tensor([1, 7, 1, 7], [1, 2, 2, 1])); // => [[[[5]]]]
 * ```
 */
export class L2Pooling2D extends Pooling2D {
  static override className = 'L2Pooling2D';

  protected override pool(x: Value, options: Pool2dOptions): Value {
    return l2Pool2d(x, options);
  }
}
