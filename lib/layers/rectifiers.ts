import type { Constraint, ConstraintLike } from '../constraints/index.js';
import { checkCount, checkRange } from '../core/options.js';
import { type Config, serialize } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { Initializer, InitializerLike } from '../initializers/index.js';
import { elu, leakyRelu } from '../ops/activations.js';
import { greater, minimum, multiply, subtract } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { reshape } from '../ops/reshape.js';
import { negative, relu } from '../ops/unary.js';
import { where } from '../ops/where.js';
import type { Regularizer, RegularizerLike } from '../regularizers/index.js';
import { checkInput, knownSize } from './check_input.js';
import { Layer, type LayerOptions } from './layer.js';

export interface ReLUOptions extends LayerOptions {
  /** The largest output, at least 0. Default: none. */
  maxValue?: number;
  /** Slope below the threshold. Default 0. */
  negativeSlope?: number;
  /** Below it the input counts as not active, at least 0. Default 0. */
  threshold?: number;
}

/**
 * The rectified linear unit, of any shape: min(x, maxValue) above `threshold`, and
 * negativeSlope * (x - threshold) below.
 *
 * Source: Keras's ReLU.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.reLU({ maxValue: 6, negativeSlope: 0.1, inputShape: [3] }),
 * ]);
 * await model.predict([[-1, 2, 8]]); // => [[-0.1, 2, 6]]
 * ```
 */
export class ReLU extends Layer {
  static override className = 'ReLU';
  override supportsMasking = true;
  private readonly maxValue: number | undefined;
  private readonly negativeSlope: number;
  private readonly threshold: number;

  constructor(options: ReLUOptions = {}) {
    super(options, ['maxValue', 'negativeSlope', 'threshold']);
    const { maxValue, negativeSlope = 0, threshold = 0 } = options;
    this.maxValue =
      maxValue === undefined ? undefined : this.named(() => checkRange('maxValue', maxValue, 0));
    this.negativeSlope = this.named(() => checkRange('negativeSlope', negativeSlope, 0));
    this.threshold = this.named(() => checkRange('threshold', threshold, 0));
  }

  override call(input: Value): Value {
    const { maxValue, negativeSlope, threshold } = this;
    const x = cast(input, 'float32');
    if (maxValue === undefined && threshold === 0 && negativeSlope > 0) {
      return leakyRelu(x, negativeSlope);
    }
    const active = threshold === 0 ? relu(x) : where(greater(x, threshold), x, 0);
    const limited = maxValue === undefined ? active : minimum(active, maxValue);
    if (negativeSlope === 0) return limited;
    return subtract(limited, multiply(negativeSlope, relu(subtract(threshold, x))));
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      max_value: this.maxValue ?? null,
      negative_slope: this.negativeSlope,
      threshold: this.threshold,
    };
  }
}

export interface LeakyReLUOptions extends LayerOptions {
  /** Slope below 0. Default 0.3. */
  negativeSlope?: number;
}

/**
 * x above 0, negativeSlope * x below, of any shape (Maas et al. 2013).
 *
 * @example
 * ```ts
 * const model = sequential([layers.leakyReLU({ negativeSlope: 0.1, inputShape: [2] })]);
 * await model.predict([[-1, 2]]); // => [[-0.1, 2]]
 * ```
 */
export class LeakyReLU extends Layer {
  static override className = 'LeakyReLU';
  override supportsMasking = true;
  private readonly negativeSlope: number;

  constructor(options: LeakyReLUOptions = {}) {
    super(options, ['negativeSlope']);
    const { negativeSlope = 0.3 } = options;
    this.negativeSlope = this.named(() => checkRange('negativeSlope', negativeSlope, 0));
  }

  override call(x: Value): Value {
    return leakyRelu(x, this.negativeSlope);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), negative_slope: this.negativeSlope };
  }
}

export interface ELUOptions extends LayerOptions {
  /** What it tends to for ever smaller x is -alpha. Default 1. */
  alpha?: number;
}

/**
 * x above 0, alpha * (e^x - 1) below, of any shape (Clevert et al. 2015).
 *
 * @example
 * ```ts
 * const model = sequential([layers.elu({ inputShape: [2] })]);
 * await model.predict([[-1, 2]]); // => [[-0.6321, 2]]
 * ```
 */
export class ELU extends Layer {
  static override className = 'ELU';
  override supportsMasking = true;
  private readonly alpha: number;

  constructor(options: ELUOptions = {}) {
    super(options, ['alpha']);
    this.alpha = this.named(() => checkRange('alpha', options.alpha ?? 1, 0));
  }

  override call(x: Value): Value {
    return elu(x, this.alpha);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}

export interface PReLUOptions extends LayerOptions {
  /** Default 'zeros'. */
  alphaInitializer?: InitializerLike;
  /** Default: none. */
  alphaRegularizer?: RegularizerLike;
  /** Default: none. */
  alphaConstraint?: ConstraintLike;
  /**
   * Axes, counted from 1 after the batch, along which one slope serves all: [1, 2] for one slope a
   * channel of images. Default: none.
   */
  sharedAxes?: number | readonly number[];
}

/**
 * x above 0, alpha * x below, with trained slopes (He et al. 2015). Any shape. Weight alpha: the
 * shape of a sample, with 1 on the shared axes.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.prelu({
 *     alphaInitializer: initializers.constant({ value: 0.25 }),
 *     inputShape: [2],
 *   }),
 * ]);
 * await model.predict([[-1, 2]]); // => [[-0.25, 2]]
 * ```
 */
export class PReLU extends Layer {
  static override className = 'PReLU';
  override supportsMasking = true;
  private readonly alphaInitializer: Initializer;
  private readonly alphaRegularizer: Regularizer | undefined;
  private readonly alphaConstraint: Constraint | undefined;
  private readonly sharedAxes: number[];
  private alpha!: Variable;

  constructor(options: PReLUOptions = {}) {
    super(options, ['alphaInitializer', 'alphaRegularizer', 'alphaConstraint', 'sharedAxes']);
    this.alphaInitializer = this.initializer(options.alphaInitializer, 'zeros');
    this.alphaRegularizer = this.regularizer(options.alphaRegularizer);
    this.alphaConstraint = this.constraint(options.alphaConstraint);
    const shared = [options.sharedAxes ?? []].flat();
    this.sharedAxes = this.named(() => shared.map((axis) => checkCount('sharedAxes', axis)));
  }

  override build(inputShape: PartialShape): void {
    checkInput(this, inputShape, { axes: '[batch, ...]', minRank: 2 });
    const last = inputShape.length - 1;
    if (this.sharedAxes.some((axis) => axis > last)) {
      throw this.error(
        'BAD_ARGUMENT',
        `sharedAxes must lie in [1, ${last}] for an input of rank ${last + 1}, but got ` +
          `[${this.sharedAxes.join(', ')}].`,
      );
    }
    const shape = inputShape
      .slice(1)
      .map((_, i) => (this.sharedAxes.includes(i + 1) ? 1 : knownSize(this, inputShape, i + 1)));
    this.alpha = this.addWeight({
      name: 'alpha',
      shape,
      initializer: this.alphaInitializer,
      regularizer: this.alphaRegularizer,
      constraint: this.alphaConstraint,
    });
  }

  override call(input: Value): Value {
    const sizes = Object.fromEntries(
      this.alpha.shape.flatMap((dim, i) =>
        this.sharedAxes.includes(i + 1) ? [] : [[i + 1, dim] as const],
      ),
    );
    checkInput(this, input.shape, {
      axes: '[batch, ...]',
      rank: this.alpha.shape.length + 1,
      sizes,
    });
    const x = cast(input, 'float32');
    const slopes = reshape(this.alpha, [1, ...this.alpha.shape]);
    return subtract(relu(x), multiply(slopes, relu(negative(x))));
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      alpha_initializer: serialize(this.alphaInitializer),
      alpha_regularizer: serialize(this.alphaRegularizer),
      alpha_constraint: serialize(this.alphaConstraint),
      shared_axes: this.sharedAxes.length === 0 ? null : this.sharedAxes,
    };
  }
}
