import { LugeError } from '../core/errors.js';
import { show } from '../core/options.js';
import type { Value } from '../graph/ir.js';
import { maximum, minimum } from './binary.js';
import { defineOp } from './define.js';

/**
 * x with what is below `low` or above `high` replaced by them; the gradient there is 0. NaN stays.
 *
 * @throws LugeError BAD_ARGUMENT when low is above high.
 * @example
 * ```ts
 * ops.clip([-2, 0.5, 2], 0, 1); // => [0, 0.5, 1]
 * ```
 */
export const clip = defineOp('clip', 1, (x: Value, low: number, high: number): Value => {
  if (typeof low !== 'number' || typeof high !== 'number' || !(low <= high)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.clip: expected numbers low <= high, but got ${show(low)} and ${show(high)}.`,
    );
  }
  return minimum(maximum(x, low), high);
});
