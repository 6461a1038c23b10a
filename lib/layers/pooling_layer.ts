import { checkSizes } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { checkInput } from './check_input.js';
import { checkDataFormat, checkPadding, type ImageOptions, spatialAxes } from './image_options.js';
import { Layer, type LayerOptions } from './layer.js';

/** Options of pooling over any number of axes. */
export interface PoolingOptions extends LayerOptions, ImageOptions {
  poolSize?: number | readonly number[];
  strides?: number | readonly number[];
}

/** How a window moves, with a number for each axis. */
export interface PoolingWindow {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same';
}

/** One number for each window of each channel. Padding never counts. */
export abstract class PoolingLayer extends Layer {
  private readonly window: PoolingWindow;
  private readonly axes: string;

  /** @param axes those of the input by name, such as '[batch, rows, columns, channels]'. */
  constructor(options: PoolingOptions, axes: string) {
    super(options, ['poolSize', 'strides', 'padding', 'dataFormat']);
    const spatial = spatialAxes(axes);
    this.axes = axes;
    this.window = this.named(() => {
      const poolSize = checkSizes('poolSize', options.poolSize ?? 2, spatial);
      return {
        poolSize,
        strides: checkSizes('strides', options.strides ?? poolSize, spatial),
        padding: checkPadding(options.padding),
      };
    });
    this.named(() => checkDataFormat(options.dataFormat, axes));
  }

  protected abstract pool(x: Value, window: PoolingWindow): Value;

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: this.axes, rank: this.axes.split(',').length });
    return this.pool(x, this.window);
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      pool_size: this.window.poolSize,
      strides: this.window.strides,
      padding: this.window.padding,
      data_format: 'channels_last',
    };
  }
}

/** Options of pooling over all places of a sample. */
export interface GlobalPoolingOptions extends LayerOptions, Pick<ImageOptions, 'dataFormat'> {
  /** Keep the axes that are pooled over, with size 1. Default false. */
  keepdims?: boolean;
}

/** One number for each channel of a sample. */
export abstract class GlobalPoolingLayer extends Layer {
  private readonly keepdims: boolean;
  private readonly axes: string;

  constructor(options: GlobalPoolingOptions, axes: string) {
    super(options, ['keepdims', 'dataFormat']);
    this.axes = axes;
    this.keepdims = this.flag('keepdims', options.keepdims, false);
    this.named(() => checkDataFormat(options.dataFormat, axes));
  }

  protected abstract pool(x: Value, axes: readonly number[], keepDims: boolean): Value;

  override call(x: Value): Value {
    const spatial = spatialAxes(this.axes);
    checkInput(this, x.shape, { axes: this.axes, rank: spatial.length + 2 });
    const places = spatial.map((_, i) => i + 1);
    return this.pool(x, places, this.keepdims);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), keepdims: this.keepdims, data_format: 'channels_last' };
  }
}
