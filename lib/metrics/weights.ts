import { LugeError } from '../core/errors.js';
import { type Shape, showShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { broadcastTo } from '../ops/broadcast.js';
import { reshape } from '../ops/reshape.js';

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
  return broadcastTo(reshape(weight, [batch, ...shape.slice(1).map(() => 1)]), shape);
}
