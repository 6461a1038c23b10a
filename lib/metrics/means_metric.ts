import { LugeError } from '../core/errors.js';
import { sameShape, showShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { fitShapes } from '../losses/shapes.js';
import { multiply } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { concat } from '../ops/concat.js';
import { sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { Metric } from './metric.js';
import { weightsOf } from './weights.js';

export interface MeansMetricOptions {
  /** The key in `History`. */
  name: string;
  /**
   * The numbers to take the means of, written with `ops`: one value or several of one shape
   * [batch, ...]. Labels and predictions that differ only in a last axis of size 1 come as float32
   * of one shape; others come as they are.
   */
  terms(yTrue: Value, yPred: Value): Value | readonly Value[];
  /** The metric, from the means of the terms over all samples. */
  result(means: readonly number[]): number;
}

/** A number that is computed from means over all samples of an epoch. */
export class MeansMetric extends Metric {
  static override className = 'MeansMetric';
  private readonly options: MeansMetricOptions;

  constructor(options: MeansMetricOptions) {
    super(options, options.name, ['terms', 'result']);
    this.options = options;
  }

  override update(yTrue: Value, yPred: Value, weight?: Value): Value {
    const given = this.options.terms(...fitShapes(yTrue, yPred));
    const terms = [given].flat().map((term) => cast(term, 'float32'));
    const { shape } = terms[0] as Value;
    const other = terms.find((term) => !sameShape(term.shape, shape));
    if (shape.length === 0 || other !== undefined) {
      throw new LugeError(
        'BAD_SHAPE',
        `Metric '${this.name}': expected terms of one shape [batch, ...], but got ${showShape(shape)}` +
          `${other === undefined ? '' : ` and ${showShape(other.shape)}`}. The sums are made for you.`,
      );
    }
    const weights = weightsOf(this.name, shape, weight, yPred.mask);
    const count = weights
      ? sum(weights)
      : yPred.node.graph.constant(shape.reduce((a, b) => a * b, 1));
    const sums = terms.map((term) => sum(weights ? multiply(term, weights) : term));
    return concat(
      [...sums, count].map((each) => reshape(each, [1])),
      0,
    );
  }

  override result(sums: Float64Array): number {
    const count = sums.at(-1) as number;
    return this.options.result(Array.from(sums.subarray(0, -1), (each) => each / count));
  }
}

/**
 * A metric of your own that is exact over an epoch: means of terms over all samples, from which
 * the result is computed in the end. The terms are part of the training step and run natively.
 *
 * @throws LugeError BAD_SHAPE when the terms differ in shape, or are reduced already.
 * @example
 * ```ts
 * // Pearson's correlation over all samples of an epoch.
 * const pearson = metrics.fromMeans({
 *   name: 'pearson',
 *   terms: (y, p) => [y, p, ops.square(y), ops.square(p), ops.multiply(y, p)],
 *   result: ([y = 0, p = 0, yy = 0, pp = 0, yp = 0]) =>
 *     (yp - y * p) / Math.sqrt((yy - y * y) * (pp - p * p)),
 * });
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: pearson });
 * const [x, y] = [[[1], [2], [4]], [[1], [2], [3]]];
 * await model.evaluate(x, y); // => { loss: 0.3333, pearson: 0.982 }
 * ```
 */
export const fromMeans = (options: MeansMetricOptions): Metric => new MeansMetric(options);
