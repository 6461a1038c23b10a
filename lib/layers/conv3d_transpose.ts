import type { Value } from '../graph/ir.js';
import { type Conv3dTransposeOptions, conv3dTranspose } from '../ops/conv3d_transpose.js';
import { ConvTransposeLayer, type TransposeWindow } from './conv_transpose_layer.js';
import { type ImageOptions, type Triple, volumeAxes } from './image_options.js';
import type { KernelOptions } from './kernel_layer.js';

export interface Conv3DTransposeOptions extends KernelOptions, ImageOptions {
  /** Channels of the output. */
  filters: number;
  /** Depth, rows and columns of the kernel. */
  kernelSize: Triple;
  /** How many times as many slices, rows and columns, about. Default 1. */
  strides?: Triple;
  /** What is added behind, below and on the right, less than the strides. Default: as for `padding`. */
  outputPadding?: Triple;
  /** Distance of neighbouring kernel elements. Default 1. */
  dilationRate?: Triple;
}

/**
 * activation(transposed convolution of x with the kernel + bias): a convolution's gradient by its
 * input, which makes volumes larger (Zeiler et al. 2010).
 *
 * Input [batch, depth, rows, columns, channels], output [batch, newDepth, newRows, newColumns,
 * filters]; weights kernel [depth, rows, columns, filters, channels] and bias [filters]. Sizes are as in
 * `Conv2DTranspose`, axis by axis.
 */
export class Conv3DTranspose extends ConvTransposeLayer {
  static override className = 'Conv3DTranspose';

  constructor(options: Conv3DTransposeOptions) {
    super(options, volumeAxes);
  }

  protected override convolve(x: Value, window: TransposeWindow): Value {
    return conv3dTranspose(x, this.kernel, window as Conv3dTransposeOptions);
  }
}
