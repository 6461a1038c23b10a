import { LugeError } from '../core/errors.js';
import { checkCount, checkPair } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { conv2dTranspose } from '../ops/conv2d_transpose.js';
import { checkInput, knownSize } from './check_input.js';
import {
  checkDataFormat,
  checkPadding,
  type ImageOptions,
  imageAxes,
  type Pair,
} from './image_options.js';
import { KernelLayer, type KernelOptions } from './kernel_layer.js';

export interface Conv2DTransposeOptions extends KernelOptions, ImageOptions {
  /** Channels of the output. */
  filters: number;
  /** Rows and columns of the kernel. */
  kernelSize: Pair;
  /** How many times as many rows and columns, about. Default 1. */
  strides?: Pair;
  /** Rows and columns added below and on the right, less than the strides. Default: as for `padding`. */
  outputPadding?: Pair;
  /** Distance of neighbouring kernel elements. Default 1. */
  dilationRate?: Pair;
}

/**
 * activation(transposed convolution of x with the kernel + bias): a convolution's gradient by its
 * input, which makes images larger (Zeiler et al. 2010).
 *
 * Input [batch, rows, columns, channels], output [batch, newRows, newColumns, filters]; weights
 * kernel [rows, columns, filters, channels] and bias [filters]. With 'valid' padding newRows =
 * rows * stride + max(dilation * (kernelRows - 1) + 1 - stride, 0), with 'same' rows * stride. With
 * `outputPadding` newRows = (rows - 1) * stride + reach - 2 * pad + outputPadding, where reach =
 * dilation * (kernelRows - 1) + 1 and pad = floor(reach / 2) for 'same', else 0.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.conv2dTranspose({
 *     filters: 8,
 *     kernelSize: 3,
 *     strides: 2,
 *     padding: 'same',
 *     inputShape: [7, 7, 16],
 *   }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 14, 14, 8]
 * ```
 */
export class Conv2DTranspose extends KernelLayer {
  static override className = 'Conv2DTranspose';
  readonly filters: number;
  private readonly kernelSize: [number, number];
  private readonly strides: [number, number];
  private readonly padding: 'valid' | 'same';
  private readonly outputPadding: [number, number] | undefined;
  private readonly dilationRate: [number, number];

  constructor(options: Conv2DTransposeOptions) {
    super(options, [
      ...['filters', 'kernelSize', 'strides', 'padding', 'outputPadding', 'dilationRate'],
      'dataFormat',
    ]);
    this.filters = this.named(() => checkCount('filters', options.filters));
    this.kernelSize = this.named(() => checkPair('kernelSize', options.kernelSize));
    this.strides = this.named(() => checkPair('strides', options.strides ?? 1));
    this.padding = this.named(() => checkPadding(options.padding));
    const { outputPadding } = options;
    this.outputPadding =
      outputPadding === undefined
        ? undefined
        : this.named(() => checkExtra(outputPadding, this.strides));
    this.dilationRate = this.named(() => checkPair('dilationRate', options.dilationRate ?? 1));
    this.named(() => checkDataFormat(options.dataFormat));
  }

  override build(inputShape: PartialShape): void {
    checkInput(this, inputShape, { axes: imageAxes, rank: 4 });
    const channels = knownSize(this, inputShape, -1);
    this.addKernel([...this.kernelSize, this.filters, channels], this.filters);
  }

  override call(x: Value): Value {
    const sizes = { [-1]: this.kernel.shape[3] as number };
    checkInput(this, x.shape, { axes: imageAxes, rank: 4, sizes });
    const { strides, padding, outputPadding, dilationRate } = this;
    const extra = outputPadding === undefined ? {} : { outputPadding };
    return this.activate(
      conv2dTranspose(x, this.kernel, { strides, padding, dilationRate, ...extra }),
    );
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      filters: this.filters,
      kernel_size: this.kernelSize,
      strides: this.strides,
      padding: this.padding,
      output_padding: this.outputPadding ?? null,
      dilation_rate: this.dilationRate,
      data_format: 'channels_last',
    };
  }
}

/** Throws BAD_ARGUMENT unless each is a whole number below the stride. */
function checkExtra(value: Pair, strides: readonly [number, number]): [number, number] {
  const pair = typeof value === 'number' ? [value, value] : value;
  const fits = (extra: number, axis: number) =>
    Number.isSafeInteger(extra) && extra >= 0 && extra < (strides[axis] as number);
  if (Array.isArray(pair) && pair.length === 2 && pair.every(fits)) return pair as [number, number];
  throw new LugeError(
    'BAD_ARGUMENT',
    `outputPadding must be a whole number of at least 0 and less than the strides ` +
      `[${strides.join(', ')}], or two of them, but got ${JSON.stringify(value)}.`,
  );
}
