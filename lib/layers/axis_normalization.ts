import { checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import { normalizeAxes, type PartialShape, type Shape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import { moments } from '../ops/batch_normalization.js';
import { add, maximum, multiply } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { mean, sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { rsqrt, square } from '../ops/unary.js';
import { checkInput, knownSize } from './check_input.js';
import { Layer, type LayerOptions, layerOptionsFrom } from './layer.js';
import {
  TrainedNormalization,
  type TrainedNormalizationOptions,
  withoutFeatures,
} from './trained_normalization.js';

/** One axis or several, the batch being axis 0. */
type Axis = number | readonly number[];

/** Sizes of some axes, and 1 elsewhere, so that it broadcasts with x. */
function along(shape: PartialShape, axes: readonly number[]): Shape {
  return shape.map((dim, i) => (axes.includes(i) ? (dim as number) : 1));
}

/** Throws BAD_SHAPE, naming the layer, unless x has the sizes that the layer was built for. */
function checkAxes(layer: Layer, x: Value, axes: readonly number[], weight: Variable | undefined) {
  const sizes = axes.map((axis, i) => [axis, weight?.shape[i] ?? x.shape[axis]] as const);
  checkInput(layer, x.shape, { axes: '[batch, ...]', sizes: Object.fromEntries(sizes) as never });
}

export interface LayerNormalizationOptions extends TrainedNormalizationOptions {
  /** The axes that are normalized together, neither of them the batch. Default -1. */
  axis?: Axis;
}

/**
 * gamma * (x - mean) / sqrt(variance + epsilon) + beta, with mean and variance of each sample over
 * `axis`, in training and out of it (Ba et al. 2016). Any shape. Weights gamma and beta: the sizes
 * of those axes.
 *
 * @example
 * ```ts
 * const model = sequential([layers.layerNormalization({ inputShape: [4] })]);
 * await model.predict([[1, 1, 3, 3]]); // => [[-0.9995, -0.9995, 0.9995, 0.9995]]
 * ```
 */
export class LayerNormalization extends TrainedNormalization {
  static override className = 'LayerNormalization';
  override supportsMasking = true;
  private readonly axis: Axis;

  constructor(options: LayerNormalizationOptions = {}) {
    super(options, ['axis']);
    this.axis = options.axis ?? -1;
  }

  override build(inputShape: PartialShape): void {
    const axes = normalizeAxes(this.axis, inputShape.length);
    this.addTrained(axes.map((axis) => knownSize(this, inputShape, axis)));
  }

  override call(input: Value): Value {
    const axes = normalizeAxes(this.axis, input.rank);
    checkAxes(this, input, axes, this.gamma ?? this.beta);
    const x = cast(input, 'float32');
    const { mean, variance } = moments(x, axes, true);
    return this.normalize(x, mean, variance, along(x.shape, axes));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), axis: this.axis };
  }

  static override fromConfig<L extends Layer>(this: new (options: never) => L, config: Config): L {
    const instead = ' Use rmsNormalization instead.';
    const rest = withoutFeatures('LayerNormalization', config, ['rms_scaling'], instead);
    return new this(layerOptionsFrom(rest) as never);
  }
}

export interface GroupNormalizationOptions extends TrainedNormalizationOptions {
  /** Into how many groups the channels are split; -1 for one each. Default 32. */
  groups?: number;
  /** The axis of the channels. Default -1. */
  axis?: number;
}

/**
 * gamma * (x - mean) / sqrt(variance + epsilon) + beta, with mean and variance of each sample over a
 * group of channels and all places (Wu and He 2018). Input [batch, ..., channels]; weights gamma and
 * beta [channels].
 *
 * @example
 * ```ts
 * const model = sequential([layers.groupNormalization({ groups: 2, inputShape: [4] })]);
 * await model.predict([[1, 3, 10, 12]]); // => [[-0.9995, 0.9995, -0.9995, 0.9995]]
 * ```
 */
export class GroupNormalization extends TrainedNormalization {
  static override className = 'GroupNormalization';
  override supportsMasking = true;
  private readonly groups: number;
  private readonly axis: number;

  constructor(options: GroupNormalizationOptions = {}) {
    super(options, ['groups', 'axis']);
    this.groups = options.groups ?? 32;
    this.axis = options.axis ?? -1;
    if (this.groups === -1 || (Number.isSafeInteger(this.groups) && this.groups > 0)) return;
    throw this.error(
      'BAD_ARGUMENT',
      `groups must be a whole number of at least 1, or -1 for one a channel, but got ${this.groups}.`,
    );
  }

  override build(inputShape: PartialShape): void {
    checkInput(this, inputShape, { axes: '[batch, ..., channels]', minRank: 2 });
    const [axis] = normalizeAxes(this.axis, inputShape.length) as [number];
    const channels = knownSize(this, inputShape, axis);
    if (this.groups !== -1 && channels % this.groups !== 0) {
      throw this.error(
        'BAD_ARGUMENT',
        `groups must divide the input's ${channels} channels, but got ${this.groups}.`,
      );
    }
    this.addTrained([channels]);
  }

  override call(input: Value): Value {
    const [axis] = normalizeAxes(this.axis, input.rank) as [number];
    checkAxes(this, input, [axis], this.gamma ?? this.beta);
    const channels = input.shape[axis] as number;
    const groups = this.groups === -1 ? channels : this.groups;
    const split = [groups, channels / groups];
    const x = reshape(cast(input, 'float32'), input.shape.toSpliced(axis, 1, ...split));
    // All axes but the batch and the groups.
    const axes = x.shape.flatMap((_, i) => (i === 0 || i === axis ? [] : [i]));
    const spread = x.shape.map((dim, i) => (i === axis || i === axis + 1 ? dim : 1));
    const { mean, variance } = moments(x, axes, true);
    return reshape(this.normalize(x, mean, variance, spread), input.shape);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), groups: this.groups, axis: this.axis };
  }
}

export interface UnitNormalizationOptions extends LayerOptions {
  /** The axes that are normalized together. Default -1. */
  axis?: Axis;
}

/**
 * x / sqrt(sum(x^2)) over `axis`, so that the length becomes 1; zeros stay. Any shape.
 *
 * Source: Keras's UnitNormalization.
 *
 * @example
 * ```ts
 * const model = sequential([layers.unitNormalization({ inputShape: [2] })]);
 * await model.predict([[3, 4]]); // => [[0.6, 0.8]]
 * ```
 */
export class UnitNormalization extends Layer {
  static override className = 'UnitNormalization';
  override supportsMasking = true;
  private readonly axis: Axis;

  constructor(options: UnitNormalizationOptions = {}) {
    super(options, ['axis']);
    this.axis = options.axis ?? -1;
  }

  override call(input: Value): Value {
    const x = cast(input, 'float32');
    const axes = normalizeAxes(this.axis, x.rank);
    // Keras's smallest squared length.
    return multiply(x, rsqrt(maximum(sum(square(x), axes, true), 1e-12)));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), axis: this.axis };
  }
}

export interface RMSNormalizationOptions extends LayerOptions {
  /** The axis that is normalized. Default -1. */
  axis?: Axis;
  /** Added to the mean square. Default 1e-6. */
  epsilon?: number;
}

/**
 * scale * x / sqrt(mean(x^2) + epsilon) over `axis` (Zhang and Sennrich 2019). Any shape. Weight
 * scale, first 1: the sizes of those axes.
 *
 * @example
 * ```ts
 * const model = sequential([layers.rmsNormalization({ inputShape: [2] })]);
 * await model.predict([[1, 7]]); // => [[0.2, 1.4]]
 * ```
 */
export class RMSNormalization extends Layer {
  static override className = 'RMSNormalization';
  private readonly axis: Axis;
  private readonly epsilon: number;
  private factor!: Variable;

  constructor(options: RMSNormalizationOptions = {}) {
    super(options, ['axis', 'epsilon']);
    this.axis = options.axis ?? -1;
    this.epsilon = this.named(() => checkRange('epsilon', options.epsilon ?? 1e-6, 0));
  }

  override build(inputShape: PartialShape): void {
    const axes = normalizeAxes(this.axis, inputShape.length);
    const shape = axes.map((axis) => knownSize(this, inputShape, axis));
    this.factor = this.addWeight({ name: 'scale', shape, initializer: 'ones' });
  }

  override call(input: Value): Value {
    const axes = normalizeAxes(this.axis, input.rank);
    checkAxes(this, input, axes, this.factor);
    const x = cast(input, 'float32');
    const inverse = rsqrt(add(mean(square(x), axes, true), this.epsilon));
    return multiply(multiply(x, inverse), reshape(this.factor, along(x.shape, axes)));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), axis: this.axis, epsilon: this.epsilon };
  }
}
