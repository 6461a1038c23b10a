import type { ConstraintLike } from '../constraints/index.js';
import { checkCount, checkSizes } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { InitializerLike } from '../initializers/index.js';
import type { RegularizerLike } from '../regularizers/index.js';
import { BiasLayer, type BiasOptions } from './bias_layer.js';
import { checkInput, knownSize } from './check_input.js';
import { checkDataFormat, checkPadding, type ImageOptions, spatialAxes } from './image_options.js';
import { WeightRule } from './weight_rule.js';

/** Options of depthwise convolutions over any number of axes. */
export interface DepthwiseOptions extends BiasOptions, ImageOptions {
  /** Kernels for each channel. Default 1. */
  depthMultiplier?: number;
  /** Default 'glorotUniform'. */
  depthwiseInitializer?: InitializerLike;
  /** Default: none. */
  depthwiseRegularizer?: RegularizerLike;
  /** Default: none. */
  depthwiseConstraint?: ConstraintLike;
}

/** Those whose numbers are as many as there are axes. */
interface WindowOptions {
  kernelSize: number | readonly number[];
  strides?: number | readonly number[];
  dilationRate?: number | readonly number[];
}

/** How the kernels move, with a number for each axis. */
export interface DepthwiseWindow {
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same';
  readonly dilationRate: readonly number[];
}

const depthwiseOptions = [
  ...['kernelSize', 'strides', 'padding', 'depthMultiplier', 'dilationRate', 'dataFormat'],
  ...WeightRule.options('depthwise'),
];

/** What layers share that begin with a convolution of each channel alone. */
export abstract class DepthwiseLayer extends BiasLayer {
  private readonly kernelSize: readonly number[];
  private readonly depthMultiplier: number;
  private readonly window: DepthwiseWindow;
  private readonly depthwiseRule: WeightRule;
  private readonly axes: string;
  private readonly rank: number;
  protected depthwise!: Variable;

  /** @param axes those of the input by name, such as '[batch, rows, columns, channels]'. */
  constructor(
    options: DepthwiseOptions & WindowOptions,
    axes: string,
    known: readonly string[] = [],
  ) {
    super(options, [...known, ...depthwiseOptions]);
    const { depthMultiplier = 1, strides = 1, dilationRate = 1 } = options;
    const spatial = spatialAxes(axes);
    this.axes = axes;
    this.rank = spatial.length + 2;
    this.kernelSize = this.named(() => checkSizes('kernelSize', options.kernelSize, spatial));
    this.depthMultiplier = this.named(() => checkCount('depthMultiplier', depthMultiplier));
    this.window = this.named(() => ({
      strides: checkSizes('strides', strides, spatial),
      padding: checkPadding(options.padding),
      dilationRate: checkSizes('dilationRate', dilationRate, spatial),
    }));
    this.named(() => checkDataFormat(options.dataFormat, axes));
    this.depthwiseRule = this.named(() => new WeightRule('depthwise', options, 'glorotUniform'));
  }

  /** Creates the depthwise kernel; answers with the channels that it makes of the input's. */
  protected addDepthwise(name: string, inputShape: PartialShape): number {
    checkInput(this, inputShape, { axes: this.axes, rank: this.rank });
    const channels = knownSize(this, inputShape, -1);
    const shape = [...this.kernelSize, channels, this.depthMultiplier];
    this.depthwise = this.addWeight({ name, shape, ...this.depthwiseRule });
    return channels * this.depthMultiplier;
  }

  override call(x: Value): Value {
    const sizes = { [-1]: this.depthwise.shape.at(-2) as number };
    checkInput(this, x.shape, { axes: this.axes, rank: this.rank, sizes });
    return this.activate(this.convolve(x, this.window));
  }

  /** What the bias is added to. */
  protected abstract convolve(x: Value, window: DepthwiseWindow): Value;

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      kernel_size: this.kernelSize,
      strides: this.window.strides,
      padding: this.window.padding,
      depth_multiplier: this.depthMultiplier,
      data_format: 'channels_last',
      dilation_rate: this.window.dilationRate,
      ...this.depthwiseRule.getConfig('depthwise'),
    };
  }
}

/** Options of a convolution that mixes the channels of a depthwise one. */
export interface PointwiseOptions {
  /** Channels of the output. */
  filters: number;
  /** Default 'glorotUniform'. */
  pointwiseInitializer?: InitializerLike;
  /** Default: none. */
  pointwiseRegularizer?: RegularizerLike;
  /** Default: none. */
  pointwiseConstraint?: ConstraintLike;
}

/** What separable convolutions share: a depthwise one, and one of a single pixel after it. */
export abstract class SeparableLayer extends DepthwiseLayer {
  private readonly filters: number;
  private readonly pointwiseRule: WeightRule;
  private readonly pointwiseSize: readonly number[];
  protected pointwise!: Variable;

  constructor(options: DepthwiseOptions & WindowOptions & PointwiseOptions, axes: string) {
    super(options, axes, ['filters', ...WeightRule.options('pointwise')]);
    this.filters = this.named(() => checkCount('filters', options.filters));
    this.pointwiseRule = this.named(() => new WeightRule('pointwise', options, 'glorotUniform'));
    this.pointwiseSize = spatialAxes(axes).map(() => 1);
  }

  override build(inputShape: PartialShape): void {
    const channels = this.addDepthwise('depthwise_kernel', inputShape);
    this.pointwise = this.addWeight({
      name: 'pointwise_kernel',
      shape: [...this.pointwiseSize, channels, this.filters],
      ...this.pointwiseRule,
    });
    this.addBias(this.filters);
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      filters: this.filters,
      ...this.pointwiseRule.getConfig('pointwise'),
    };
  }
}
