import { LugeError } from '../core/errors.js';
import { type Shape, sameShape, showShape } from '../core/shape.js';
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

/** Throws BAD_SHAPE unless xz is [batch, time, gates * units] and recurrent [units, gates * units]. */
export function checkRecurrence(name: string, xz: Value, recurrent: Value, gates: number): void {
  const units = recurrent.shape[0] as number;
  const columns = gates * units;
  const fits = sameShape(recurrent.shape, [units, columns]);
  if (xz.rank === 3 && xz.shape[2] === columns && fits) return;
  throw new LugeError(
    'BAD_SHAPE',
    `ops.${name}: expected xz [batch, time, ${gates} units] and recurrent [units, ${gates} units], ` +
      `but got ${showShape(xz.shape)} and ${showShape(recurrent.shape)}.`,
  );
}

/** Throws BAD_SHAPE unless an operand has the shape. */
export function checkShapeOf(name: string, what: string, { shape }: Value, wanted: Shape): void {
  if (sameShape(shape, wanted)) return;
  throw new LugeError(
    'BAD_SHAPE',
    `ops.${name}: expected ${what} of shape ${showShape(wanted)}, but got ${showShape(shape)}.`,
  );
}
