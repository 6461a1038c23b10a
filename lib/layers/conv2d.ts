import { checkCount, checkPair } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { conv2d } from '../ops/conv2d.js';
import { checkInput, knownSize } from './check_input.js';
import {
  checkDataFormat,
  checkPadding,
  type ImageOptions,
  imageAxes,
  type Pair,
} from './image_options.js';
import { KernelLayer, type KernelOptions } from './kernel_layer.js';

export interface Conv2DOptions extends KernelOptions, ImageOptions {
  /** Channels of the output. */
  filters: number;
  /** Rows and columns of the kernel. */
  kernelSize: Pair;
  /** Default 1. */
  strides?: Pair;
  /** Distance of neighbouring kernel elements. Default 1. */
  dilationRate?: Pair;
  /** Input and output channels are split in so many groups, each with filters of its own. Default 1. */
  groups?: number;
}

/**
 * activation(convolution of x with the kernel + bias), as in Keras without flipping the kernel.
 *
 * Input [batch, rows, columns, channels], output [batch, newRows, newColumns, filters]; weights
 * kernel [rows, columns, channels / groups, filters] and bias [filters]. With 'valid' padding
 * newRows = floor((rows - dilation * (kernelRows - 1) - 1) / stride) + 1, with 'same' ceil(rows / stride).
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.conv2d({
 *     filters: 20,
 *     kernelSize: 5,
 *     activation: 'relu',
 *     inputShape: [28, 28, 1],
 *   }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 24, 24, 20]
 * model.countParams(); // => 520
 * ```
 */
export class Conv2D extends KernelLayer {
  static override className = 'Conv2D';
  readonly filters: number;
  private readonly kernelSize: [number, number];
  private readonly window: {
    strides: [number, number];
    padding: 'valid' | 'same';
    dilationRate: [number, number];
    groups: number;
  };

  constructor(options: Conv2DOptions) {
    const own = [
      'filters',
      'kernelSize',
      'strides',
      'padding',
      'dilationRate',
      'groups',
      'dataFormat',
    ];
    super(options, own);
    this.filters = this.named(() => checkCount('filters', options.filters));
    this.kernelSize = this.named(() => checkPair('kernelSize', options.kernelSize));
    this.window = this.named(() => ({
      strides: checkPair('strides', options.strides ?? 1),
      padding: checkPadding(options.padding),
      dilationRate: checkPair('dilationRate', options.dilationRate ?? 1),
      groups: checkCount('groups', options.groups ?? 1),
    }));
    this.named(() => checkDataFormat(options.dataFormat));
  }

  override build(inputShape: PartialShape): void {
    checkInput(this, inputShape, { axes: imageAxes, rank: 4 });
    const channels = knownSize(this, inputShape, -1);
    const { groups } = this.window;
    if (channels % groups !== 0 || this.filters % groups !== 0) {
      throw this.error(
        'BAD_ARGUMENT',
        `groups must divide the input's ${channels} channels and the ${this.filters} filters, but got ` +
          `${groups}.`,
      );
    }
    this.addKernel([...this.kernelSize, channels / groups, this.filters]);
  }

  override call(x: Value): Value {
    const sizes = { [-1]: (this.kernel.shape[2] as number) * this.window.groups };
    checkInput(this, x.shape, { axes: imageAxes, rank: 4, sizes });
    return this.activate(conv2d(x, this.kernel, this.window));
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      filters: this.filters,
      kernel_size: this.kernelSize,
      strides: this.window.strides,
      padding: this.window.padding,
      dilation_rate: this.window.dilationRate,
      groups: this.window.groups,
      data_format: 'channels_last',
    };
  }
}
