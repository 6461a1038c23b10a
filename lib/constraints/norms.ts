import { LugeError } from '../core/errors.js';
import { checkOptions, checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { add, divide, maximum, minimum, multiply } from '../ops/binary.js';
import { clip } from '../ops/clip.js';
import { sum } from '../ops/reduce.js';
import { sqrt, square } from '../ops/unary.js';
import { Constraint } from './constraint.js';

// What Keras adds to a length before it divides by it.
const epsilon = 1e-7;

export interface AxisOptions {
  /**
   * The axes along which lengths are measured. Default 0: the inputs of a unit of a dense layer; of a
   * conv2d kernel, [0, 1, 2].
   */
  axis?: number | readonly number[];
}

/** Constraints of lengths, sqrt(sum(w^2)) along some axes. */
abstract class NormConstraint extends Constraint {
  protected readonly axis: number | readonly number[];

  constructor(options: AxisOptions, known: readonly string[]) {
    super();
    checkOptions(this.className, options, [...known, 'axis']);
    this.axis = options.axis ?? 0;
    if ([this.axis].flat().every(Number.isSafeInteger)) return;
    throw new LugeError(
      'BAD_ARGUMENT',
      `${this.className}: axis must be a whole number or a list of them, but got ` +
        `${JSON.stringify(this.axis)}.`,
    );
  }

  protected lengths(weight: Value): Value {
    return sqrt(sum(square(weight), this.axis, true));
  }

  override getConfig(): Config {
    return { axis: this.axis };
  }
}

export interface MaxNormOptions extends AxisOptions {
  /** The largest length. Default 2. */
  maxValue?: number;
}

/**
 * Lengths up to `maxValue`; what is longer is scaled down (Srivastava et al. 2014):
 * w * min(|w|, maxValue) / |w|, where |w| is sqrt(sum(w^2)) along `axis`.
 *
 * @example
 * ```ts
 * const kernelConstraint = constraints.maxNorm({ maxValue: 2 });
 * const options = { units: 1, useBias: false, kernelConstraint, inputShape: [2] };
 * const model = sequential([layers.dense(options)]);
 * model.setWeights([tensor([[-3], [4]])]);
 * model.compile({ optimizer: optimizers.sgd({ learningRate: 0 }), loss: 'mse' });
 * await model.trainOnBatch([[1, 1]], [[0]]);
 * model.getWeights()[0]; // => [[-1.2], [1.6]]
 * ```
 */
export class MaxNorm extends NormConstraint {
  static override className = 'MaxNorm';
  private readonly maxValue: number;

  constructor(options: MaxNormOptions = {}) {
    super(options, ['maxValue']);
    this.maxValue = checkRange('MaxNorm: maxValue', options.maxValue ?? 2, 0);
  }

  override apply(weight: Value): Value {
    const lengths = this.lengths(weight);
    return multiply(weight, divide(minimum(lengths, this.maxValue), add(lengths, epsilon)));
  }

  override getConfig(): Config {
    return { max_value: this.maxValue, ...super.getConfig() };
  }
}

/**
 * Lengths of 1: w / |w|, where |w| is sqrt(sum(w^2)) along `axis`.
 *
 * Source: Keras's UnitNorm.
 *
 * @example
 * ```ts
 * const kernelConstraint = constraints.unitNorm();
 * const options = { units: 1, useBias: false, kernelConstraint, inputShape: [2] };
 * const model = sequential([layers.dense(options)]);
 * model.setWeights([tensor([[-3], [4]])]);
 * model.compile({ optimizer: optimizers.sgd({ learningRate: 0 }), loss: 'mse' });
 * await model.trainOnBatch([[1, 1]], [[0]]);
 * model.getWeights()[0]; // => [[-0.6], [0.8]]
 * ```
 */
export class UnitNorm extends NormConstraint {
  static override className = 'UnitNorm';

  constructor(options: AxisOptions = {}) {
    super(options, []);
  }

  override apply(weight: Value): Value {
    return divide(weight, add(this.lengths(weight), epsilon));
  }
}

export interface MinMaxNormOptions extends AxisOptions {
  /** The smallest length. Default 0. */
  minValue?: number;
  /** The largest length. Default 1. */
  maxValue?: number;
  /** What share of the way to go at each step, in [0, 1]. Default 1: all of it. */
  rate?: number;
}

/**
 * Lengths in [minValue, maxValue], to which others are scaled, or moved part of the way:
 * w * (rate * clip(|w|, minValue, maxValue) + (1 - rate) * |w|) / |w|, where |w| is sqrt(sum(w^2))
 * along `axis`.
 *
 * Source: Keras's MinMaxNorm.
 *
 * @example
 * ```ts
 * const kernelConstraint = constraints.minMaxNorm({ minValue: 1, maxValue: 2 });
 * const options = { units: 1, useBias: false, kernelConstraint, inputShape: [2] };
 * const model = sequential([layers.dense(options)]);
 * model.setWeights([tensor([[-3], [4]])]);
 * model.compile({ optimizer: optimizers.sgd({ learningRate: 0 }), loss: 'mse' });
 * await model.trainOnBatch([[1, 1]], [[0]]);
 * model.getWeights()[0]; // => [[-1.2], [1.6]]
 * ```
 */
export class MinMaxNorm extends NormConstraint {
  static override className = 'MinMaxNorm';
  private readonly minValue: number;
  private readonly maxValue: number;
  private readonly rate: number;

  constructor(options: MinMaxNormOptions = {}) {
    super(options, ['minValue', 'maxValue', 'rate']);
    this.minValue = checkRange('MinMaxNorm: minValue', options.minValue ?? 0, 0);
    this.maxValue = checkRange('MinMaxNorm: maxValue', options.maxValue ?? 1, this.minValue);
    this.rate = checkRange('MinMaxNorm: rate', options.rate ?? 1, 0, 1, true);
  }

  override apply(weight: Value): Value {
    const lengths = this.lengths(weight);
    const inside = clip(lengths, this.minValue, this.maxValue);
    const wanted =
      this.rate === 1 ? inside : add(multiply(this.rate, inside), multiply(1 - this.rate, lengths));
    return multiply(weight, divide(wanted, add(lengths, epsilon)));
  }

  override getConfig(): Config {
    return {
      min_value: this.minValue,
      max_value: this.maxValue,
      rate: this.rate,
      ...super.getConfig(),
    };
  }
}

/**
 * No number below 0: max(w, 0).
 *
 * Source: Keras's NonNeg.
 *
 * @example
 * ```ts
 * const kernelConstraint = constraints.nonNeg();
 * const options = { units: 1, useBias: false, kernelConstraint, inputShape: [2] };
 * const model = sequential([layers.dense(options)]);
 * model.setWeights([tensor([[-3], [4]])]);
 * model.compile({ optimizer: optimizers.sgd({ learningRate: 0 }), loss: 'mse' });
 * await model.trainOnBatch([[1, 1]], [[0]]);
 * model.getWeights()[0]; // => [[0], [4]]
 * ```
 */
export class NonNeg extends Constraint {
  static override className = 'NonNeg';

  constructor(options: object = {}) {
    super();
    checkOptions('NonNeg', options, []);
  }

  override apply(weight: Value): Value {
    return maximum(weight, 0);
  }
}
