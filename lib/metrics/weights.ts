import { LugeError } from '../core/errors.js';
import { type Shape, sameShape, showShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { multiply } from '../ops/binary.js';
import { broadcastTo } from '../ops/broadcast.js';
import { reshape } from '../ops/reshape.js';

/**
 * What the numbers of a metric, of that shape, count: their sample weight [batch] times the mask that
 * the predictions carry, where it tells of their positions. Undefined when all count the same.
 */
export function weightsOf(
  what: string,
  shape: Shape,
  weight: Value | undefined,
  mask: Value | undefined,
): Value | undefined {
  const fits = mask && sameShape(shape.slice(0, mask.rank), mask.shape);
  const spread = mask && fits ? broadcastTo(spreadTo(mask, shape), shape) : undefined;
  if (weight === undefined) return spread;
  const weights = spreadWeights(what, weight, shape);
  return spread === undefined ? weights : multiply(weights, spread);
}

/** Sample weights [batch] repeated for every position of a sample: of shape [batch, ...]. */
export function spreadWeights(what: string, weight: Value, shape: Shape): Value {
  const batch = weight.shape[0] as number;
  if (shape[0] !== batch) {
    throw new LugeError(
      'BAD_SHAPE',
      `Metric '${what}': sample weights need a number for each of the ${batch} samples, but the ` +
        `metric gives shape ${showShape(shape)}.`,
    );
  }
  return broadcastTo(spreadTo(weight, shape), shape);
}

/** With axes of size 1 behind its own, as many as the shape has. */
function spreadTo(x: Value, shape: Shape): Value {
  return reshape(x, [...x.shape, ...shape.slice(x.rank).map(() => 1)]);
}
