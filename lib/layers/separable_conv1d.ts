import type { Value } from '../graph/ir.js';
import { separableConv2d } from '../ops/depthwise_conv2d.js';
import type { DepthwiseConv1DOptions } from './depthwise_conv1d.js';
import { type DepthwiseWindow, type PointwiseOptions, SeparableLayer } from './depthwise_layer.js';
import { sequenceAxes } from './image_options.js';
import { fromRow, rowKernel, rowWindow, toRow } from './one_row.js';

export interface SeparableConv1DOptions extends DepthwiseConv1DOptions, PointwiseOptions {}

/**
 * activation(a convolution of each channel of a sequence alone, its results mixed step by step, +
 * bias), as in Keras (Chollet, 2017).
 *
 * Input [batch, time, channels], output [batch, newTime, filters]; weights depthwise_kernel [steps,
 * channels, depthMultiplier], pointwise_kernel [1, channels * depthMultiplier, filters] and bias
 * [filters].
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.separableConv1d({ filters: 16, kernelSize: 3, inputShape: [28, 3] }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 26, 16]
 * model.countParams(); // => 73
 * ```
 */
export class SeparableConv1D extends SeparableLayer {
  static override className = 'SeparableConv1D';

  constructor(options: SeparableConv1DOptions) {
    super(options, sequenceAxes);
  }

  protected override convolve(x: Value, window: DepthwiseWindow): Value {
    const [depthwise, pointwise] = [rowKernel(this.depthwise), rowKernel(this.pointwise)];
    return fromRow(separableConv2d(toRow(x), depthwise, pointwise, rowWindow(window)));
  }
}
