import { checkChoice, checkCount, checkSizes } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { checkInput, knownSize } from './check_input.js';
import { checkDataFormat, type ImageOptions, spatialAxes } from './image_options.js';
import { KernelLayer, type KernelOptions } from './kernel_layer.js';

/** Options of convolutions over any number of axes. */
export interface ConvOptions extends KernelOptions, Pick<ImageOptions, 'dataFormat'> {
  filters: number;
  kernelSize: number | readonly number[];
  strides?: number | readonly number[];
  padding?: string;
  dilationRate?: number | readonly number[];
  groups?: number;
}

/** How a convolution's kernel moves, with a number for each axis. */
interface ConvWindow {
  readonly strides: readonly number[];
  readonly dilationRate: readonly number[];
  readonly groups: number;
}

/** What convolutions share, whether of sequences, images or volumes. */
export abstract class ConvLayer extends KernelLayer {
  readonly filters: number;
  protected readonly kernelSize: readonly number[];
  protected readonly padding: string;
  protected readonly window: ConvWindow;
  private readonly axes: string;
  private readonly rank: number;

  /** @param axes those of the input by name, such as '[batch, rows, columns, channels]'. */
  constructor(options: ConvOptions, axes: string, paddings: readonly string[]) {
    super(options, [
      ...['filters', 'kernelSize', 'strides', 'padding', 'dilationRate', 'groups', 'dataFormat'],
    ]);
    const { strides = 1, padding = 'valid', dilationRate = 1, groups = 1 } = options;
    const spatial = spatialAxes(axes);
    this.axes = axes;
    this.rank = spatial.length + 2;
    this.filters = this.named(() => checkCount('filters', options.filters));
    this.kernelSize = this.named(() => checkSizes('kernelSize', options.kernelSize, spatial));
    this.padding = this.named(() =>
      checkChoice('padding', String(padding).toLowerCase(), paddings),
    );
    this.window = this.named(() => ({
      strides: checkSizes('strides', strides, spatial),
      dilationRate: checkSizes('dilationRate', dilationRate, spatial),
      groups: checkCount('groups', groups),
    }));
    this.named(() => checkDataFormat(options.dataFormat, axes));
  }

  override build(inputShape: PartialShape): void {
    const { axes, rank, filters } = this;
    const { groups } = this.window;
    checkInput(this, inputShape, { axes, rank });
    const channels = knownSize(this, inputShape, -1);
    if (channels % groups !== 0 || filters % groups !== 0) {
      throw this.error(
        'BAD_ARGUMENT',
        `groups must divide the input's ${channels} channels and the ${filters} filters, but got ${groups}.`,
      );
    }
    this.addKernel([...this.kernelSize, channels / groups, filters]);
  }

  override call(x: Value): Value {
    const { axes, rank } = this;
    const sizes = { [-1]: (this.kernel.shape.at(-2) as number) * this.window.groups };
    checkInput(this, x.shape, { axes, rank, sizes });
    return this.activate(this.convolve(x));
  }

  /** The convolution of x with the kernel. */
  protected abstract convolve(x: Value): Value;

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      filters: this.filters,
      kernel_size: this.kernelSize,
      strides: this.window.strides,
      padding: this.padding,
      dilation_rate: this.window.dilationRate,
      groups: this.window.groups,
      data_format: 'channels_last',
    };
  }
}
