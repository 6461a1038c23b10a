import type { Value } from '../graph/ir.js';
import { add, equal, maximum, multiply, subtract } from '../ops/binary.js';
import { max, sum } from '../ops/reduce.js';
import { square } from '../ops/unary.js';
import { where } from '../ops/where.js';
import { ElementwiseLoss } from './elementwise_loss.js';
import { Loss, type LossOptions } from './loss.js';
import { checkOneHot } from './shapes.js';

/** max(1 - y * p, 0), for labels of -1 and 1, or of 0 and 1, where 0 stands for -1. */
function margin(truth: Value, predictions: Value): Value {
  const signs = where(equal(truth, 0), -1, truth);
  return maximum(subtract(1, multiply(signs, predictions)), 0);
}

/**
 * mean(max(1 - y * p, 0)) over the last axis; both of shape [batch, ..., n]. Labels are -1 and 1, or
 * 0 and 1, where 0 stands for -1.
 *
 * Source: Keras's Hinge.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: losses.hinge() });
 * await model.evaluate([[0.5, -2]], [[1, -1]]); // => { loss: 0.25 }
 * ```
 */
export class Hinge extends ElementwiseLoss {
  static override className = 'Hinge';

  constructor(options: LossOptions = {}) {
    super(options, 'hinge', []);
  }

  protected override each(truth: Value, predictions: Value): Value {
    return margin(truth, predictions);
  }
}

/**
 * mean(max(1 - y * p, 0)^2) over the last axis, for the labels of `Hinge`.
 *
 * Source: Keras's SquaredHinge.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: losses.squaredHinge() });
 * await model.evaluate([[0.5, -2]], [[1, -1]]); // => { loss: 0.125 }
 * ```
 */
export class SquaredHinge extends ElementwiseLoss {
  static override className = 'SquaredHinge';

  constructor(options: LossOptions = {}) {
    super(options, 'squared_hinge', []);
  }

  protected override each(truth: Value, predictions: Value): Value {
    return square(margin(truth, predictions));
  }
}

/**
 * max(1 + max((1 - y) * p) - sum(y * p), 0) over the classes, for one-hot labels y
 * [batch, ..., classes].
 *
 * Source: Keras's CategoricalHinge.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [3] })]);
 * model.compile({ loss: losses.categoricalHinge() });
 * await model.evaluate([[0.1, 0.7, 0.2]], [[0, 1, 0]]); // => { loss: 0.5 }
 * ```
 */
export class CategoricalHinge extends Loss {
  static override className = 'CategoricalHinge';

  constructor(options: LossOptions = {}) {
    super(options, 'categorical_hinge', []);
  }

  override call(yTrue: Value, yPred: Value): Value {
    const labels = checkOneHot(this.name, yTrue, yPred, 'sparseCategoricalCrossentropy');
    const right = sum(multiply(labels, yPred), -1);
    const wrong = max(multiply(subtract(1, labels), yPred), -1);
    return maximum(add(subtract(wrong, right), 1), 0);
  }
}
