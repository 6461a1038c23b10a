import type { Value } from '../graph/ir.js';
import { type DepthwiseConv2dOptions, separableConv2d } from '../ops/depthwise_conv2d.js';
import type { DepthwiseConv2DOptions } from './depthwise_conv2d.js';
import { type DepthwiseWindow, type PointwiseOptions, SeparableLayer } from './depthwise_layer.js';
import { imageAxes } from './image_options.js';

export interface SeparableConv2DOptions extends DepthwiseConv2DOptions, PointwiseOptions {}

/**
 * activation(a convolution of each channel alone, its results mixed by one of 1 x 1, + bias), as in
 * Keras (Chollet, 2017).
 *
 * Input [batch, rows, columns, channels], output [batch, newRows, newColumns, filters]; weights
 * depthwise_kernel [rows, columns, channels, depthMultiplier], pointwise_kernel [1, 1, channels *
 * depthMultiplier, filters] and bias [filters].
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.separableConv2d({ filters: 16, kernelSize: 3, inputShape: [28, 28, 3] }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 26, 26, 16]
 * model.countParams(); // => 91
 * ```
 */
export class SeparableConv2D extends SeparableLayer {
  static override className = 'SeparableConv2D';

  constructor(options: SeparableConv2DOptions) {
    super(options, imageAxes);
  }

  protected override convolve(x: Value, window: DepthwiseWindow): Value {
    return separableConv2d(x, this.depthwise, this.pointwise, window as DepthwiseConv2dOptions);
  }
}
