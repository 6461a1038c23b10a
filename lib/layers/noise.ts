import { checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import type { CallContext } from '../graph/symbolic.js';
import { add, greaterEqual, multiply } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { randomNormal, randomUniform } from '../ops/random.js';
import { where } from '../ops/where.js';
import { checkNoiseShape, maskShape, RandomLayer, type RandomLayerOptions } from './dropout.js';

export interface GaussianNoiseOptions extends RandomLayerOptions {
  /** Standard deviation of the noise, at least 0. */
  stddev: number;
}

/**
 * In training, adds normal noise of mean 0; otherwise does nothing. Any shape.
 *
 * Source: Keras's GaussianNoise.
 *
 * @example
 * ```ts
 * // Outside of training there is no noise.
 * const model = sequential([layers.gaussianNoise({ stddev: 0.1, inputShape: [2] })]);
 * await model.predict([[1, 2]]); // => [[1, 2]]
 * ```
 */
export class GaussianNoise extends RandomLayer {
  static override className = 'GaussianNoise';
  override supportsMasking = true;
  private readonly stddev: number;

  constructor(options: GaussianNoiseOptions) {
    super(options, ['stddev']);
    this.stddev = this.named(() => checkRange('stddev', options.stddev, 0));
  }

  override call(x: Value, { training }: CallContext): Value {
    if (!training || this.stddev === 0) return x;
    const noise = randomNormal<Value>(x.shape, { stddev: this.stddev, ...this.seedOptions });
    return add(cast(x, 'float32'), noise);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), stddev: this.stddev };
  }
}

export interface GaussianDropoutOptions extends RandomLayerOptions {
  /** The noise has standard deviation sqrt(rate / (1 - rate)); in [0, 1). */
  rate: number;
}

/**
 * In training, multiplies by normal noise of mean 1 and standard deviation sqrt(rate / (1 - rate)),
 * that of dropout with this rate; otherwise does nothing (Srivastava et al. 2014). Any shape.
 *
 * @example
 * ```ts
 * // Outside of training there is no noise.
 * const model = sequential([layers.gaussianDropout({ rate: 0.3, inputShape: [2] })]);
 * await model.predict([[1, 2]]); // => [[1, 2]]
 * ```
 */
export class GaussianDropout extends RandomLayer {
  static override className = 'GaussianDropout';
  override supportsMasking = true;
  private readonly rate: number;

  constructor(options: GaussianDropoutOptions) {
    super(options, ['rate']);
    this.rate = this.named(() => checkRange('rate', options.rate, 0, 1));
  }

  override call(x: Value, { training }: CallContext): Value {
    if (!training || this.rate === 0) return x;
    const stddev = Math.sqrt(this.rate / (1 - this.rate));
    const noise = randomNormal<Value>(x.shape, { mean: 1, stddev, ...this.seedOptions });
    return multiply(cast(x, 'float32'), noise);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), rate: this.rate };
  }
}

export interface AlphaDropoutOptions extends RandomLayerOptions {
  /** Share of elements that are dropped, in [0, 1). */
  rate: number;
  /** Shape of the mask as for `dropout`. Default: the input's shape. */
  noiseShape?: PartialShape;
}

// What selu tends to for ever smaller x: -scale * alpha (Klambauer et al. 2017).
const saturated = -1.0507009873554805 * 1.6732632423543772;

/**
 * Dropout for layers with selu: in training, sets each element to selu's lowest value with
 * probability `rate`, then scales and shifts all of them so that mean 0 and variance 1 stay as they
 * are; otherwise does nothing (Klambauer et al. 2017). Any shape.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.dense({ units: 64, activation: 'selu', kernelInitializer: 'lecunNormal' }),
 *   layers.alphaDropout({ rate: 0.1 }),
 *   layers.dense({ units: 10, activation: 'softmax' }),
 * ]);
 * ```
 */
export class AlphaDropout extends RandomLayer {
  static override className = 'AlphaDropout';
  override supportsMasking = true;
  private readonly rate: number;
  private readonly noiseShape: PartialShape | undefined;

  constructor(options: AlphaDropoutOptions) {
    super(options, ['rate', 'noiseShape']);
    this.rate = this.named(() => checkRange('rate', options.rate, 0, 1));
    this.noiseShape = checkNoiseShape(this, options.noiseShape);
  }

  override call(x: Value, { training }: CallContext): Value {
    const { rate } = this;
    if (!training || rate === 0) return x;
    const mask = maskShape(this, x.shape, this.noiseShape ?? x.shape);
    const kept = greaterEqual(randomUniform<Value>(mask, this.seedOptions), rate);
    const scale = 1 / Math.sqrt((1 - rate) * (1 + rate * saturated ** 2));
    const shift = -scale * saturated * rate;
    return add(multiply(where(kept, cast(x, 'float32'), saturated), scale), shift);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), rate: this.rate, noise_shape: this.noiseShape ?? null };
  }
}
