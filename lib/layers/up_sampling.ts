import { checkChoice, checkCount, checkPair, checkSizes } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { reshape } from '../ops/reshape.js';
import { upSample2d } from '../ops/up_sample2d.js';
import { upSample3d } from '../ops/up_sample3d.js';
import { checkInput } from './check_input.js';
import {
  checkDataFormat,
  type ImageOptions,
  imageAxes,
  type Pair,
  sequenceAxes,
  spatialAxes,
  type Triple,
  volumeAxes,
} from './image_options.js';
import { Layer, type LayerOptions } from './layer.js';

export interface UpSampling2DOptions extends LayerOptions, Pick<ImageOptions, 'dataFormat'> {
  /** How many times as many rows and columns. Default 2. */
  size?: Pair;
  /** 'nearest' (default) repeats rows and columns; 'bilinear' interpolates between their centers. */
  interpolation?: 'nearest' | 'bilinear';
}

/**
 * Images with more rows and columns: [batch, rows, columns, channels] to
 * [batch, size * rows, size * columns, channels].
 *
 * Source: Keras's UpSampling2D.
 *
 * @example
 * ```ts
 * const model = sequential([layers.upSampling2d({ size: [1, 2], inputShape: [1, 2, 1] })]);
 * await model.predict([[[[1], [2]]]]); // => [[[[1], [1], [2], [2]]]]
 * ```
 */
export class UpSampling2D extends Layer {
  static override className = 'UpSampling2D';
  private readonly size: [number, number];
  private readonly interpolation: 'nearest' | 'bilinear';

  constructor(options: UpSampling2DOptions = {}) {
    super(options, ['size', 'interpolation', 'dataFormat']);
    const { size = 2, interpolation = 'nearest' } = options;
    this.size = this.named(() => checkPair('size', size));
    this.interpolation = this.named(() =>
      checkChoice('interpolation', interpolation, ['nearest', 'bilinear']),
    );
    this.named(() => checkDataFormat(options.dataFormat));
  }

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: imageAxes, rank: 4 });
    return upSample2d(x, { size: this.size, interpolation: this.interpolation });
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      size: this.size,
      interpolation: this.interpolation,
      data_format: 'channels_last',
    };
  }
}

export interface UpSampling1DOptions extends LayerOptions {
  /** How many times each step is repeated. Default 2. */
  size?: number;
}

/**
 * Each step of a sequence several times: [batch, time, channels] to [batch, size * time, channels].
 *
 * Source: Keras's UpSampling1D.
 *
 * @example
 * ```ts
 * const model = sequential([layers.upSampling1d({ size: 2, inputShape: [2, 1] })]);
 * await model.predict([[[1], [2]]]); // => [[[1], [1], [2], [2]]]
 * ```
 */
export class UpSampling1D extends Layer {
  static override className = 'UpSampling1D';
  private readonly size: number;

  constructor(options: UpSampling1DOptions = {}) {
    super(options, ['size']);
    this.size = this.named(() => checkCount('size', options.size ?? 2));
  }

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: sequenceAxes, rank: 3 });
    const [batch, time, channels] = x.shape as [number, number, number];
    const y = upSample2d(reshape(x, [batch, time, 1, channels]), { size: [this.size, 1] });
    return reshape(y, [batch, this.size * time, channels]);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), size: this.size };
  }
}

export interface UpSampling3DOptions extends LayerOptions, Pick<ImageOptions, 'dataFormat'> {
  /** How many times as many slices, rows and columns. Default 2. */
  size?: Triple;
}

/**
 * Volumes with each element repeated: [batch, depth, rows, columns, channels] to
 * [batch, size * depth, size * rows, size * columns, channels].
 *
 * Source: Keras's UpSampling3D.
 */
export class UpSampling3D extends Layer {
  static override className = 'UpSampling3D';
  private readonly size: [number, number, number];

  constructor(options: UpSampling3DOptions = {}) {
    super(options, ['size', 'dataFormat']);
    this.size = this.named(() => {
      const size = checkSizes('size', options.size ?? 2, spatialAxes(volumeAxes));
      return size as [number, number, number];
    });
    this.named(() => checkDataFormat(options.dataFormat, volumeAxes));
  }

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: volumeAxes, rank: 5 });
    return upSample3d(x, { size: this.size });
  }

  override getConfig(): Config {
    return { ...super.getConfig(), size: this.size, data_format: 'channels_last' };
  }
}
