import type { Value } from '../graph/ir.js';
import { type Conv2dOptions, conv2d } from '../ops/conv2d.js';
import { ConvLayer } from './conv_layer.js';
import { type ImageOptions, imageAxes, type Pair } from './image_options.js';
import type { KernelOptions } from './kernel_layer.js';

export interface Conv2DOptions extends KernelOptions, ImageOptions {
  /** Channels of the output. */
  filters: number;
  /** Rows and columns of the kernel. */
  kernelSize: Pair;
  /** Default 1. */
  strides?: Pair;
  /** Distance of neighbouring kernel elements. Default 1. */
  dilationRate?: Pair;
  /** Input and output channels are split in so many groups, each with filters of its own. Default 1. */
  groups?: number;
}

/**
 * activation(convolution of x with the kernel + bias), as in Keras without flipping the kernel.
 *
 * Input [batch, rows, columns, channels], output [batch, newRows, newColumns, filters]; weights
 * kernel [rows, columns, channels / groups, filters] and bias [filters]. With 'valid' padding
 * newRows = floor((rows - dilation * (kernelRows - 1) - 1) / stride) + 1, with 'same' ceil(rows / stride).
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.conv2d({
 *     filters: 20,
 *     kernelSize: 5,
 *     activation: 'relu',
 *     inputShape: [28, 28, 1],
 *   }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 24, 24, 20]
 * model.countParams(); // => 520
 * ```
 */
export class Conv2D extends ConvLayer {
  static override className = 'Conv2D';

  constructor(options: Conv2DOptions) {
    super(options, imageAxes, ['valid', 'same']);
  }

  protected override convolve(x: Value): Value {
    return conv2d(x, this.kernel, { ...this.window, padding: this.padding } as Conv2dOptions);
  }
}
