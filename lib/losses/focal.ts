import { checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { add, maximum, multiply, power, subtract } from '../ops/binary.js';
import { sigmoidCrossEntropy } from '../ops/cross_entropy.js';
import { mean, sum } from '../ops/reduce.js';
import { logSoftmax, softmaxLogits } from '../ops/softmax.js';
import { exp, log, negative, sigmoid, square } from '../ops/unary.js';
import type { SmoothedCrossentropyOptions } from './crossentropy.js';
import { Loss } from './loss.js';
import {
  checkSmoothing,
  clipProbabilities,
  kEpsilon,
  logProbabilities,
  sigmoidLogits,
  smooth,
} from './probabilities.js';
import { alignShapes, checkOneHot } from './shapes.js';

export interface FocalCrossentropyOptions extends SmoothedCrossentropyOptions {
  /** Weight of the loss, in [0, 1]. Default 0.25. */
  alpha?: number;
  /** How much less a sample counts the surer it is, at least 0. Default 2. */
  gamma?: number;
}

export interface BinaryFocalCrossentropyOptions extends FocalCrossentropyOptions {
  /** Whether labels of 1 are weighted by alpha and labels of 0 by 1 - alpha. Default false. */
  applyClassBalancing?: boolean;
}

const known = ['fromLogits', 'labelSmoothing', 'alpha', 'gamma'];

/** What both focal losses have in common. Lin et al., Focal Loss for Dense Object Detection, 2017. */
abstract class FocalLoss extends Loss {
  protected readonly fromLogits: boolean;
  protected readonly labelSmoothing: number;
  protected readonly alpha: number;
  private readonly gamma: number;

  constructor(options: FocalCrossentropyOptions, name: string, own: readonly string[] = []) {
    super(options, name, [...known, ...own]);
    this.fromLogits = options.fromLogits ?? false;
    this.labelSmoothing = checkSmoothing(this.className, options.labelSmoothing);
    this.alpha = checkRange(`${this.className}: alpha`, options.alpha ?? 0.25, 0, 1, true);
    this.gamma = checkRange(`${this.className}: gamma`, options.gamma ?? 2, 0);
  }

  /** The loss times doubt^gamma, where doubt is 1 - the probability of what is right. */
  protected focus(loss: Value, doubt: Value): Value {
    // A power has no gradient at 0, where doubt may be, and rounding may leave it below.
    if (this.gamma === 0) return loss;
    const factor = this.gamma === 2 ? square(doubt) : power(maximum(doubt, kEpsilon), this.gamma);
    return multiply(factor, loss);
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      from_logits: this.fromLogits,
      label_smoothing: this.labelSmoothing,
      axis: -1,
      alpha: this.alpha,
      gamma: this.gamma,
    };
  }
}

/**
 * -alpha * sum((1 - p)^gamma * y * log(p)) over the classes, for one-hot (or soft) labels y
 * [batch, ..., classes]. Predictions and logits are treated as in `CategoricalCrossentropy`.
 *
 * Lin et al., Focal Loss for Dense Object Detection, 2017.
 *
 * Source: Keras's CategoricalFocalCrossentropy.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [3] })]);
 * model.compile({ loss: losses.categoricalFocalCrossentropy({ gamma: 2 }) });
 * await model.evaluate([[0.1, 0.7, 0.2]], [[0, 1, 0]]); // => { loss: 0.008 }
 * ```
 */
export class CategoricalFocalCrossentropy extends FocalLoss {
  static override className = 'CategoricalFocalCrossentropy';

  constructor(options: FocalCrossentropyOptions = {}) {
    super(options, 'categorical_focal_crossentropy');
  }

  override call(yTrue: Value, yPred: Value): Value {
    const given = checkOneHot(this.name, yTrue, yPred, 'sparseCategoricalCrossentropy');
    const labels = smooth(given, this.labelSmoothing, yPred.shape.at(-1) as number);
    const logits = this.fromLogits ? yPred : softmaxLogits(yPred);
    const logP = logits === undefined ? logProbabilities(yPred) : logSoftmax(logits);
    const focal = this.focus(multiply(labels, logP), subtract(1, exp(logP)));
    return multiply(sum(focal, -1), -this.alpha);
  }
}

/**
 * The mean over the last axis of -(1 - p)^gamma * log(p), where p is the probability of the label 0
 * or 1 that is right; labels and predictions are those of `BinaryCrossentropy`.
 *
 * Lin et al., Focal Loss for Dense Object Detection, 2017.
 *
 * Source: Keras's BinaryFocalCrossentropy.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: losses.binaryFocalCrossentropy() });
 * await model.evaluate([[0.9]], [[1]]); // => { loss: 0.0011 }
 * ```
 */
export class BinaryFocalCrossentropy extends FocalLoss {
  static override className = 'BinaryFocalCrossentropy';
  private readonly applyClassBalancing: boolean;

  constructor(options: BinaryFocalCrossentropyOptions = {}) {
    super(options, 'binary_focal_crossentropy', ['applyClassBalancing']);
    this.applyClassBalancing = options.applyClassBalancing ?? false;
  }

  override call(yTrue: Value, yPred: Value): Value {
    const inner = this.fromLogits ? yPred : sigmoidLogits(yPred);
    const [given, predictions] = alignShapes(this.name, yTrue, inner ?? yPred);
    const labels = smooth(given, this.labelSmoothing, 2);
    const others = subtract(1, labels);
    const p = inner === undefined ? predictions : sigmoid(predictions);
    const right = add(multiply(labels, p), multiply(others, subtract(1, p)));
    const loss =
      inner === undefined ? crossEntropy(labels, p) : sigmoidCrossEntropy(predictions, labels);
    const focal = this.focus(loss, subtract(1, right));
    if (!this.applyClassBalancing) return mean(focal, -1);
    const balance = add(multiply(labels, this.alpha), multiply(others, 1 - this.alpha));
    return mean(multiply(balance, focal), -1);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), apply_class_balancing: this.applyClassBalancing };
  }
}

/** -y * log(p) - (1 - y) * log(1 - p) */
function crossEntropy(labels: Value, p: Value): Value {
  const q = clipProbabilities(p);
  const wrong = multiply(subtract(1, labels), log(subtract(1, q)));
  return negative(add(multiply(labels, log(q)), wrong));
}
