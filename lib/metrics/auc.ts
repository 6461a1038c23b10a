import { LugeError } from '../core/errors.js';
import { checkChoice, checkCount, checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import { Tensor } from '../core/tensor.js';
import type { Value } from '../graph/ir.js';
import { alignShapes } from '../losses/shapes.js';
import { clip } from '../ops/clip.js';
import { reshape } from '../ops/reshape.js';
import { sigmoid } from '../ops/unary.js';
import { Metric, type MetricOptions } from './metric.js';
import { type Counts, countAbove, ratio, readCounts } from './thresholds.js';
import { spreadWeights } from './weights.js';

const curves = ['ROC', 'PR'] as const;
const methods = ['interpolation', 'majoring', 'minoring'] as const;

/** The outermost thresholds are this far outside of [0, 1], as in Keras. */
const kMargin = 1e-7;

export interface AUCOptions extends MetricOptions {
  /** Thresholds spread evenly over [0, 1], at least 2. Default 200. */
  numThresholds?: number;
  /** Thresholds in [0, 1] instead of those; the ends are added. */
  thresholds?: readonly number[];
  /** 'ROC': recall over the rate of false positives; 'PR': precision over recall. Default 'ROC'. */
  curve?: (typeof curves)[number];
  /**
   * Heights between two thresholds: their mean (for 'PR' the interpolation of Davis & Goadrich,
   * 2006), the larger or the smaller. Default 'interpolation'.
   */
  summationMethod?: (typeof methods)[number];
  /** Whether each column has a curve of its own, of which the mean is taken. Default false. */
  multiLabel?: boolean;
  /** Whether predictions are logits rather than probabilities. Default false. */
  fromLogits?: boolean;
}

const known = [
  ...['numThresholds', 'thresholds', 'curve', 'summationMethod', 'multiLabel', 'fromLogits'],
];

/**
 * The area under a curve, the sum over neighbouring thresholds of (x[i] - x[i + 1]) * (y[i] + y[i + 1])
 * / 2, with x and y the rates of false and true positives, or recall and precision. For labels 0 and
 * 1 and predictions in [0, 1] of one shape [batch, ..., n] (a last axis of size 1 may be missing in
 * either).
 *
 * Source: Keras's AUC.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.auc() });
 * const [x, y] = [[[0.9], [0.8], [0.3], [0.1]], [1, 0, 1, 0]];
 * await model.evaluate(x, y); // => { loss: 0.2875, auc: 0.75 }
 * ```
 */
export class AUC extends Metric {
  static override className = 'AUC';
  private readonly options: Required<Omit<AUCOptions, 'name' | 'thresholds' | 'numThresholds'>>;
  private readonly inner: readonly number[];
  private readonly isGiven: boolean;
  private readonly thresholds: Tensor;

  constructor(options: AUCOptions = {}) {
    super(options, 'auc', known);
    this.options = {
      curve: checkChoice('AUC: curve', options.curve ?? 'ROC', curves),
      summationMethod: checkChoice(
        'AUC: summationMethod',
        options.summationMethod ?? 'interpolation',
        methods,
      ),
      multiLabel: options.multiLabel ?? false,
      fromLogits: options.fromLogits ?? false,
    };
    this.isGiven = options.thresholds !== undefined;
    const count = checkCount('AUC: numThresholds', options.numThresholds ?? 200, 2);
    this.inner =
      options.thresholds
        ?.map((each) => checkRange('AUC: thresholds', each, 0, 1, true))
        .toSorted((a, b) => a - b) ??
      Array.from({ length: count - 2 }, (_, i) => (i + 1) / (count - 1));
    const all = Float32Array.from([-kMargin, ...this.inner, 1 + kMargin]);
    this.thresholds = new Tensor(all, [all.length]);
  }

  override update(yTrue: Value, yPred: Value, weight?: Value): Value {
    const [truth, given] = alignShapes(this.name, yTrue, yPred);
    const { multiLabel, fromLogits } = this.options;
    if (multiLabel && truth.rank !== 2) {
      throw new LugeError(
        'BAD_SHAPE',
        `${this.name}: with multiLabel, predictions must be of shape [batch, labels], but they have ` +
          `${truth.rank} axes.`,
      );
    }
    const predictions = clip(fromLogits ? sigmoid(given) : given, 0, 1);
    const weights = weight && spreadWeights(this.name, weight, truth.shape);
    const columns = (x: Value) => (multiLabel ? x : reshape(x, [-1, 1]));
    return countAbove(
      columns(truth),
      columns(predictions),
      weights && columns(weights),
      this.thresholds,
    );
  }

  override result(sums: Float64Array): number {
    const areas = readCounts(sums, this.thresholds.size).map((counts) => this.area(counts));
    return areas.reduce((a, b) => a + b) / areas.length;
  }

  /** Thresholds grow, so that the curve is walked from its right end to the left. */
  private area(counts: readonly Counts[]): number {
    const { curve, summationMethod } = this.options;
    let total = 0;
    for (let i = 0; i + 1 < counts.length; i++) {
      const [right, left] = [counts[i], counts[i + 1]] as [Counts, Counts];
      if (curve === 'PR' && summationMethod === 'interpolation') {
        total += interpolated(right, left);
        continue;
      }
      const [x1, y1] = this.point(right);
      const [x0, y0] = this.point(left);
      const heights = {
        interpolation: (y0 + y1) / 2,
        majoring: Math.max(y0, y1),
        minoring: Math.min(y0, y1),
      };
      total += (x1 - x0) * heights[summationMethod];
    }
    return total;
  }

  private point({
    truePositives,
    falsePositives,
    trueNegatives,
    falseNegatives,
  }: Counts): [x: number, y: number] {
    const recall = ratio(truePositives, truePositives + falseNegatives);
    if (this.options.curve === 'ROC') {
      return [ratio(falsePositives, falsePositives + trueNegatives), recall];
    }
    return [recall, ratio(truePositives, truePositives + falsePositives)];
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      num_thresholds: this.inner.length + 2,
      curve: this.options.curve,
      summation_method: this.options.summationMethod,
      multi_label: this.options.multiLabel,
      from_logits: this.options.fromLogits,
      thresholds: this.isGiven ? this.inner : null,
    };
  }
}

/**
 * The area between two thresholds under precision over recall, where true and false positives grow
 * together in a straight line. Davis & Goadrich, The Relationship Between Precision-Recall and ROC
 * Curves, 2006.
 */
function interpolated(right: Counts, left: Counts): number {
  const more = right.truePositives - left.truePositives;
  const p1 = right.truePositives + right.falsePositives;
  const p0 = left.truePositives + left.falsePositives;
  const slope = ratio(more, Math.max(p1 - p0, 0));
  const intercept = left.truePositives - slope * p0;
  const logRatio = p1 > 0 && p0 > 0 ? Math.log(p1 / p0) : 0;
  const positives = left.truePositives + left.falseNegatives;
  return ratio(slope * (more + intercept * logRatio), positives);
}

/** The area under the curve of receiver operating characteristics, or of precision over recall. */
export const auc = (options?: AUCOptions): Metric => new AUC(options);
