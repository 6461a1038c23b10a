import { checkCount } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { divide } from '../ops/binary.js';
import { averagePool2d, maxPool2d, type Pool2dOptions } from '../ops/pool2d.js';
import { max, mean, sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { where } from '../ops/where.js';
import { checkInput } from './check_input.js';
import { single } from './conv1d.js';
import { checkDataFormat, checkPadding, type ImageOptions, sequenceAxes } from './image_options.js';
import { Layer, type LayerOptions } from './layer.js';
import { spreadMask } from './masks.js';

export interface Pooling1DOptions extends LayerOptions, ImageOptions {
  /** Steps of the window. Default 2. */
  poolSize?: number;
  /** Default: the window's size. */
  strides?: number;
}

/**
 * One number for each window of each channel. Input [batch, time, channels], output
 * [batch, newTime, channels]. Padding never counts.
 */
abstract class Pooling1D extends Layer {
  private readonly poolSize: number;
  private readonly strides: number;
  private readonly padding: 'valid' | 'same';

  constructor(options: Pooling1DOptions = {}) {
    super(options, ['poolSize', 'strides', 'padding', 'dataFormat']);
    this.poolSize = this.named(() => checkCount('poolSize', single(options.poolSize ?? 2)));
    this.strides = this.named(() =>
      checkCount('strides', single(options.strides ?? this.poolSize)),
    );
    this.padding = this.named(() => checkPadding(options.padding));
    this.named(() => checkDataFormat(options.dataFormat));
  }

  protected abstract pool(x: Value, options: Pool2dOptions): Value;

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: sequenceAxes, rank: 3 });
    const [batch, time, channels] = x.shape as [number, number, number];
    const y = this.pool(reshape(x, [batch, time, 1, channels]), {
      poolSize: [this.poolSize, 1],
      strides: [this.strides, 1],
      padding: this.padding,
    });
    return reshape(y, [batch, y.shape[1] as number, channels]);
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      pool_size: [this.poolSize],
      strides: [this.strides],
      padding: this.padding,
      data_format: 'channels_last',
    };
  }
}

/**
 * The largest number of each window of each channel. Input [batch, time, channels], output
 * [batch, newTime, channels]. Padding never counts.
 *
 * Source: Keras's MaxPooling1D.
 *
 * @example
 * ```ts
 * const model = sequential([layers.maxPooling1d({ poolSize: 2, inputShape: [4, 1] })]);
 * await model.predict([[[1], [3], [2], [0]]]); // => [[[3], [2]]]
 * ```
 */
export class MaxPooling1D extends Pooling1D {
  static override className = 'MaxPooling1D';

  protected override pool(x: Value, options: Pool2dOptions): Value {
    return maxPool2d(x, options);
  }
}

/**
 * The mean of each window of each channel. Input [batch, time, channels], output
 * [batch, newTime, channels]. Padding never counts.
 *
 * Source: Keras's AveragePooling1D.
 *
 * @example
 * ```ts
 * const model = sequential([layers.averagePooling1d({ poolSize: 2, inputShape: [4, 1] })]);
 * await model.predict([[[1], [3], [2], [0]]]); // => [[[2], [1]]]
 * ```
 */
export class AveragePooling1D extends Pooling1D {
  static override className = 'AveragePooling1D';

  protected override pool(x: Value, options: Pool2dOptions): Value {
    return averagePool2d(x, options);
  }
}

export interface GlobalPooling1DOptions extends LayerOptions, Pick<ImageOptions, 'dataFormat'> {
  /** Keep the steps as an axis of size 1. Default false. */
  keepdims?: boolean;
}

/**
 * One number for each channel of a sequence. Input [batch, time, channels], output
 * [batch, channels], or [batch, 1, channels] with `keepdims`.
 */
abstract class GlobalPooling1D extends Layer {
  private readonly keepdims: boolean;

  constructor(options: GlobalPooling1DOptions = {}) {
    super(options, ['keepdims', 'dataFormat']);
    this.keepdims = this.flag('keepdims', options.keepdims, false);
    this.named(() => checkDataFormat(options.dataFormat));
  }

  protected abstract pool(x: Value, keepDims: boolean): Value;

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: sequenceAxes, rank: 3 });
    return this.pool(x, this.keepdims);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), keepdims: this.keepdims, data_format: 'channels_last' };
  }
}

/**
 * The mean of each channel of a sequence. Input [batch, time, channels], output [batch, channels],
 * or [batch, 1, channels] with `keepdims`. Over the
 * steps that the input's mask lets count.
 *
 * Source: Keras's GlobalAveragePooling1D.
 *
 * @example
 * ```ts
 * const model = sequential([layers.globalAveragePooling1d({ inputShape: [4, 1] })]);
 * await model.predict([[[1], [3], [2], [0]]]); // => [[1.5]]
 * ```
 */
export class GlobalAveragePooling1D extends GlobalPooling1D {
  static override className = 'GlobalAveragePooling1D';
  override readonly callOptions = ['mask'];

  protected override pool(x: Value, keepDims: boolean): Value {
    if (x.mask === undefined) return mean(x, 1, keepDims);
    const mask = spreadMask(x.mask, 3);
    return divide(sum(where(mask, x, 0), 1, keepDims), sum(mask, 1, keepDims));
  }

  override computeMask(): undefined {
    return undefined;
  }
}

/**
 * The largest number of each channel of a sequence. Input [batch, time, channels], output
 * [batch, channels], or [batch, 1, channels] with `keepdims`.
 *
 * Source: Keras's GlobalMaxPooling1D.
 *
 * @example
 * ```ts
 * const model = sequential([layers.globalMaxPooling1d({ inputShape: [4, 1] })]);
 * await model.predict([[[1], [3], [2], [0]]]); // => [[3]]
 * ```
 */
export class GlobalMaxPooling1D extends GlobalPooling1D {
  static override className = 'GlobalMaxPooling1D';

  protected override pool(x: Value, keepDims: boolean): Value {
    return max(x, 1, keepDims);
  }
}
