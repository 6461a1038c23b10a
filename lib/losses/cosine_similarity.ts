import type { Value } from '../graph/ir.js';
import { maximum, multiply } from '../ops/binary.js';
import { sum } from '../ops/reduce.js';
import { negative, rsqrt, square } from '../ops/unary.js';
import { Loss, type LossOptions } from './loss.js';
import { kEpsilon } from './probabilities.js';
import { alignShapes } from './shapes.js';

/** sum(y * p) / (|y| * |p|) over the last axis; 0 where either is 0. */
export function cosine(what: string, yTrue: Value, yPred: Value): Value {
  const [truth, predictions] = alignShapes(what, yTrue, yPred);
  return sum(multiply(normalize(truth), normalize(predictions)), -1);
}

/** Vectors of length 1 along the last axis; lengths below 1e-7 count as that, as in Keras. */
function normalize(x: Value): Value {
  return multiply(x, rsqrt(maximum(sum(square(x), -1, true), kEpsilon ** 2)));
}

/**
 * -sum(y * p) / (|y| * |p|) over the last axis, from -1 (same direction) to 1 (opposite); both of
 * shape [batch, ..., n]. As a metric the sign is the other way round, as in Keras.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: losses.cosineSimilarity() });
 * await model.evaluate([[3, 4]], [[6, 8]]); // => { loss: -1 }
 * ```
 */
export class CosineSimilarity extends Loss {
  static override className = 'CosineSimilarity';

  constructor(options: LossOptions = {}) {
    super(options, 'cosine_similarity', []);
  }

  override call(yTrue: Value, yPred: Value): Value {
    return negative(cosine(this.name, yTrue, yPred));
  }
}
