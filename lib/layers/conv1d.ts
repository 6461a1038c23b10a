import type { Value } from '../graph/ir.js';
import { conv2d } from '../ops/conv2d.js';
import type { Padding } from '../ops/window.js';
import { ConvLayer } from './conv_layer.js';
import { type ImageOptions, sequenceAxes } from './image_options.js';
import type { KernelOptions } from './kernel_layer.js';
import { fromRow, rowKernel, rowWindow, toRow } from './one_row.js';

export interface Conv1DOptions extends KernelOptions, Pick<ImageOptions, 'dataFormat'> {
  /** Channels of the output. */
  filters: number;
  /** Steps of the kernel. */
  kernelSize: number;
  /** Default 1. */
  strides?: number;
  /**
   * 'valid' (default): the kernel stays inside the sequence; 'same': it is padded evenly, so that with
   * stride 1 the output is as long as the input; 'causal': it is padded in front, so that no output
   * depends on later steps (van den Oord et al. 2016).
   */
  padding?: 'valid' | 'same' | 'causal';
  /** Distance of neighbouring kernel elements. Default 1. */
  dilationRate?: number;
  /** Input and output channels are split in so many groups, each with filters of its own. Default 1. */
  groups?: number;
}

/**
 * activation(convolution of a sequence with the kernel + bias), as in Keras without flipping the
 * kernel.
 *
 * Input [batch, time, channels], output [batch, newTime, filters]; weights kernel [steps, channels /
 * groups, filters] and bias [filters]. With 'valid' padding newTime = floor((time - dilation *
 * (steps - 1) - 1) / stride) + 1, otherwise ceil(time / stride).
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.conv1d({ filters: 8, kernelSize: 3, padding: 'causal', inputShape: [9, 20] }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 9, 8]
 * model.countParams(); // => 488
 * ```
 */
export class Conv1D extends ConvLayer {
  static override className = 'Conv1D';

  constructor(options: Conv1DOptions) {
    super(options, sequenceAxes, ['valid', 'same', 'causal']);
  }

  protected override convolve(x: Value): Value {
    const { groups, ...window } = this.window;
    const options = { ...rowWindow({ ...window, padding: this.sides }), groups };
    return fromRow(conv2d(toRow(x), rowKernel(this.kernel), options));
  }

  private get sides(): Padding {
    if (this.padding !== 'causal') return this.padding as 'valid' | 'same';
    const before = ((this.kernelSize[0] as number) - 1) * (this.window.dilationRate[0] as number);
    return [
      [0, 0],
      [before, 0],
    ];
  }
}

/** Keras writes lists of one number for sequences. */
export function single(value: number | readonly number[]): number {
  return Array.isArray(value) && value.length === 1 ? (value[0] as number) : (value as number);
}
