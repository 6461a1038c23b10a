import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { add, multiply, subtract } from '../ops/binary.js';
import { sigmoidCrossEntropy, softmaxCrossEntropy } from '../ops/cross_entropy.js';
import { oneHot } from '../ops/gather.js';
import { mean, sum } from '../ops/reduce.js';
import { softmaxLogits } from '../ops/softmax.js';
import { log, negative } from '../ops/unary.js';
import { Loss, type LossOptions } from './loss.js';
import {
  checkSmoothing,
  clipProbabilities,
  logProbabilities,
  sigmoidLogits,
  smooth,
} from './probabilities.js';
import { alignShapes, checkClassNumbers, checkOneHot } from './shapes.js';

export interface CrossentropyOptions extends LossOptions {
  /** Whether predictions are logits rather than probabilities. Default false. */
  fromLogits?: boolean;
}

export interface SmoothedCrossentropyOptions extends CrossentropyOptions {
  /** Share of each label that is spread over all classes evenly, in [0, 1]. Default 0. */
  labelSmoothing?: number;
}

/**
 * -sum(y * log(p)) over the classes, for one-hot (or soft) labels y [batch, ..., classes].
 *
 * Predictions p are divided by their sum and kept within [1e-7, 1 - 1e-7]. When they come straight
 * from a softmax, or with `fromLogits`, the loss is computed from the logits instead, exactly.
 *
 * Source: Keras's CategoricalCrossentropy.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [3] })]);
 * model.compile({ loss: losses.categoricalCrossentropy() });
 * await model.evaluate([[0.1, 0.7, 0.2]], [[0, 1, 0]]); // => { loss: 0.3567 }
 * ```
 */
export class CategoricalCrossentropy extends Loss {
  static override className = 'CategoricalCrossentropy';
  private readonly fromLogits: boolean;
  private readonly labelSmoothing: number;

  constructor(options: SmoothedCrossentropyOptions = {}) {
    super(options, 'categorical_crossentropy', ['fromLogits', 'labelSmoothing']);
    this.fromLogits = options.fromLogits ?? false;
    this.labelSmoothing = checkSmoothing(this.className, options.labelSmoothing);
  }

  override call(yTrue: Value, yPred: Value): Value {
    const given = checkOneHot(this.name, yTrue, yPred, 'sparseCategoricalCrossentropy');
    const labels = smooth(given, this.labelSmoothing, yPred.shape.at(-1) as number);
    const logits = this.fromLogits ? yPred : softmaxLogits(yPred);
    if (logits !== undefined) return softmaxCrossEntropy(logits, labels);
    return negative(sum(multiply(labels, logProbabilities(yPred)), -1));
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      from_logits: this.fromLogits,
      label_smoothing: this.labelSmoothing,
      axis: -1,
    };
  }
}

/**
 * -log(p of the right class), for class numbers [batch, ...] (or [batch, ..., 1]) and predictions
 * [batch, ..., classes]. Otherwise as `CategoricalCrossentropy`.
 *
 * Source: Keras's SparseCategoricalCrossentropy.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [3] })]);
 * model.compile({ loss: losses.sparseCategoricalCrossentropy() });
 * await model.evaluate([[0.1, 0.7, 0.2]], [1]); // => { loss: 0.3567 }
 * ```
 */
export class SparseCategoricalCrossentropy extends Loss {
  static override className = 'SparseCategoricalCrossentropy';
  private readonly fromLogits: boolean;

  constructor(options: CrossentropyOptions = {}) {
    super(options, 'sparse_categorical_crossentropy', ['fromLogits']);
    this.fromLogits = options.fromLogits ?? false;
  }

  override call(yTrue: Value, yPred: Value): Value {
    const labels = checkClassNumbers(this.name, yTrue, yPred, 'categoricalCrossentropy');
    const logits = this.fromLogits ? yPred : softmaxLogits(yPred);
    if (logits !== undefined) return softmaxCrossEntropy(logits, labels);
    const right = oneHot(labels, yPred.shape.at(-1) as number);
    return negative(sum(multiply(right, logProbabilities(yPred)), -1));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), from_logits: this.fromLogits };
  }
}

/**
 * mean(-y * log(p) - (1 - y) * log(1 - p)) over the last axis, for labels y in [0, 1] of the
 * predictions' shape [batch, ..., n] (a last axis of size 1 may be missing).
 *
 * Predictions are kept within [1e-7, 1 - 1e-7]. When they come straight from a sigmoid, or with
 * `fromLogits`, the loss is computed from the logits instead, exactly.
 *
 * Source: Keras's BinaryCrossentropy.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: losses.binaryCrossentropy() });
 * await model.evaluate([[0.9, 0.2]], [[1, 0]]); // => { loss: 0.1643 }
 * ```
 */
export class BinaryCrossentropy extends Loss {
  static override className = 'BinaryCrossentropy';
  private readonly fromLogits: boolean;
  private readonly labelSmoothing: number;

  constructor(options: SmoothedCrossentropyOptions = {}) {
    super(options, 'binary_crossentropy', ['fromLogits', 'labelSmoothing']);
    this.fromLogits = options.fromLogits ?? false;
    this.labelSmoothing = checkSmoothing(this.className, options.labelSmoothing);
  }

  override call(yTrue: Value, yPred: Value): Value {
    const inner = this.fromLogits ? yPred : sigmoidLogits(yPred);
    const [given, predictions] = alignShapes(this.name, yTrue, inner ?? yPred);
    const labels = smooth(given, this.labelSmoothing, 2);
    if (inner !== undefined) return mean(sigmoidCrossEntropy(predictions, labels), -1);
    const p = clipProbabilities(predictions);
    const wrong = multiply(subtract(1, labels), log(subtract(1, p)));
    return negative(mean(add(multiply(labels, log(p)), wrong), -1));
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      from_logits: this.fromLogits,
      label_smoothing: this.labelSmoothing,
      axis: -1,
    };
  }
}
