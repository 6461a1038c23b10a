import { LugeError } from '../core/errors.js';
import { checkChoice, checkCount } from '../core/options.js';
import { type Config, optionsFromConfig } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { cosine } from '../losses/cosine_similarity.js';
import { alignShapes } from '../losses/shapes.js';
import { multiply, subtract } from '../ops/binary.js';
import { broadcastTo } from '../ops/broadcast.js';
import { concat } from '../ops/concat.js';
import { sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { square } from '../ops/unary.js';
import { MeanMetric, Metric, type MetricOptions } from './metric.js';
import { spreadWeights } from './weights.js';

/**
 * sqrt(mean((y - p)^2)) over all numbers of an epoch; both of shape [batch, ..., n].
 *
 * Source: Keras's RootMeanSquaredError.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.rootMeanSquaredError() });
 * const [x, y] = [[[1], [2], [3]], [1, 2, 6]];
 * await model.evaluate(x, y); // => { loss: 3, root_mean_squared_error: 1.7321 }
 * ```
 */
export class RootMeanSquaredError extends MeanMetric {
  static override className = 'RootMeanSquaredError';

  constructor(options: MetricOptions = {}) {
    super(options, 'root_mean_squared_error', []);
  }

  override values(yTrue: Value, yPred: Value): Value {
    const [truth, predictions] = alignShapes(this.name, yTrue, yPred);
    return square(subtract(truth, predictions));
  }

  override result(sums: Float64Array): number {
    return Math.sqrt(super.result(sums));
  }
}

/**
 * The mean of sum(y * p) / (|y| * |p|) over the last axis, from -1 (opposite) to 1 (same direction);
 * both of shape [batch, ..., n]. The loss of that name has the other sign, as in Keras.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: 'mse', metrics: metrics.cosineSimilarity() });
 * await model.evaluate([[3, 4]], [[4, 3]]); // => { loss: 1, cosine_similarity: 0.96 }
 * ```
 */
export class CosineSimilarity extends MeanMetric {
  static override className = 'CosineSimilarity';

  constructor(options: MetricOptions = {}) {
    super(options, 'cosine_similarity', []);
  }

  override values(yTrue: Value, yPred: Value): Value {
    return cosine(this.name, yTrue, yPred);
  }
}

const aggregations = ['uniform_average', 'variance_weighted_average'] as const;

export interface R2ScoreOptions extends MetricOptions {
  /**
   * The mean over the columns, that weighted by their variances, or with null each column on its
   * own, reported as `name_0`, `name_1` and so on. Default 'uniform_average'.
   */
  classAggregation?: (typeof aggregations)[number] | null;
  /** Number of the model's inputs, for the adjusted score. Default 0: not adjusted. */
  numRegressors?: number;
}

/**
 * 1 - sum((y - p)^2) / sum((y - mean(y))^2) over all samples of an epoch, for each column of labels
 * and predictions [batch, n]; 0 for a column that does not vary.
 *
 * Source: Keras's R2Score.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.r2Score() });
 * await model.evaluate([[1], [2], [3.5]], [1, 2, 3]); // => { loss: 0.0833, r2_score: 0.875 }
 * ```
 */
export class R2Score extends Metric {
  static override className = 'R2Score';
  private readonly classAggregation: (typeof aggregations)[number] | null;
  private readonly numRegressors: number;

  constructor(options: R2ScoreOptions = {}) {
    super(options, 'r2_score', ['classAggregation', 'numRegressors']);
    const { classAggregation = 'uniform_average' } = options;
    this.classAggregation =
      classAggregation && checkChoice('R2Score: classAggregation', classAggregation, aggregations);
    this.numRegressors = checkCount('R2Score: numRegressors', options.numRegressors ?? 0, 0);
  }

  /** For each column: weights, labels, their squares and the squared errors; then the count. */
  override update(yTrue: Value, yPred: Value, weight?: Value): Value {
    const [truth, predictions] = columns(this.name, yTrue, yPred);
    const [batch, width] = truth.shape as [number, number];
    const { graph } = truth.node;
    const weights = weight && spreadWeights(this.name, weight, truth.shape);
    const terms = [truth, square(truth), square(subtract(truth, predictions))];
    const counts = weights ? sum(weights, 0) : broadcastTo(graph.constant(batch), [width]);
    return concat(
      [
        counts,
        ...terms.map((term) => sum(weights ? multiply(term, weights) : term, 0)),
        reshape(graph.constant(batch * width), [1]),
      ],
      0,
    );
  }

  override result(sums: Float64Array): number | number[] {
    const width = (sums.length - 1) / 4;
    const part = (index: number, column: number) => sums[index * width + column] as number;
    const spreads = Array.from(
      { length: width },
      (_, i) => part(2, i) - part(1, i) ** 2 / part(0, i),
    );
    const scores = spreads.map((spread, i) => {
      const score = 1 - part(3, i) / spread;
      return Number.isFinite(score) || Number.isNaN(score) ? score : 0;
    });
    if (this.classAggregation === null) return scores.map((score) => this.adjusted(score, sums));
    const weights = this.classAggregation === 'uniform_average' ? spreads.map(() => 1) : spreads;
    const total = scores.reduce((all, score, i) => all + score * (weights[i] as number), 0);
    return this.adjusted(total / weights.reduce((a, b) => a + b), sums);
  }

  /** The score as it is when there are too few samples for the adjusted one. */
  private adjusted(score: number, sums: Float64Array): number {
    const count = sums.at(-1) as number;
    if (this.numRegressors === 0 || this.numRegressors >= count - 1) return score;
    return 1 - ((1 - score) * (count - 1)) / (count - this.numRegressors - 1);
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      class_aggregation: this.classAggregation,
      num_regressors: this.numRegressors,
    };
  }

  /** Here null is a setting of its own, not one that is missing. */
  static override fromConfig<M extends Metric>(this: new (options: never) => M, config: Config): M {
    const { dtype: _, ...options } = optionsFromConfig(config);
    if (config.class_aggregation === null) options.classAggregation = null;
    return new this(options as never);
  }
}

/** Labels and predictions as [batch, n], of which a column may be without its axis. */
export function columns(what: string, yTrue: Value, yPred: Value): [Value, Value] {
  const [truth, predictions] = alignShapes(what, yTrue, yPred);
  if (truth.rank > 2) {
    throw new LugeError(
      'BAD_SHAPE',
      `${what}: expected labels and predictions of shape [batch, n], but they have ${truth.rank} axes.`,
    );
  }
  const flat = (x: Value) => (x.rank === 2 ? x : reshape(x, [-1, 1]));
  return [flat(truth), flat(predictions)];
}

/** sqrt(mean((y - p)^2)) over all samples. */
export const rootMeanSquaredError = (options?: MetricOptions): Metric =>
  new RootMeanSquaredError(options);

/** The mean of sum(y * p) / (|y| * |p|) over the last axis. */
export const cosineSimilarity = (options?: MetricOptions): Metric => new CosineSimilarity(options);

/** 1 - sum((y - p)^2) / sum((y - mean(y))^2) over all samples. */
export const r2Score = (options?: R2ScoreOptions): Metric => new R2Score(options);
