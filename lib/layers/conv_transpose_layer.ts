import { LugeError } from '../core/errors.js';
import { checkCount, checkSizes } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { checkInput, knownSize } from './check_input.js';
import { checkDataFormat, checkPadding, type ImageOptions, spatialAxes } from './image_options.js';
import { KernelLayer, type KernelOptions } from './kernel_layer.js';

/** Options of transposed convolutions over any number of axes. */
export interface ConvTransposeOptions extends KernelOptions, ImageOptions {
  filters: number;
  kernelSize: number | readonly number[];
  strides?: number | readonly number[];
  outputPadding?: number | readonly number[];
  dilationRate?: number | readonly number[];
}

/** How the kernel moves, with a number for each axis. */
export interface TransposeWindow {
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same';
  readonly dilationRate: readonly number[];
  readonly outputPadding?: readonly number[];
}

/** What transposed convolutions share, whether of images or volumes. */
export abstract class ConvTransposeLayer extends KernelLayer {
  readonly filters: number;
  private readonly kernelSize: readonly number[];
  private readonly window: TransposeWindow;
  private readonly axes: string;

  /** @param axes those of the input by name, such as '[batch, rows, columns, channels]'. */
  constructor(options: ConvTransposeOptions, axes: string) {
    super(options, [
      ...['filters', 'kernelSize', 'strides', 'padding', 'outputPadding', 'dilationRate'],
      'dataFormat',
    ]);
    const spatial = spatialAxes(axes);
    const { strides = 1, padding, outputPadding, dilationRate = 1 } = options;
    this.axes = axes;
    this.filters = this.named(() => checkCount('filters', options.filters));
    this.kernelSize = this.named(() => checkSizes('kernelSize', options.kernelSize, spatial));
    this.window = this.named(() => {
      const steps = checkSizes('strides', strides, spatial);
      return {
        strides: steps,
        padding: checkPadding(padding),
        dilationRate: checkSizes('dilationRate', dilationRate, spatial),
        ...(outputPadding === undefined ? {} : { outputPadding: checkExtra(outputPadding, steps) }),
      };
    });
    this.named(() => checkDataFormat(options.dataFormat, axes));
  }

  override build(inputShape: PartialShape): void {
    checkInput(this, inputShape, { axes: this.axes, rank: this.kernelSize.length + 2 });
    const channels = knownSize(this, inputShape, -1);
    this.addKernel([...this.kernelSize, this.filters, channels], this.filters);
  }

  override call(x: Value): Value {
    const sizes = { [-1]: this.kernel.shape.at(-1) as number };
    checkInput(this, x.shape, { axes: this.axes, rank: this.kernelSize.length + 2, sizes });
    return this.activate(this.convolve(x, this.window));
  }

  /** The transposed convolution of x with the kernel. */
  protected abstract convolve(x: Value, window: TransposeWindow): Value;

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      filters: this.filters,
      kernel_size: this.kernelSize,
      strides: this.window.strides,
      padding: this.window.padding,
      output_padding: this.window.outputPadding ?? null,
      dilation_rate: this.window.dilationRate,
      data_format: 'channels_last',
    };
  }
}

/** Throws BAD_ARGUMENT unless each is a whole number below the stride. */
function checkExtra(value: number | readonly number[], strides: readonly number[]): number[] {
  const sizes = typeof value === 'number' ? strides.map(() => value) : value;
  const fits = (extra: number, axis: number) =>
    Number.isSafeInteger(extra) && extra >= 0 && extra < (strides[axis] as number);
  if (Array.isArray(sizes) && sizes.length === strides.length && sizes.every(fits)) return sizes;
  throw new LugeError(
    'BAD_ARGUMENT',
    `outputPadding must be a whole number of at least 0 and less than the strides ` +
      `[${strides.join(', ')}], or a list of them, but got ${JSON.stringify(value)}.`,
  );
}
