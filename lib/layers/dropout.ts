import { checkCount, checkRange, show } from '../core/options.js';
import type { Config } from '../core/registry.js';
import { isPartialShape, type PartialShape, type Shape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import type { CallContext } from '../graph/symbolic.js';
import { multiply } from '../ops/binary.js';
import { broadcastTo } from '../ops/broadcast.js';
import { dropout } from '../ops/dropout.js';
import type { SeedOptions } from '../ops/random.js';
import { checkInput } from './check_input.js';
import {
  checkDataFormat,
  type ImageOptions,
  imageAxes,
  sequenceAxes,
  volumeAxes,
} from './image_options.js';
import { Layer, type LayerOptions } from './layer.js';

/** Options of layers that are random in training. */
export interface RandomLayerOptions extends LayerOptions {
  /** Draws from a stream of its own. Default: the model's next one. */
  seed?: number;
}

interface RateOptions extends RandomLayerOptions {
  /** Share of what is dropped, in [0, 1). */
  rate: number;
}

export interface SpatialDropoutOptions extends RateOptions, Pick<ImageOptions, 'dataFormat'> {}

export interface DropoutOptions extends RateOptions {
  /**
   * Shape of the mask, the batch in front: places along an axis of size 1 are dropped together; null
   * stands for the input's own size. Default: the input's shape.
   */
  noiseShape?: PartialShape;
}

/** A layer with a seed. */
export abstract class RandomLayer extends Layer {
  protected readonly seed: number | undefined;

  constructor(options: RandomLayerOptions, known: readonly string[]) {
    super(options, [...known, 'seed']);
    const { seed } = options;
    this.seed = seed === undefined ? undefined : this.named(() => checkCount('seed', seed, 0));
  }

  /** As random `ops` take it. */
  protected get seedOptions(): SeedOptions {
    return this.seed === undefined ? {} : { seed: this.seed };
  }

  override getConfig(): Config {
    return { ...super.getConfig(), seed: this.seed ?? null };
  }
}

/**
 * In training, sets each element to 0 with probability `rate` and multiplies the others by
 * 1 / (1 - rate); otherwise does nothing (Srivastava et al. 2014). Any shape.
 *
 * @example
 * ```ts
 * // Outside of training nothing is dropped.
 * const model = sequential([layers.dropout({ rate: 0.3, inputShape: [3] })]);
 * await model.predict([[1, 2, 3]]); // => [[1, 2, 3]]
 * ```
 */
export class Dropout extends RandomLayer {
  static override className = 'Dropout';
  override supportsMasking = true;
  /** Share of what is dropped, in [0, 1). */
  readonly rate: number;
  private readonly noiseShape: PartialShape | undefined;

  constructor(options: DropoutOptions) {
    super(options, ['rate', 'noiseShape']);
    this.rate = this.named(() => checkRange('rate', options.rate, 0, 1));
    this.noiseShape = checkNoiseShape(this, options.noiseShape);
  }

  override call(x: Value, { training }: CallContext): Value {
    if (!training || this.rate === 0) return x;
    if (this.noiseShape === undefined) return dropout(x, this.rate, this.seedOptions);
    return dropTogether(this, x, this.noiseShape, this.rate, this.seedOptions);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), rate: this.rate, noise_shape: this.noiseShape ?? null };
  }
}

/** Drops whole channels, which the last axis holds. */
abstract class SpatialDropout extends RandomLayer {
  readonly rate: number;
  override supportsMasking = true;
  private readonly axes: string;

  constructor(options: SpatialDropoutOptions, axes: string) {
    super(options, ['rate', 'dataFormat']);
    this.axes = axes;
    this.rate = this.named(() => checkRange('rate', options.rate, 0, 1));
    this.named(() => checkDataFormat(options.dataFormat, axes));
  }

  override call(x: Value, { training }: CallContext): Value {
    checkInput(this, x.shape, { axes: this.axes, rank: this.axes.split(',').length });
    if (!training || this.rate === 0) return x;
    const mask = x.shape.map((dim, axis) => (axis === 0 || axis === x.rank - 1 ? dim : 1));
    return dropTogether(this, x, mask, this.rate, this.seedOptions);
  }

  override getConfig(): Config {
    const { trainable: _, ...config } = super.getConfig(); // Keras 3.15 refuses it here
    return { ...config, rate: this.rate, data_format: 'channels_last' };
  }
}

/**
 * In training, drops each channel of a sequence with probability `rate` (Tompson et al. 2015).
 *
 * @example
 * ```ts
 * // Outside of training nothing is dropped.
 * const model = sequential([layers.spatialDropout1d({ rate: 0.5, inputShape: [2, 1] })]);
 * await model.predict([[[1], [2]]]); // => [[[1], [2]]]
 * ```
 */
export class SpatialDropout1D extends SpatialDropout {
  static override className = 'SpatialDropout1D';

  constructor(options: Omit<SpatialDropoutOptions, 'dataFormat'>) {
    super(options, sequenceAxes);
  }

  override getConfig(): Config {
    const { data_format: _, ...config } = super.getConfig();
    return config;
  }
}

/**
 * In training, drops each channel of an image with probability `rate` (Tompson et al. 2015).
 *
 * @example
 * ```ts
 * // Outside of training nothing is dropped.
 * const model = sequential([layers.spatialDropout2d({ rate: 0.5, inputShape: [1, 2, 1] })]);
 * await model.predict([[[[1], [2]]]]); // => [[[[1], [2]]]]
 * ```
 */
export class SpatialDropout2D extends SpatialDropout {
  static override className = 'SpatialDropout2D';

  constructor(options: SpatialDropoutOptions) {
    super(options, imageAxes);
  }
}

/**
 * In training, drops each channel of a volume with probability `rate` (Tompson et al. 2015).
 *
 * @example
 * ```ts
 * // Outside of training nothing is dropped.
 * const model = sequential([
 *   layers.spatialDropout3d({ rate: 0.5, inputShape: [1, 1, 2, 1] }),
 * ]);
 * await model.predict([[[[[1], [2]]]]]); // => [[[[[1], [2]]]]]
 * ```
 */
export class SpatialDropout3D extends SpatialDropout {
  static override className = 'SpatialDropout3D';

  constructor(options: SpatialDropoutOptions) {
    super(options, volumeAxes);
  }
}

/** x times a mask of `noiseShape`, which is repeated along its axes of size 1. */
function dropTogether(
  layer: Layer,
  x: Value,
  noiseShape: PartialShape,
  rate: number,
  seed: SeedOptions,
): Value {
  const shape = maskShape(layer, x.shape, noiseShape);
  const ones = broadcastTo(x.node.graph.constant(1), shape);
  return multiply(x, dropout(ones, rate, seed));
}

/** The option as it is; throws BAD_ARGUMENT when it is no shape. */
export function checkNoiseShape(layer: Layer, noiseShape: PartialShape | undefined) {
  if (noiseShape === undefined || isPartialShape(noiseShape)) return noiseShape;
  throw layer.error(
    'BAD_ARGUMENT',
    `noiseShape must be a list of whole numbers of at least 1, or null for the input's size, but ` +
      `got ${show(noiseShape)}.`,
  );
}

/** The mask's shape with every size known; throws BAD_SHAPE when it does not fit. */
export function maskShape(layer: Layer, shape: Shape, noiseShape: PartialShape): Shape {
  const mask = noiseShape.map((dim, axis) => dim ?? (shape[axis] as number));
  const fits =
    mask.length === shape.length && mask.every((dim, i) => dim === 1 || dim === shape[i]);
  if (fits) return mask;
  throw layer.error(
    'BAD_SHAPE',
    `noiseShape must have 1, null or the input's size on each axis, but it is ` +
      `${JSON.stringify(noiseShape)} for an input of shape ${JSON.stringify([null, ...shape.slice(1)])}.`,
  );
}
