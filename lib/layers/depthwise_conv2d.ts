import type { PartialShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { type DepthwiseConv2dOptions, depthwiseConv2d } from '../ops/depthwise_conv2d.js';
import { DepthwiseLayer, type DepthwiseOptions, type DepthwiseWindow } from './depthwise_layer.js';
import { imageAxes, type Pair } from './image_options.js';

export interface DepthwiseConv2DOptions extends DepthwiseOptions {
  /** Rows and columns of the kernels. */
  kernelSize: Pair;
  /** Default 1. */
  strides?: Pair;
  /** Distance of neighbouring kernel elements. Default 1. */
  dilationRate?: Pair;
}

/**
 * activation(convolution of each channel alone + bias), as in Keras.
 *
 * Input [batch, rows, columns, channels], output [batch, newRows, newColumns, channels *
 * depthMultiplier], where channel c's results are c * depthMultiplier and those that follow; weights
 * kernel [rows, columns, channels, depthMultiplier] and bias [channels * depthMultiplier].
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, inputShape: [28, 28, 3] }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 26, 26, 6]
 * model.countParams(); // => 60
 * ```
 */
export class DepthwiseConv2D extends DepthwiseLayer {
  static override className = 'DepthwiseConv2D';

  constructor(options: DepthwiseConv2DOptions) {
    super(options, imageAxes);
  }

  override build(inputShape: PartialShape): void {
    this.addBias(this.addDepthwise('kernel', inputShape));
  }

  protected override convolve(x: Value, window: DepthwiseWindow): Value {
    return depthwiseConv2d(x, this.depthwise, window as DepthwiseConv2dOptions);
  }
}
