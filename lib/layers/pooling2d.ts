import type { Value } from '../graph/ir.js';
import { averagePool2d, l2Pool2d, maxPool2d, type Pool2dOptions } from '../ops/pool2d.js';
import { type ImageOptions, imageAxes, type Pair } from './image_options.js';
import type { LayerOptions } from './layer.js';
import { PoolingLayer, type PoolingWindow } from './pooling_layer.js';

export interface Pooling2DOptions extends LayerOptions, ImageOptions {
  /** Rows and columns of the window. Default 2. */
  poolSize?: Pair;
  /** Default: the window's size. */
  strides?: Pair;
}

/** Input [batch, rows, columns, channels], output [batch, newRows, newColumns, channels]. */
abstract class Pooling2D extends PoolingLayer {
  constructor(options: Pooling2DOptions = {}) {
    super(options, imageAxes);
  }
}

/**
 * The largest number of each window of each channel. Input [batch, rows, columns, channels],
 * output [batch, newRows, newColumns, channels]. Padding never counts.
 *
 * Source: Keras's MaxPooling2D.
 *
 * @example
 * ```ts
 * const model = sequential([layers.maxPooling2d({ poolSize: 2, inputShape: [2, 2, 1] })]);
 * await model.predict(tensor([1, 2, 3, 4], [1, 2, 2, 1])); // => [[[[4]]]]
 * ```
 */
export class MaxPooling2D extends Pooling2D {
  static override className = 'MaxPooling2D';

  protected override pool(x: Value, window: PoolingWindow): Value {
    return maxPool2d(x, window as Pool2dOptions);
  }
}

/**
 * The mean of each window of each channel. Input [batch, rows, columns, channels], output
 * [batch, newRows, newColumns, channels]. Padding never counts.
 *
 * Source: Keras's AveragePooling2D.
 *
 * @example
 * ```ts
 * const model = sequential([layers.averagePooling2d({ poolSize: 2, inputShape: [2, 2, 1] })]);
 * await model.predict(tensor([1, 2, 3, 4], [1, 2, 2, 1])); // => [[[[2.5]]]]
 * ```
 */
export class AveragePooling2D extends Pooling2D {
  static override className = 'AveragePooling2D';

  protected override pool(x: Value, window: PoolingWindow): Value {
    return averagePool2d(x, window as Pool2dOptions);
  }
}

/**
 * sqrt(mean(x^2)) of each window of each channel, with a gradient of 0 where all are 0. Input
 * [batch, rows, columns, channels], output [batch, newRows, newColumns, channels]. Padding never
 * counts.
 *
 * Source: Nielsen, Neural Networks and Deep Learning, chapter 6.
 *
 * @example
 * ```ts
 * const model = sequential([layers.l2Pooling2d({ poolSize: 2, inputShape: [2, 2, 1] })]);
 * await model.predict(tensor([1, 7, 1, 7], [1, 2, 2, 1])); // => [[[[5]]]]
 * ```
 */
export class L2Pooling2D extends Pooling2D {
  static override className = 'L2Pooling2D';

  protected override pool(x: Value, window: PoolingWindow): Value {
    return l2Pool2d(x, window as Pool2dOptions);
  }
}
