import type { Value } from '../graph/ir.js';
import { add } from './binary.js';
import { pad } from './pad.js';
import { reshape } from './reshape.js';

/** A sequence [batch, time, n] as rows [batch * time, n]. */
export function stepRows(x: Value): Value {
  const [batch, time, n] = x.shape as [number, number, number];
  return reshape(x, [batch * time, n]);
}

/**
 * The gradient of a sequence of results [batch, time, units] of which the last one was given out
 * by itself, too: [batch, 1, units] where only that was used; undefined where neither was.
 */
export function sequenceGradient(
  hidden: Value,
  dhidden: Value | undefined,
  dlast: Value | undefined,
): Value | undefined {
  if (dlast === undefined) return dhidden;
  const [batch, time, units] = hidden.shape as [number, number, number];
  const last = reshape(dlast, [batch, 1, units]);
  if (dhidden === undefined) return last;
  return add(
    dhidden,
    pad(last, [
      [0, 0],
      [time - 1, 0],
      [0, 0],
    ]),
  );
}
