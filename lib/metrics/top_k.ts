import { LugeError } from '../core/errors.js';
import { checkCount } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { checkClassNumbers, checkOneHot } from '../losses/shapes.js';
import { greater, less, maximum } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { oneHot } from '../ops/gather.js';
import { argmax, max, sum } from '../ops/reduce.js';
import { where } from '../ops/where.js';
import { MeanMetric, type Metric, type MetricOptions } from './metric.js';

export interface TopKOptions extends MetricOptions {
  /** How many of the largest predictions count. Default 5. */
  k?: number;
}

/** What both kinds of accuracy have in common: they differ in the labels. */
abstract class TopKAccuracy extends MeanMetric {
  private readonly k: number;

  constructor(options: TopKOptions, name: string) {
    super(options, name, ['k']);
    this.k = checkCount(`${this.className}: k`, options.k ?? 5);
  }

  /** The class of each sample. */
  protected abstract classes(yTrue: Value, yPred: Value): Value;

  override values(yTrue: Value, yPred: Value): Value {
    const right = oneHot(this.classes(yTrue, yPred), yPred.shape.at(-1) as number);
    const score = max(where(right, yPred, Number.NEGATIVE_INFINITY), -1, true);
    // Classes of the same score as the right one do not push it out, as in Keras.
    const better = sum(cast(greater(yPred, score), 'float32'), -1);
    return less(better, this.k);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), k: this.k };
  }
}

/**
 * Share of samples whose class is among the k largest predictions, mean(rank(yPred of the class) <= k);
 * one-hot labels [..., classes].
 *
 * Source: Keras's TopKCategoricalAccuracy.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [3] })]);
 * model.compile({ loss: 'mse', metrics: metrics.topKCategoricalAccuracy({ k: 2 }) });
 * const [x, y] = [[[0.5, 0.3, 0.2]], [[0, 1, 0]]];
 * await model.evaluate(x, y); // => { loss: 0.26, top_k_categorical_accuracy: 1 }
 * ```
 */
export class TopKCategoricalAccuracy extends TopKAccuracy {
  static override className = 'TopKCategoricalAccuracy';

  constructor(options: TopKOptions = {}) {
    super(options, 'top_k_categorical_accuracy');
  }

  protected override classes(yTrue: Value, yPred: Value): Value {
    return argmax(checkOneHot(this.name, yTrue, yPred, 'sparseTopKCategoricalAccuracy'), -1);
  }
}

/**
 * Share of samples whose class is among the k largest predictions, mean(rank(yPred of the class) <= k);
 * class numbers [...].
 *
 * Source: Keras's SparseTopKCategoricalAccuracy.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [3] })]);
 * const loss = 'sparseCategoricalCrossentropy';
 * model.compile({ loss, metrics: metrics.sparseTopKCategoricalAccuracy({ k: 2 }) });
 * const [x, y] = [[[0.5, 0.3, 0.2]], [1]];
 * await model.evaluate(x, y); // => { loss: 1.204, sparse_top_k_categorical_accuracy: 1 }
 * ```
 */
export class SparseTopKCategoricalAccuracy extends TopKAccuracy {
  static override className = 'SparseTopKCategoricalAccuracy';

  constructor(options: TopKOptions = {}) {
    super(options, 'sparse_top_k_categorical_accuracy');
  }

  protected override classes(yTrue: Value, yPred: Value): Value {
    return checkClassNumbers(this.name, yTrue, yPred, 'topKCategoricalAccuracy');
  }
}

/** Share of samples whose class is among the k (5) largest predictions; one-hot labels. */
export const topKCategoricalAccuracy = (options?: TopKOptions): Metric =>
  new TopKCategoricalAccuracy(options);

/** Share of samples whose class is among the k (5) largest predictions; class numbers. */
export const sparseTopKCategoricalAccuracy = (options?: TopKOptions): Metric =>
  new SparseTopKCategoricalAccuracy(options);

/** What predictions that are not among the k largest are replaced by; the value is Keras's. */
export const kLeftOut = -1e10;

/** Predictions [..., classes] with all but the k largest of each row replaced by -1e10. */
export function keepTopK(what: string, predictions: Value, k: number): Value {
  const classes = predictions.shape.at(-1) as number;
  if (k > classes) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what}: topK must be at most the number of classes, ${classes}, but got ${k}.`,
    );
  }
  // k is small: each round finds the largest of what is left, the first of equals.
  const largest = (left: Value) => oneHot(argmax(left, -1), classes);
  let kept = largest(predictions);
  for (let found = 1; found < k; found++) {
    const left = where(kept, Number.NEGATIVE_INFINITY, predictions);
    kept = maximum(kept, largest(left));
  }
  return where(kept, predictions, kLeftOut);
}
