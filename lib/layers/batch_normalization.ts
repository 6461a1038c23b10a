import { checkRange } from '../core/options.js';
import { type Config, serialize } from '../core/registry.js';
import { normalizeAxis, type PartialShape, type Shape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { CallContext, SymbolicTensor } from '../graph/symbolic.js';
import type { Initializer, InitializerLike } from '../initializers/index.js';
import { moments } from '../ops/batch_normalization.js';
import { add, divide, multiply, subtract } from '../ops/binary.js';
import { broadcastTo } from '../ops/broadcast.js';
import { cast } from '../ops/cast.js';
import { currentGraph } from '../ops/define.js';
import { sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { square } from '../ops/unary.js';
import { where } from '../ops/where.js';
import type { CallOptions } from './call_options.js';
import { checkInput, knownSize, showBatched } from './check_input.js';
import { type Layer, layerOptionsFrom } from './layer.js';
import { spreadMask } from './masks.js';
import {
  TrainedNormalization,
  type TrainedNormalizationOptions,
  withoutFeatures,
} from './trained_normalization.js';

export interface BatchNormalizationOptions extends TrainedNormalizationOptions {
  /** The axis that keeps statistics of its own for each place: the channels. Default -1. */
  axis?: number;
  /** What remains of the running statistics at each step. Default 0.99. */
  momentum?: number;
  /** Default 'zeros'. */
  movingMeanInitializer?: InitializerLike;
  /** Default 'ones'. */
  movingVarianceInitializer?: InitializerLike;
}

/** What `apply` of batch normalization takes besides its input. */
export interface BatchNormalizationCallOptions<T = SymbolicTensor> extends CallOptions {
  /**
   * Of all axes of the input but the last: 0 for what to leave out of the batch's statistics. Default:
   * the mask that the input carries.
   */
  mask?: T;
}

/**
 * gamma * (x - mean) / sqrt(variance + epsilon) + beta (Ioffe and Szegedy 2015), of any shape.
 *
 * In training, mean and variance are those of the batch over all axes but `axis`, and the running
 * ones move towards them: moving = momentum * moving + (1 - momentum) * batch. Otherwise, and when
 * the layer is not trainable, they are the running ones. Weights, each of the axis's size: gamma,
 * beta, moving mean, moving variance.
 *
 * What a mask of all axes but the last skips, carried by the input or given as `mask` to `apply`, is
 * normalized like the rest but left out of the batch's mean and variance: sum(mask x) / (sum(mask) +
 * 1e-7), as in Keras. The output carries the mask on.
 *
 * @throws LugeError BAD_ARGUMENT for options that make no sense; BAD_SHAPE for another size of the
 *   axis than the layer was built for, or a mask that does not fit.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.dense({ units: 100, useBias: false, inputShape: [784] }),
 *   layers.batchNormalization(),
 *   layers.activation({ activation: 'relu' }),
 * ]);
 * model.getLayer(1).weights.length; // => 4
 * ```
 */
export class BatchNormalization extends TrainedNormalization {
  static override className = 'BatchNormalization';
  override supportsMasking = true;
  override readonly callOptions = ['mask'];
  private readonly axis: number;
  private readonly momentum: number;
  private readonly movingMeanInitializer: Initializer;
  private readonly movingVarianceInitializer: Initializer;
  private movingMean!: Variable; // [channels], as all weights
  private movingVariance!: Variable;

  constructor(options: BatchNormalizationOptions = {}) {
    super(options, ['axis', 'momentum', 'movingMeanInitializer', 'movingVarianceInitializer']);
    // Files of older Keras hold a list of one axis.
    this.axis = [options.axis ?? -1].flat()[0] as number;
    this.momentum = this.named(() => checkRange('momentum', options.momentum ?? 0.99, 0, 1, true));
    this.movingMeanInitializer = this.initializer(options.movingMeanInitializer, 'zeros');
    this.movingVarianceInitializer = this.initializer(options.movingVarianceInitializer, 'ones');
  }

  override apply<T extends SymbolicTensor | Value, Y = T>(
    inputs: T | readonly T[],
    options: BatchNormalizationCallOptions<T> = {},
  ): Y {
    return super.apply(inputs, options);
  }

  override build(inputShape: PartialShape): void {
    const axis = normalizeAxis(this.axis, inputShape.length);
    const shape = [knownSize(this, inputShape, axis)];
    this.addTrained(shape);
    const statistic = (name: string, initializer: Initializer) =>
      this.addWeight({ name, shape, initializer, trainable: false });
    this.movingMean = statistic('moving_mean', this.movingMeanInitializer);
    this.movingVariance = statistic('moving_variance', this.movingVarianceInitializer);
  }

  override call(input: Value, { training }: CallContext): Value {
    const size = this.movingMean.shape[0] as number;
    checkInput(this, input.shape, { axes: '[batch, ...]', sizes: { [this.axis]: size } });
    const x = cast(input, 'float32');
    const channels = normalizeAxis(this.axis, x.rank);
    // [1, ..., channels, ..., 1], so that it broadcasts along the right axis.
    const along: Shape = x.shape.map((dim, i) => (i === channels ? dim : 1));
    const spread = (variable: Variable) => reshape(variable, along);
    const learning = training && this.trainable;
    const mask = input.mask && this.fitting(input.mask, x.shape);
    const others = x.shape.flatMap((_, i) => (i === channels ? [] : [i]));
    const { mean, variance } = learning
      ? mask
        ? maskedMoments(x, mask, others)
        : moments(x, others, true)
      : { mean: spread(this.movingMean), variance: spread(this.movingVariance) };
    if (learning) {
      this.follow(this.movingMean, mean);
      this.follow(this.movingVariance, variance);
    }
    return this.normalize(x, mean, variance, along);
  }

  /** The mask with an axis of size 1 behind its own, so that it broadcasts with x of that shape. */
  private fitting(mask: Value, shape: Shape): Value {
    const wanted = shape.slice(0, -1);
    const fits = mask.shape.every((dim, i) => dim === 1 || dim === wanted[i]);
    if (fits && mask.rank === wanted.length) return spreadMask(mask, shape.length);
    throw this.error(
      'BAD_SHAPE',
      `expected a mask of all axes of its input but the last, ${showBatched(wanted)}, but got ` +
        `${showBatched(mask.shape)}. Give one that fits: apply(x, { mask }).`,
    );
  }

  /** Moves a running statistic towards that of the batch. */
  private follow(moving: Variable, batch: Value): void {
    const next = add(
      multiply(moving, this.momentum),
      multiply(reshape(batch, moving.shape), 1 - this.momentum),
    );
    currentGraph().update(moving, next);
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      axis: this.axis,
      momentum: this.momentum,
      moving_mean_initializer: serialize(this.movingMeanInitializer),
      moving_variance_initializer: serialize(this.movingVarianceInitializer),
    };
  }

  static override fromConfig<L extends Layer>(this: new (options: never) => L, config: Config): L {
    const { renorm_momentum: _, ...rest } = config;
    const features = ['synchronized', 'renorm'];
    return new this(
      layerOptionsFrom(withoutFeatures('BatchNormalization', rest, features)) as never,
    );
  }
}

/** Mean and variance over the axes of what counts, kept with size 1; 0 where nothing does. */
function maskedMoments(x: Value, mask: Value, axes: readonly number[]) {
  const counts = broadcastTo(mask, x.shape);
  const total = add(sum(counts, axes, true), 1e-7);
  const mean = divide(sum(where(counts, x, 0), axes, true), total);
  const distances = where(counts, subtract(x, mean), 0);
  return { mean, variance: divide(sum(square(distances), axes, true), total) };
}
