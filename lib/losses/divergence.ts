import type { Value } from '../graph/ir.js';
import { add, divide, multiply, subtract } from '../ops/binary.js';
import { clip } from '../ops/clip.js';
import { sum } from '../ops/reduce.js';
import { log } from '../ops/unary.js';
import { ElementwiseLoss } from './elementwise_loss.js';
import { Loss, type LossOptions } from './loss.js';
import { kEpsilon } from './probabilities.js';
import { alignShapes } from './shapes.js';

/**
 * sum(y * log(y / p)) over the last axis, the divergence of Kullback and Leibler, for probabilities
 * of shape [batch, ..., n]. Both are kept within [1e-7, 1].
 *
 * Source: Keras's KLDivergence.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: losses.klDivergence() });
 * await model.evaluate([[0.5, 0.5]], [[0.9, 0.1]]); // => { loss: 0.3681 }
 * ```
 */
export class KLDivergence extends Loss {
  static override className = 'KLDivergence';

  constructor(options: LossOptions = {}) {
    super(options, 'kl_divergence', []);
  }

  override call(yTrue: Value, yPred: Value): Value {
    const [truth, predictions] = alignShapes(this.name, yTrue, yPred).map((p) =>
      clip(p, kEpsilon, 1),
    ) as [Value, Value];
    return sum(multiply(truth, log(divide(truth, predictions))), -1);
  }
}

/**
 * mean(p - y * log(p + 1e-7)) over the last axis, for counts y and expected counts p of shape
 * [batch, ..., n]: the negative logarithm of Poisson's probability, less what p does not change.
 *
 * Source: Keras's Poisson.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: losses.poisson() });
 * await model.evaluate([[2]], [[3]]); // => { loss: -0.0794 }
 * ```
 */
export class Poisson extends ElementwiseLoss {
  static override className = 'Poisson';

  constructor(options: LossOptions = {}) {
    super(options, 'poisson', []);
  }

  protected override each(truth: Value, predictions: Value): Value {
    return subtract(predictions, multiply(truth, log(add(predictions, kEpsilon))));
  }
}
