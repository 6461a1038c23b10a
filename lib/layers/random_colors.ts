import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { changeContrast, perImage } from '../ops/augment.js';
import { boundsOf, contrastBounds, type Range, valueRange } from '../ops/augment_options.js';
import { add } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { clip } from '../ops/clip.js';
import type { Draws } from '../ops/draws.js';
import { RandomImageLayer, type RandomImageOptions } from './random_warps.js';

export interface RandomBrightnessOptions extends RandomImageOptions {
  /** Shares of the range of values that are added: a number r for -r to r, or [lowest, highest]; in [-1, 1]. */
  factor: Range;
  /** The range of values, to which results are cut. Default [0, 255], as in Keras. */
  valueRange?: readonly [lowest: number, highest: number];
}

/**
 * In training, makes each image brighter or darker by a random number.
 * Images [batch, rows, columns, channels], as is the output.
 *
 * Source: Keras's RandomBrightness.
 *
 * @example
 * ```ts
 * // Outside of training images stay as they are.
 * const model = sequential([layers.randomBrightness({ factor: 0.2, inputShape: [1, 2, 1] })]);
 * await model.predict([[[[10], [20]]]]); // => [[[[10], [20]]]]
 * ```
 */
export class RandomBrightness extends RandomImageLayer {
  static override className = 'RandomBrightness';
  private readonly factor: readonly [number, number];
  private readonly range: readonly [number, number];

  constructor(options: RandomBrightnessOptions) {
    super(options, ['factor', 'valueRange']);
    const factor = this.given('factor', options.factor);
    this.factor = this.named(() => boundsOf('factor', factor, [-1, 1])) ?? [0, 0];
    this.range = this.named(() => valueRange('valueRange', options.valueRange)) ?? [0, 255];
  }

  protected override change(x: Value, draws: Draws): Value {
    const [low, high] = this.range;
    const [least, most] = this.factor;
    const added = perImage(draws, [least * (high - low), most * (high - low)]);
    return clip(add(cast(x, 'float32'), added), low, high);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), factor: this.factor, value_range: this.range };
  }
}

export interface RandomContrastOptions extends RandomImageOptions {
  /** A number c takes the contrast times 1 - c to 1 + c, [l, u] times 1 - l to 1 + u. */
  factor: Range;
  /** The range of values, to which results are cut. Default [0, 255], as in Keras. */
  valueRange?: readonly [lowest: number, highest: number];
}

/**
 * In training, (x - mean) factor + mean with a random factor for each image, and the mean of each channel.
 * Images [batch, rows, columns, channels], as is the output.
 *
 * Source: Keras's RandomContrast.
 *
 * @example
 * ```ts
 * // Outside of training images stay as they are.
 * const model = sequential([layers.randomContrast({ factor: 0.2, inputShape: [1, 2, 1] })]);
 * await model.predict([[[[10], [20]]]]); // => [[[[10], [20]]]]
 * ```
 */
export class RandomContrast extends RandomImageLayer {
  static override className = 'RandomContrast';
  private readonly factors: readonly [number, number];
  private readonly range: readonly [number, number];

  constructor(options: RandomContrastOptions) {
    super(options, ['factor', 'valueRange']);
    const factor = this.given('factor', options.factor);
    this.factors = this.named(() => contrastBounds('factor', factor)) ?? [1, 1];
    this.range = this.named(() => valueRange('valueRange', options.valueRange)) ?? [0, 255];
  }

  protected override change(x: Value, draws: Draws): Value {
    return clip(changeContrast(cast(x, 'float32'), draws, this.factors), ...this.range);
  }

  override getConfig(): Config {
    const factor = [1 - this.factors[0], this.factors[1] - 1];
    return { ...super.getConfig(), factor, value_range: this.range };
  }
}
