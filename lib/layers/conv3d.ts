import type { Value } from '../graph/ir.js';
import { type Conv3dOptions, conv3d } from '../ops/conv3d.js';
import { ConvLayer } from './conv_layer.js';
import { type ImageOptions, type Triple, volumeAxes } from './image_options.js';
import type { KernelOptions } from './kernel_layer.js';

export interface Conv3DOptions extends KernelOptions, ImageOptions {
  /** Channels of the output. */
  filters: number;
  /** Depth, rows and columns of the kernel. */
  kernelSize: Triple;
  /** Default 1. */
  strides?: Triple;
  /** Distance of neighbouring kernel elements. Default 1. */
  dilationRate?: Triple;
  /** Input and output channels are split in so many groups, each with filters of its own. Default 1. */
  groups?: number;
}

/**
 * activation(convolution of x with the kernel + bias), as in Keras without flipping the kernel.
 *
 * Input [batch, depth, rows, columns, channels], output [batch, newDepth, newRows, newColumns,
 * filters]; weights kernel [depth, rows, columns, channels / groups, filters] and bias [filters].
 * Sizes are as in `Conv2D`, axis by axis.
 */
export class Conv3D extends ConvLayer {
  static override className = 'Conv3D';

  constructor(options: Conv3DOptions) {
    super(options, volumeAxes, ['valid', 'same']);
  }

  protected override convolve(x: Value): Value {
    return conv3d(x, this.kernel, { ...this.window, padding: this.padding } as Conv3dOptions);
  }
}
