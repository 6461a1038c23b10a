import { checkChoice } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import type { CallContext } from '../graph/symbolic.js';
import {
  type Affine,
  aboutCentre,
  type Entry,
  rotate,
  scale,
  shear,
  shift,
  times,
  transformsOf,
} from '../ops/affine.js';
import { coin } from '../ops/augment.js';
import { boundsOf, type Range } from '../ops/augment_options.js';
import { cast } from '../ops/cast.js';
import { Draws } from '../ops/draws.js';
import { fillModes, type SamplingOptions, warpImages } from '../ops/warp_images.js';
import { checkInput } from './check_input.js';
import { RandomLayer, type RandomLayerOptions } from './dropout.js';
import { checkDataFormat, type ImageOptions, imageAxes } from './image_options.js';

export interface RandomImageOptions extends RandomLayerOptions, Pick<ImageOptions, 'dataFormat'> {}

export interface RandomWarpOptions extends RandomImageOptions, SamplingOptions {}

type Bounds = readonly [number, number];

/** Images [batch, rows, columns, channels], changed in training, float32; later only converted. */
export abstract class RandomImageLayer extends RandomLayer {
  constructor(options: RandomImageOptions, known: readonly string[]) {
    super(options, [...known, 'dataFormat']);
    this.named(() => checkDataFormat(options.dataFormat));
  }

  override call(x: Value, { training }: CallContext): Value {
    checkInput(this, x.shape, { axes: imageAxes, rank: 4 });
    const changed = training ? this.change(x, new Draws(x.shape[0] as number, this.seed)) : x;
    return cast(changed, 'float32');
  }

  /** Throws BAD_ARGUMENT when an option is left out that there must be. */
  protected given<T>(name: string, value: T | undefined): T {
    if (value !== undefined && value !== null) return value;
    throw this.error('BAD_ARGUMENT', `${name} is missing: say how much may change.`);
  }

  /** What becomes of images in training. */
  protected abstract change(x: Value, draws: Draws): Value;

  override getConfig(): Config {
    return { ...super.getConfig(), data_format: 'channels_last' };
  }
}

/** Layers that look at images through a random map of the plane. */
abstract class RandomWarp extends RandomImageLayer {
  private readonly sampling: Required<SamplingOptions>;

  constructor(options: RandomWarpOptions, known: readonly string[]) {
    super(options, [...known, 'interpolation', 'fillMode', 'fillValue']);
    const { interpolation = 'bilinear', fillMode = 'reflect', fillValue = 0 } = options;
    this.sampling = this.named(() => ({
      interpolation: checkChoice('interpolation', interpolation, ['bilinear', 'nearest']),
      fillMode: checkChoice('fillMode', fillMode, fillModes),
      fillValue,
    }));
    if (!Number.isFinite(fillValue)) {
      throw this.error('BAD_ARGUMENT', `fillValue must be a finite number, but got ${fillValue}.`);
    }
  }

  /** Leads from a place in the changed image back to the original. */
  protected abstract map(draws: Draws, rows: number, columns: number): Affine;

  protected override change(x: Value, draws: Draws): Value {
    const [n, rows, columns] = x.shape as [number, number, number];
    const transforms = transformsOf(x.node.graph, this.map(draws, rows, columns), n);
    return warpImages(x, transforms, this.sampling);
  }

  protected bounds(name: string, factor: Range | undefined, limits: Bounds = [-1, 1]): Bounds {
    return this.named(() => boundsOf(name, factor, limits)) ?? [0, 0];
  }

  override getConfig(): Config {
    const { interpolation, fillMode, fillValue } = this.sampling;
    const sampling = { interpolation, fill_mode: fillMode, fill_value: fillValue };
    return { ...super.getConfig(), ...sampling };
  }
}

export interface RandomRotationOptions extends RandomWarpOptions {
  /** Shares of a full turn, counter-clockwise: a number r for -r to r, or [lowest, highest]. */
  factor: Range;
}

/**
 * In training, turns each image about its centre by a random angle.
 * Images [batch, rows, columns, channels], as is the output.
 *
 * Source: Keras's RandomRotation.
 *
 * @example
 * ```ts
 * const model = sequential([layers.randomRotation({ factor: 0.1, inputShape: [28, 28, 1] })]);
 * model.outputs[0]?.shape; // => [null, 28, 28, 1]
 * ```
 */
export class RandomRotation extends RandomWarp {
  static override className = 'RandomRotation';
  private readonly factor: Bounds;

  constructor(options: RandomRotationOptions) {
    super(options, ['factor']);
    this.factor = this.bounds('factor', this.given('factor', options.factor));
  }

  protected override map(draws: Draws, rows: number, columns: number): Affine {
    const [low, high] = this.factor;
    const angle = draws.between([low * 2 * Math.PI, high * 2 * Math.PI]);
    return aboutCentre(rotate(angle), rows, columns);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), factor: this.factor };
  }
}

export interface RandomTranslationOptions extends RandomWarpOptions {
  /** Shares of the height, downwards: a number r for -r to r, or [lowest, highest]. */
  heightFactor: Range;
  /** Shares of the width, to the right. */
  widthFactor: Range;
}

/**
 * In training, moves each image by random shares of its height and width.
 * Images [batch, rows, columns, channels], as is the output.
 *
 * Source: Keras's RandomTranslation.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1, inputShape: [28, 28, 1] }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 28, 28, 1]
 * ```
 */
export class RandomTranslation extends RandomWarp {
  static override className = 'RandomTranslation';
  private readonly height: Bounds;
  private readonly width: Bounds;

  constructor(options: RandomTranslationOptions) {
    super(options, ['heightFactor', 'widthFactor']);
    const { heightFactor, widthFactor } = options;
    this.height = this.bounds('heightFactor', this.given('heightFactor', heightFactor));
    this.width = this.bounds('widthFactor', this.given('widthFactor', widthFactor));
  }

  protected override map(draws: Draws, rows: number, columns: number): Affine {
    const down = times(draws.between(this.height), -rows);
    return shift(times(draws.between(this.width), -columns), down);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), height_factor: this.height, width_factor: this.width };
  }
}

export interface RandomZoomOptions extends RandomWarpOptions {
  /**
   * 0.1 shows 10% more of the scene and so makes things smaller, -0.1 10% less: a number r for -r to r,
   * or [lowest, highest], above -1.
   */
  heightFactor: Range;
  /** The same across. Default: as much as down, so that shapes stay. */
  widthFactor?: Range;
}

/**
 * In training, makes each image larger or smaller about its centre.
 * Images [batch, rows, columns, channels], as is the output.
 *
 * Source: Keras's RandomZoom.
 *
 * @example
 * ```ts
 * const model = sequential([layers.randomZoom({ heightFactor: 0.2, inputShape: [28, 28, 1] })]);
 * model.outputs[0]?.shape; // => [null, 28, 28, 1]
 * ```
 */
export class RandomZoom extends RandomWarp {
  static override className = 'RandomZoom';
  private readonly height: Bounds;
  private readonly width: Bounds | undefined;

  constructor(options: RandomZoomOptions) {
    super(options, ['heightFactor', 'widthFactor']);
    const { heightFactor, widthFactor } = options;
    this.height = this.bounds('heightFactor', this.given('heightFactor', heightFactor));
    this.width = widthFactor === undefined ? undefined : this.bounds('widthFactor', widthFactor);
  }

  protected override map(draws: Draws, rows: number, columns: number): Affine {
    const factor = ([low, high]: Bounds) => draws.between([1 + low, 1 + high]);
    const down = factor(this.height);
    const across = this.width === undefined ? down : factor(this.width);
    return aboutCentre(scale(across, down), rows, columns);
  }

  override getConfig(): Config {
    const width = this.width ?? null;
    return { ...super.getConfig(), height_factor: this.height, width_factor: width };
  }
}

export interface RandomShearOptions extends RandomWarpOptions {
  /** How many columns a row moves against its neighbour: a number s for 0 to s, or [lowest, highest]; in [0, 1]. */
  xFactor?: Range;
  /** How many rows a column moves against its neighbour. Default 0, as for `xFactor`. */
  yFactor?: Range;
}

/**
 * In training, slants each image, half of them to the other side. The first pixel stays in place.
 * Images [batch, rows, columns, channels], as is the output.
 *
 * Source: Keras's RandomShear.
 *
 * @example
 * ```ts
 * const model = sequential([layers.randomShear({ xFactor: 0.2, inputShape: [28, 28, 1] })]);
 * model.outputs[0]?.shape; // => [null, 28, 28, 1]
 * ```
 */
export class RandomShear extends RandomWarp {
  static override className = 'RandomShear';
  private readonly across: Bounds;
  private readonly down: Bounds;

  constructor(options: RandomShearOptions = {}) {
    super(options, ['xFactor', 'yFactor']);
    const upTo = (factor: Range | undefined): Range | undefined =>
      typeof factor === 'number' ? [0, factor] : factor;
    this.across = this.bounds('xFactor', upTo(options.xFactor), [0, 1]);
    this.down = this.bounds('yFactor', upTo(options.yFactor), [0, 1]);
  }

  protected override map(draws: Draws): Affine {
    const side = coin(draws);
    const factor = (bounds: Bounds): Entry => times(draws.between(bounds), side);
    return shear(factor(this.across), factor(this.down));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), x_factor: this.across, y_factor: this.down };
  }
}

const flipModes = ['horizontal', 'vertical', 'horizontal_and_vertical'] as const;

export interface RandomFlipOptions extends RandomImageOptions {
  /** Left to right, top to bottom, or each of the two at random (the default). */
  mode?: (typeof flipModes)[number] | 'horizontalAndVertical';
}

/**
 * In training, mirrors half of the images.
 * Images [batch, rows, columns, channels], as is the output.
 *
 * Source: Keras's RandomFlip.
 *
 * @example
 * ```ts
 * // Outside of training images stay as they are.
 * const model = sequential([layers.randomFlip({ mode: 'horizontal', inputShape: [1, 2, 1] })]);
 * await model.predict([[[[1], [2]]]]); // => [[[[1], [2]]]]
 * ```
 */
export class RandomFlip extends RandomImageLayer {
  static override className = 'RandomFlip';
  private readonly mode: (typeof flipModes)[number];

  constructor(options: RandomFlipOptions = {}) {
    super(options, ['mode']);
    const { mode = 'horizontal_and_vertical' } = options;
    const plain = mode === 'horizontalAndVertical' ? 'horizontal_and_vertical' : mode;
    this.mode = this.named(() => checkChoice('mode', plain, flipModes));
  }

  protected override change(x: Value, draws: Draws): Value {
    const [n, rows, columns] = x.shape as [number, number, number];
    const across = this.mode === 'vertical' ? 1 : coin(draws);
    const down = this.mode === 'horizontal' ? 1 : coin(draws);
    const map = aboutCentre(scale(across, down), rows, columns);
    // Places are whole: pixels move, and are not mixed.
    return warpImages(x, transformsOf(x.node.graph, map, n), { interpolation: 'nearest' });
  }

  override getConfig(): Config {
    return { ...super.getConfig(), mode: this.mode };
  }
}
