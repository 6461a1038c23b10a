import type { Value } from '../graph/ir.js';
import { type Conv2dTransposeOptions, conv2dTranspose } from '../ops/conv2d_transpose.js';
import { ConvTransposeLayer, type TransposeWindow } from './conv_transpose_layer.js';
import { type ImageOptions, imageAxes, type Pair } from './image_options.js';
import type { KernelOptions } from './kernel_layer.js';

export interface Conv2DTransposeOptions extends KernelOptions, ImageOptions {
  /** Channels of the output. */
  filters: number;
  /** Rows and columns of the kernel. */
  kernelSize: Pair;
  /** How many times as many rows and columns, about. Default 1. */
  strides?: Pair;
  /** Rows and columns added below and on the right, less than the strides. Default: as for `padding`. */
  outputPadding?: Pair;
  /** Distance of neighbouring kernel elements. Default 1. */
  dilationRate?: Pair;
}

/**
 * activation(transposed convolution of x with the kernel + bias): a convolution's gradient by its
 * input, which makes images larger (Zeiler et al. 2010).
 *
 * Input [batch, rows, columns, channels], output [batch, newRows, newColumns, filters]; weights
 * kernel [rows, columns, filters, channels] and bias [filters]. With 'valid' padding newRows =
 * rows * stride + max(dilation * (kernelRows - 1) + 1 - stride, 0), with 'same' rows * stride. With
 * `outputPadding` newRows = (rows - 1) * stride + reach - 2 * pad + outputPadding, where reach =
 * dilation * (kernelRows - 1) + 1 and pad = floor(reach / 2) for 'same', else 0.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.conv2dTranspose({
 *     filters: 8,
 *     kernelSize: 3,
 *     strides: 2,
 *     padding: 'same',
 *     inputShape: [7, 7, 16],
 *   }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 14, 14, 8]
 * ```
 */
export class Conv2DTranspose extends ConvTransposeLayer {
  static override className = 'Conv2DTranspose';

  constructor(options: Conv2DTransposeOptions) {
    super(options, imageAxes);
  }

  protected override convolve(x: Value, window: TransposeWindow): Value {
    return conv2dTranspose(x, this.kernel, window as Conv2dTransposeOptions);
  }
}
