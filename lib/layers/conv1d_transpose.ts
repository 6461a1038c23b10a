import type { Value } from '../graph/ir.js';
import { conv2dTranspose } from '../ops/conv2d_transpose.js';
import { ConvTransposeLayer, type TransposeWindow } from './conv_transpose_layer.js';
import { type ImageOptions, sequenceAxes } from './image_options.js';
import type { KernelOptions } from './kernel_layer.js';
import { alongRow, fromRow, rowKernel, rowWindow, toRow } from './one_row.js';

export interface Conv1DTransposeOptions extends KernelOptions, ImageOptions {
  /** Channels of the output. */
  filters: number;
  /** Steps of the kernel. */
  kernelSize: number;
  /** How many times as many steps, about. Default 1. */
  strides?: number;
  /** Steps added at the end, less than the strides. Default: as for `padding`. */
  outputPadding?: number;
  /** Distance of neighbouring kernel elements. Default 1. */
  dilationRate?: number;
}

/**
 * activation(transposed convolution of a sequence with the kernel + bias): a convolution's gradient
 * by its input, which makes sequences longer (Zeiler et al. 2010).
 *
 * Input [batch, time, channels], output [batch, newTime, filters]; weights kernel [steps, filters,
 * channels] and bias [filters]. Sizes are as in `Conv2DTranspose`.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.conv1dTranspose({
 *     filters: 8,
 *     kernelSize: 3,
 *     strides: 2,
 *     padding: 'same',
 *     inputShape: [7, 16],
 *   }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 14, 8]
 * ```
 */
export class Conv1DTranspose extends ConvTransposeLayer {
  static override className = 'Conv1DTranspose';

  constructor(options: Conv1DTransposeOptions) {
    super(options, sequenceAxes);
  }

  protected override convolve(x: Value, window: TransposeWindow): Value {
    const { outputPadding } = window;
    const options = {
      ...rowWindow(window),
      ...(outputPadding && { outputPadding: alongRow(outputPadding, 0) }),
    };
    return fromRow(conv2dTranspose(toRow(x), rowKernel(this.kernel), options));
  }
}
