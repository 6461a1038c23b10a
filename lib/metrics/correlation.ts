import { LugeError } from '../core/errors.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { alignShapes } from '../losses/shapes.js';
import { divide, multiply, subtract } from '../ops/binary.js';
import { concat } from '../ops/concat.js';
import { mean, sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { sqrt, square } from '../ops/unary.js';
import { MeanMetric, type Metric, type MetricOptions } from './metric.js';
import { columns } from './regression.js';
import { spreadWeights } from './weights.js';

export interface PearsonCorrelationOptions extends MetricOptions {
  /**
   * -1: the correlation of the numbers of each sample, of which the mean is taken. 0: that of each
   * column over all samples of an epoch, exactly, and the mean over the columns. Default -1.
   */
  axis?: -1 | 0;
}

/**
 * Pearson's correlation cov(y, p) / (std(y) * std(p)), from -1 to 1; labels and predictions of one
 * shape [batch, ..., n]. NaN where either does not vary. With an axis of 0 Keras takes the mean of
 * the batches' correlations; here it is that of the whole epoch.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.pearsonCorrelation({ axis: 0 }) });
 * const [x, y] = [[[1], [2], [4]], [1, 2, 3]];
 * await model.evaluate(x, y); // => { loss: 0.3333, pearson_correlation: 0.982 }
 * ```
 */
export class PearsonCorrelation extends MeanMetric {
  static override className = 'PearsonCorrelation';
  private readonly axis: number;

  constructor(options: PearsonCorrelationOptions = {}) {
    super(options, 'pearson_correlation', ['axis']);
    this.axis = options.axis ?? -1;
    if (this.axis !== -1 && this.axis !== 0) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `PearsonCorrelation: axis must be -1 (each sample) or 0 (over all samples), but got ${this.axis}.`,
      );
    }
  }

  override values(yTrue: Value, yPred: Value): Value {
    const [truth, predictions] = alignShapes(this.name, yTrue, yPred);
    if (truth.rank < 2 || truth.shape.at(-1) === 1) {
      throw new LugeError(
        'BAD_SHAPE',
        `${this.name}: a sample of a single number has no correlation. Over all samples it is ` +
          'metrics.pearsonCorrelation({ axis: 0 }).',
      );
    }
    const [y, p] = [truth, predictions].map((x) => subtract(x, mean(x, -1, true)));
    const [yy, pp] = [y, p].map((x) => sum(square(x as Value), -1));
    const covariance = sum(multiply(y as Value, p as Value), -1);
    return divide(covariance, multiply(sqrt(yy as Value), sqrt(pp as Value)));
  }

  override update(yTrue: Value, yPred: Value, weight?: Value): Value {
    if (this.axis === -1) return super.update(yTrue, yPred, weight);
    const [y, p] = columns(this.name, yTrue, yPred);
    const weights = weight && spreadWeights(this.name, weight, y.shape);
    const terms = [y, p, square(y), square(p), multiply(y, p)];
    const count = weight ? sum(weight) : y.node.graph.constant(y.shape[0] as number);
    return concat(
      [
        ...terms.map((term) => sum(weights ? multiply(term, weights) : term, 0)),
        reshape(count, [1]),
      ],
      0,
    );
  }

  override result(sums: Float64Array): number {
    if (this.axis === -1) return super.result(sums);
    const width = (sums.length - 1) / 5;
    const count = sums.at(-1) as number;
    let total = 0;
    for (let i = 0; i < width; i++) {
      const [y, p, yy, pp, yp] = [0, 1, 2, 3, 4].map(
        (part) => (sums[part * width + i] as number) / count,
      ) as [number, number, number, number, number];
      total += (yp - y * p) / Math.sqrt((yy - y * y) * (pp - p * p));
    }
    return total / width;
  }

  override getConfig(): Config {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/** Pearson's correlation of the numbers of each sample, or with an axis of 0 over all samples. */
export const pearsonCorrelation = (options?: PearsonCorrelationOptions): Metric =>
  new PearsonCorrelation(options);
