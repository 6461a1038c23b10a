import { checkChoice, checkCount } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { conv2d } from '../ops/conv2d.js';
import { reshape } from '../ops/reshape.js';
import { checkInput, knownSize } from './check_input.js';
import { checkDataFormat, type ImageOptions, sequenceAxes } from './image_options.js';
import { KernelLayer, type KernelOptions } from './kernel_layer.js';

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
 */
export class Conv1D extends KernelLayer {
  static override className = 'Conv1D';
  readonly filters: number;
  private readonly kernelSize: number;
  private readonly strides: number;
  private readonly padding: 'valid' | 'same' | 'causal';
  private readonly dilationRate: number;
  private readonly groups: number;

  constructor(options: Conv1DOptions) {
    super(options, [
      ...['filters', 'kernelSize', 'strides', 'padding', 'dilationRate', 'groups', 'dataFormat'],
    ]);
    const { strides = 1, padding = 'valid', dilationRate = 1, groups = 1 } = options;
    const count = (name: string, value: number | readonly number[]) =>
      this.named(() => checkCount(name, single(value)));
    this.filters = count('filters', options.filters);
    this.kernelSize = count('kernelSize', options.kernelSize);
    this.strides = count('strides', strides);
    this.padding = this.named(() => checkChoice('padding', padding, ['valid', 'same', 'causal']));
    this.dilationRate = count('dilationRate', dilationRate);
    this.groups = count('groups', groups);
    this.named(() => checkDataFormat(options.dataFormat));
  }

  override build(inputShape: PartialShape): void {
    checkInput(this, inputShape, { axes: sequenceAxes, rank: 3 });
    const channels = knownSize(this, inputShape, -1);
    if (channels % this.groups !== 0 || this.filters % this.groups !== 0) {
      throw this.error(
        'BAD_ARGUMENT',
        `groups must divide the input's ${channels} channels and the ${this.filters} filters, but got ` +
          `${this.groups}.`,
      );
    }
    this.addKernel([this.kernelSize, channels / this.groups, this.filters]);
  }

  override call(x: Value): Value {
    const sizes = { [-1]: (this.kernel.shape[1] as number) * this.groups };
    checkInput(this, x.shape, { axes: sequenceAxes, rank: 3, sizes });
    const [batch, time, channels] = x.shape as [number, number, number];
    // An image of one row, in which the steps of a window lie side by side.
    const y = conv2d(
      reshape(x, [batch, 1, time, channels]),
      reshape(this.kernel, [1, ...this.kernel.shape]),
      {
        strides: [1, this.strides],
        padding: this.sides,
        dilationRate: [1, this.dilationRate],
        groups: this.groups,
      },
    );
    return this.activate(reshape(y, [batch, y.shape[2] as number, this.filters]));
  }

  private get sides() {
    if (this.padding !== 'causal') return this.padding;
    const before = (this.kernelSize - 1) * this.dilationRate;
    return [
      [0, 0],
      [before, 0],
    ] as const;
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      filters: this.filters,
      kernel_size: [this.kernelSize],
      strides: [this.strides],
      padding: this.padding,
      dilation_rate: [this.dilationRate],
      groups: this.groups,
      data_format: 'channels_last',
    };
  }
}

/** Keras writes lists of one number for sequences. */
export function single(value: number | readonly number[]): number {
  return Array.isArray(value) && value.length === 1 ? (value[0] as number) : (value as number);
}
