import { checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { alignShapes, checkClassNumbers, checkOneHot } from '../losses/shapes.js';
import { equal, greater } from '../ops/binary.js';
import { argmax } from '../ops/reduce.js';
import { MeanMetric, type MetricOptions } from './metric.js';

export interface BinaryAccuracyOptions extends MetricOptions {
  /** Predictions above it count as 1. Default 0.5. */
  threshold?: number;
}

/**
 * Share of predictions on the right side of the threshold, mean(yTrue = (yPred > threshold)); labels
 * 0 or 1 of the same shape.
 *
 * Source: Keras's BinaryAccuracy.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: 'mse', metrics: metrics.binaryAccuracy() });
 * const [x, y] = [[[0.9], [0.4], [0.6]], [1, 0, 0]];
 * await model.evaluate(x, y); // => { loss: 0.1767, binary_accuracy: 0.6667 }
 * ```
 */
export class BinaryAccuracy extends MeanMetric {
  static override className = 'BinaryAccuracy';
  private readonly threshold: number;

  constructor(options: BinaryAccuracyOptions = {}) {
    super(options, 'binary_accuracy', ['threshold']);
    this.threshold = checkRange('BinaryAccuracy: threshold', options.threshold ?? 0.5, 0, 1, true);
  }

  override values(yTrue: Value, yPred: Value): Value {
    const [truth, predictions] = alignShapes(this.name, yTrue, yPred);
    return equal(truth, greater(predictions, this.threshold));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), threshold: this.threshold };
  }
}

/**
 * Share of samples whose largest prediction is of the right class, mean(argmax(yTrue) =
 * argmax(yPred)); one-hot labels [..., classes].
 *
 * Source: Keras's CategoricalAccuracy.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: 'mse', metrics: metrics.categoricalAccuracy() });
 * const [x, y] = [[[0.9, 0.1], [0.4, 0.6]], [[1, 0], [1, 0]]];
 * await model.evaluate(x, y); // => { loss: 0.185, categorical_accuracy: 0.5 }
 * ```
 */
export class CategoricalAccuracy extends MeanMetric {
  static override className = 'CategoricalAccuracy';

  constructor(options: MetricOptions = {}) {
    super(options, 'categorical_accuracy', []);
  }

  override values(yTrue: Value, yPred: Value): Value {
    const labels = checkOneHot(this.name, yTrue, yPred, 'sparseCategoricalAccuracy');
    return equal(argmax(labels, -1), argmax(yPred, -1));
  }
}

/**
 * Share of samples whose largest prediction is of the right class, mean(yTrue = argmax(yPred));
 * class numbers [...].
 *
 * Source: Keras's SparseCategoricalAccuracy.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * const loss = 'sparseCategoricalCrossentropy';
 * model.compile({ loss, metrics: metrics.sparseCategoricalAccuracy() });
 * const [x, y] = [[[0.9, 0.1], [0.4, 0.6]], [0, 0]];
 * await model.evaluate(x, y); // => { loss: 0.5108, sparse_categorical_accuracy: 0.5 }
 * ```
 */
export class SparseCategoricalAccuracy extends MeanMetric {
  static override className = 'SparseCategoricalAccuracy';

  constructor(options: MetricOptions = {}) {
    super(options, 'sparse_categorical_accuracy', []);
  }

  override values(yTrue: Value, yPred: Value): Value {
    const labels = checkClassNumbers(this.name, yTrue, yPred, 'categoricalAccuracy');
    return equal(labels, argmax(yPred, -1));
  }
}

/**
 * 'accuracy' in `compile`: binary for predictions [..., 1], otherwise sparse categorical for labels
 * with an axis less or a last axis of size 1, otherwise categorical. Keras chooses the same way.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [3] })]);
 * const loss = 'sparseCategoricalCrossentropy';
 * model.compile({ loss, metrics: metrics.accuracy() });
 * const [x, y] = [[[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]], [1, 2]];
 * await model.evaluate(x, y); // => { loss: 0.9831, accuracy: 0.5 }
 * ```
 */
export class Accuracy extends MeanMetric {
  static override className = 'Accuracy';

  constructor(options: MetricOptions = {}) {
    super(options, 'accuracy', []);
  }

  override values(yTrue: Value, yPred: Value): Value {
    const name = { name: this.name };
    const classes = yPred.shape.at(-1);
    if (yPred.rank < 2 || classes === 1) return new BinaryAccuracy(name).values(yTrue, yPred);
    const sparse = yTrue.rank < yPred.rank || yTrue.shape.at(-1) === 1;
    const kind = sparse ? new SparseCategoricalAccuracy(name) : new CategoricalAccuracy(name);
    return kind.values(yTrue, yPred);
  }
}
