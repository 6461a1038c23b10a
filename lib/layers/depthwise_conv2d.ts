import type { ConstraintLike } from '../constraints/index.js';
import { checkCount, checkPair } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { InitializerLike } from '../initializers/index.js';
import { depthwiseConv2d } from '../ops/depthwise_conv2d.js';
import type { RegularizerLike } from '../regularizers/index.js';
import { BiasLayer, type BiasOptions } from './bias_layer.js';
import { checkInput, knownSize } from './check_input.js';
import {
  checkDataFormat,
  checkPadding,
  type ImageOptions,
  imageAxes,
  type Pair,
} from './image_options.js';
import { WeightRule } from './weight_rule.js';

export interface DepthwiseConv2DOptions extends BiasOptions, ImageOptions {
  /** Rows and columns of the kernels. */
  kernelSize: Pair;
  /** Default 1. */
  strides?: Pair;
  /** Kernels for each channel. Default 1. */
  depthMultiplier?: number;
  /** Distance of neighbouring kernel elements. Default 1. */
  dilationRate?: Pair;
  /** Default 'glorotUniform'. */
  depthwiseInitializer?: InitializerLike;
  /** Default: none. */
  depthwiseRegularizer?: RegularizerLike;
  /** Default: none. */
  depthwiseConstraint?: ConstraintLike;
}

const depthwiseOptions = [
  ...['kernelSize', 'strides', 'padding', 'depthMultiplier', 'dilationRate', 'dataFormat'],
  ...WeightRule.options('depthwise'),
];

/** What layers share that begin with a convolution of each channel alone. */
export abstract class DepthwiseLayer extends BiasLayer {
  private readonly kernelSize: [number, number];
  private readonly depthMultiplier: number;
  protected readonly window: {
    strides: [number, number];
    padding: 'valid' | 'same';
    dilationRate: [number, number];
  };
  private readonly depthwiseRule: WeightRule;
  protected depthwise!: Variable;

  constructor(options: DepthwiseConv2DOptions, known: readonly string[] = []) {
    super(options, [...known, ...depthwiseOptions]);
    this.kernelSize = this.named(() => checkPair('kernelSize', options.kernelSize));
    this.depthMultiplier = this.named(() =>
      checkCount('depthMultiplier', options.depthMultiplier ?? 1),
    );
    this.window = this.named(() => ({
      strides: checkPair('strides', options.strides ?? 1),
      padding: checkPadding(options.padding),
      dilationRate: checkPair('dilationRate', options.dilationRate ?? 1),
    }));
    this.named(() => checkDataFormat(options.dataFormat));
    this.depthwiseRule = this.named(() => new WeightRule('depthwise', options, 'glorotUniform'));
  }

  /** Creates the depthwise kernel; answers with the channels that it makes of the input's. */
  protected addDepthwise(name: string, inputShape: PartialShape): number {
    checkInput(this, inputShape, { axes: imageAxes, rank: 4 });
    const channels = knownSize(this, inputShape, -1);
    const shape = [...this.kernelSize, channels, this.depthMultiplier];
    this.depthwise = this.addWeight({ name, shape, ...this.depthwiseRule });
    return channels * this.depthMultiplier;
  }

  protected checkImages(x: Value): void {
    const sizes = { [-1]: this.depthwise.shape[2] as number };
    checkInput(this, x.shape, { axes: imageAxes, rank: 4, sizes });
  }

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
    super(options);
  }

  override build(inputShape: PartialShape): void {
    this.addBias(this.addDepthwise('kernel', inputShape));
  }

  override call(x: Value): Value {
    this.checkImages(x);
    return this.activate(depthwiseConv2d(x, this.depthwise, this.window));
  }
}
