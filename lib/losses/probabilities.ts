import { checkRange } from '../core/options.js';
import type { Value } from '../graph/ir.js';
import { add, divide, multiply } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { clip } from '../ops/clip.js';
import { sum } from '../ops/reduce.js';
import { log } from '../ops/unary.js';

/** Probabilities are kept this far from 0 and 1 before a logarithm is taken, as in Keras. */
export const kEpsilon = 1e-7;

export function checkSmoothing(what: string, value: number | undefined): number {
  return checkRange(`${what}: labelSmoothing`, value ?? 0, 0, 1, true);
}

/** Labels of which a share is spread over all classes evenly. */
export function smooth(labels: Value, smoothing: number, classes: number): Value {
  if (smoothing === 0) return labels;
  return add(multiply(labels, 1 - smoothing), smoothing / classes);
}

/** Predictions kept within [1e-7, 1 - 1e-7]. */
export function clipProbabilities(p: Value): Value {
  return clip(p, kEpsilon, 1 - kEpsilon);
}

/** log of predictions [..., classes], which are made to add up to 1 first. */
export function logProbabilities(yPred: Value): Value {
  const p = cast(yPred, 'float32');
  return log(clipProbabilities(divide(p, sum(p, -1, true))));
}

/** What a sigmoid was taken of; undefined when y is nothing of the kind. */
export function sigmoidLogits(y: Value): Value | undefined {
  return y.node.op.name === 'sigmoid' ? y.node.inputs[0] : undefined;
}
