import { LugeError } from '../core/errors.js';
import { checkCount, checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import { Tensor } from '../core/tensor.js';
import type { Value } from '../graph/ir.js';
import { alignShapes } from '../losses/shapes.js';
import { greater, multiply, notEqual, subtract } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { concat } from '../ops/concat.js';
import { toValue } from '../ops/define.js';
import { gather } from '../ops/gather.js';
import { sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { Metric, type MetricOptions } from './metric.js';
import { keepTopK, kLeftOut } from './top_k.js';
import { spreadWeights } from './weights.js';

/** How many labels are which, and how many are taken for which, at one threshold. */
export interface Counts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/**
 * The counts of labels that are not 0 and of labels that are, both with predictions above each of T
 * thresholds, and altogether, one behind the other: [2 * L * (T + 1)].
 *
 * @param truth float32 [n, L], as predictions and weights are; each column is counted alone.
 * @param thresholds [T]
 */
export function countAbove(
  truth: Value,
  predictions: Value,
  weights: Value | undefined,
  thresholds: Tensor,
): Value {
  const { graph } = truth.node;
  const labels = truth.shape[1] as number;
  const isTrue = cast(notEqual(truth, 0), 'float32');
  const isFalse = subtract(1, isTrue);
  // One map over [n, L, T] whose results are summed as they are made.
  const above = greater(reshape(predictions, [-1, labels, 1]), toValue(graph, thresholds));
  const parts = [isTrue, isFalse].flatMap((is) => {
    const counted = weights === undefined ? is : multiply(is, weights);
    const each = multiply(above, reshape(counted, [-1, labels, 1]));
    return [reshape(sum(each, 0), [labels * thresholds.size]), sum(counted, 0)];
  });
  return concat(parts, 0);
}

/** The counts that `countAbove` added up, for each of L labels and T thresholds: [L][T]. */
export function readCounts(sums: Float64Array, thresholds: number): Counts[][] {
  const labels = sums.length / (2 * (thresholds + 1));
  const half = sums.length / 2;
  const at = (index: number) => sums[index] as number;
  return Array.from({ length: labels }, (_, label) => {
    const positives = at(labels * thresholds + label);
    const negatives = at(half + labels * thresholds + label);
    return Array.from({ length: thresholds }, (_, t) => {
      const truePositives = at(label * thresholds + t);
      const falsePositives = at(half + label * thresholds + t);
      return {
        truePositives,
        falsePositives,
        trueNegatives: negatives - falsePositives,
        falseNegatives: positives - truePositives,
      };
    });
  });
}

/** a / b, or 0 where b is 0. */
export function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}

export interface ThresholdsOptions extends MetricOptions {
  /**
   * Predictions above it count as 1; of several, each gives a number of its own, reported as
   * `name_0`, `name_1` and so on. In [0, 1], default 0.5.
   */
  thresholds?: number | readonly number[];
}

export interface ClassThresholdsOptions extends ThresholdsOptions {
  /** Only the k largest predictions of each sample count, all of them unless thresholds are given. */
  topK?: number;
  /** Only this class counts, a column of the predictions. Default: all of them. */
  classId?: number;
}

/**
 * What follows from the counts at each threshold, for labels 0 and 1 and predictions of one shape
 * [batch, ..., n] (a last axis of size 1 may be missing in either).
 */
export abstract class ThresholdMetric extends Metric {
  private readonly given: number | readonly number[] | undefined;
  private readonly thresholds: Tensor;
  private readonly topK: number | undefined;
  private readonly classId: number | undefined;

  constructor(options: ClassThresholdsOptions, name: string, known: readonly string[]) {
    super(options, name, ['thresholds', ...known]);
    this.given = options.thresholds;
    this.topK = options.topK;
    this.classId = options.classId;
    if (this.topK !== undefined) checkCount(`${this.className}: topK`, this.topK);
    if (this.classId !== undefined) checkCount(`${this.className}: classId`, this.classId, 0);
    const list = this.given === undefined ? [] : [this.given].flat();
    for (const each of list) checkRange(`${this.className}: thresholds`, each, 0, 1, true);
    const standard = this.topK === undefined ? 0.5 : kLeftOut;
    const all = Float32Array.from(list.length === 0 ? [standard] : list);
    this.thresholds = new Tensor(all, [all.length]);
  }

  /** The number that the counts at one threshold mean. */
  protected abstract of(counts: Counts): number;

  override update(yTrue: Value, yPred: Value, weight?: Value): Value {
    const [truth, predictions] = alignShapes(this.name, yTrue, yPred);
    const weights = weight && spreadWeights(this.name, weight, truth.shape);
    const kept =
      this.topK === undefined ? predictions : keepTopK(this.name, predictions, this.topK);
    return countAbove(
      this.column(truth),
      this.column(kept),
      weights && this.column(weights),
      this.thresholds,
    );
  }

  override result(sums: Float64Array): number | number[] {
    const [counts = []] = readCounts(sums, this.thresholds.size);
    const values = counts.map((each) => this.of(each));
    return values.length === 1 ? (values[0] as number) : values;
  }

  /** What counts of [batch, ..., n], as [rows, 1]. */
  private column(x: Value): Value {
    if (this.classId === undefined) return reshape(x, [-1, 1]);
    const classes = x.shape.at(-1) as number;
    if (x.rank < 2 || this.classId >= classes) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `${this.name}: classId must be the number of a class, below ${x.rank < 2 ? 1 : classes}, ` +
          `but got ${this.classId}.`,
      );
    }
    return reshape(gather(x, this.classId, -1), [-1, 1]);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), thresholds: this.given ?? null };
  }

  /** The settings that only precision and recall have. */
  protected classConfig(): Config {
    return { top_k: this.topK ?? null, class_id: this.classId ?? null };
  }
}
