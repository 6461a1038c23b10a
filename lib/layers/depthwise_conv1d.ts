import type { PartialShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { depthwiseConv2d } from '../ops/depthwise_conv2d.js';
import { DepthwiseLayer, type DepthwiseOptions, type DepthwiseWindow } from './depthwise_layer.js';
import { sequenceAxes } from './image_options.js';
import { fromRow, rowKernel, rowWindow, toRow } from './one_row.js';

export interface DepthwiseConv1DOptions extends DepthwiseOptions {
  /** Steps of the kernels. */
  kernelSize: number;
  /** Default 1. */
  strides?: number;
  /** Distance of neighbouring kernel elements. Default 1. */
  dilationRate?: number;
}

/**
 * activation(convolution of each channel of a sequence alone + bias), as in Keras.
 *
 * Input [batch, time, channels], output [batch, newTime, channels * depthMultiplier], where channel
 * c's results are c * depthMultiplier and those that follow; weights kernel [steps, channels,
 * depthMultiplier] and bias [channels * depthMultiplier].
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.depthwiseConv1d({ kernelSize: 3, depthMultiplier: 2, inputShape: [28, 3] }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 26, 6]
 * model.countParams(); // => 24
 * ```
 */
export class DepthwiseConv1D extends DepthwiseLayer {
  static override className = 'DepthwiseConv1D';

  constructor(options: DepthwiseConv1DOptions) {
    super(options, sequenceAxes);
  }

  override build(inputShape: PartialShape): void {
    this.addBias(this.addDepthwise('kernel', inputShape));
  }

  protected override convolve(x: Value, window: DepthwiseWindow): Value {
    return fromRow(depthwiseConv2d(toRow(x), rowKernel(this.depthwise), rowWindow(window)));
  }
}
