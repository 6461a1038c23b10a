import { checkCount, checkPair } from '../core/options.js';
import { type Config, serialize } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { Initializer, InitializerLike } from '../initializers/index.js';
import { add } from '../ops/binary.js';
import { depthwiseConv2d } from '../ops/depthwise_conv2d.js';
import type { Regularizer, RegularizerLike } from '../regularizers/index.js';
import { Activation, type ActivationLike } from './activations.js';
import { checkInput, knownSize } from './check_input.js';
import {
  checkDataFormat,
  checkPadding,
  type ImageOptions,
  imageAxes,
  type Pair,
} from './image_options.js';
import { Layer, type LayerOptions } from './layer.js';

export interface DepthwiseConv2DOptions extends LayerOptions, ImageOptions {
  /** Rows and columns of the kernels. */
  kernelSize: Pair;
  /** Default 1. */
  strides?: Pair;
  /** Kernels for each channel. Default 1. */
  depthMultiplier?: number;
  /** Distance of neighbouring kernel elements. Default 1. */
  dilationRate?: Pair;
  /** Default: none. */
  activation?: ActivationLike;
  /** Default true. */
  useBias?: boolean;
  /** Default 'glorotUniform'. */
  depthwiseInitializer?: InitializerLike;
  /** Default 'zeros'. */
  biasInitializer?: InitializerLike;
  /** Default: none. */
  depthwiseRegularizer?: RegularizerLike;
  /** Default: none. */
  biasRegularizer?: RegularizerLike;
}

const depthwiseOptions = [
  ...['kernelSize', 'strides', 'padding', 'depthMultiplier', 'dilationRate', 'dataFormat'],
  ...['activation', 'useBias', 'depthwiseInitializer', 'biasInitializer'],
  ...['depthwiseRegularizer', 'biasRegularizer'],
];

/** What layers share that begin with a convolution of each channel alone. */
export abstract class DepthwiseLayer extends Layer {
  private readonly kernelSize: [number, number];
  private readonly depthMultiplier: number;
  protected readonly window: {
    strides: [number, number];
    padding: 'valid' | 'same';
    dilationRate: [number, number];
  };
  private readonly activation: Activation;
  private readonly useBias: boolean;
  private readonly depthwiseInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  private readonly depthwiseRegularizer: Regularizer | undefined;
  private readonly biasRegularizer: Regularizer | undefined;
  protected depthwise!: Variable;
  private bias: Variable | undefined;

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
    this.activation = this.named(() => new Activation(options.activation));
    this.useBias = options.useBias ?? true;
    this.depthwiseInitializer = this.initializer(options.depthwiseInitializer, 'glorotUniform');
    this.biasInitializer = this.initializer(options.biasInitializer, 'zeros');
    this.depthwiseRegularizer = this.regularizer(options.depthwiseRegularizer);
    this.biasRegularizer = this.regularizer(options.biasRegularizer);
  }

  /** Creates the depthwise kernel; answers with the channels that it makes of the input's. */
  protected addDepthwise(name: string, inputShape: PartialShape): number {
    checkInput(this, inputShape, { axes: imageAxes, rank: 4 });
    const channels = knownSize(this, inputShape, -1);
    this.depthwise = this.addWeight({
      name,
      shape: [...this.kernelSize, channels, this.depthMultiplier],
      initializer: this.depthwiseInitializer,
      regularizer: this.depthwiseRegularizer,
    });
    return channels * this.depthMultiplier;
  }

  /** Creates the bias, when there is one. */
  protected addBias(channels: number): void {
    if (!this.useBias) return;
    this.bias = this.addWeight({
      name: 'bias',
      shape: [channels],
      initializer: this.biasInitializer,
      regularizer: this.biasRegularizer,
    });
  }

  protected checkImages(x: Value): void {
    const sizes = { [-1]: this.depthwise.shape[2] as number };
    checkInput(this, x.shape, { axes: imageAxes, rank: 4, sizes });
  }

  /** activation(y + bias) */
  protected activate(y: Value): Value {
    return this.activation.apply(this.bias === undefined ? y : add(y, this.bias));
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
      activation: this.activation.name,
      use_bias: this.useBias,
      depthwise_initializer: serialize(this.depthwiseInitializer),
      bias_initializer: serialize(this.biasInitializer),
      depthwise_regularizer: serialize(this.depthwiseRegularizer),
      bias_regularizer: serialize(this.biasRegularizer),
    };
  }
}

/**
 * activation(convolution of each channel alone + bias), as in Keras.
 *
 * Input [batch, rows, columns, channels], output [batch, newRows, newColumns, channels *
 * depthMultiplier], where channel c's results are c * depthMultiplier and those that follow; weights
 * kernel [rows, columns, channels, depthMultiplier] and bias [channels * depthMultiplier].
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
