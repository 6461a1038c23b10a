import { tensor } from '../core/tensor.js';
import type { Value } from '../graph/ir.js';
import { stack } from '../ops/concat.js';
import { gather } from '../ops/gather.js';
import { matmul } from '../ops/matmul.js';
import { reshape } from '../ops/reshape.js';
import { slice } from '../ops/slice.js';
import { where } from '../ops/where.js';

/** What a layer makes of a sequence: each step's output, and the states after the last step. */
export interface Recurrence {
  /** [batch, time, units] */
  readonly hidden: Value;
  /** [batch, units] each, the last step's output first. */
  readonly states: readonly Value[];
}

/** The states [batch, units] after a step, from its part of the input [batch, n] and those before. */
export type Step = (xz: Value, states: readonly Value[]) => readonly Value[];

/**
 * The recurrence of any cell, written out step by step.
 *
 * @param xz [batch, time, n]
 * @param mask [batch, time]: where it is 0, the states stay as they were.
 */
export function writeOut(
  xz: Value,
  initial: readonly Value[],
  mask: Value | undefined,
  step: Step,
): Recurrence {
  let states = initial;
  const outputs = Array.from({ length: xz.shape[1] as number }, (_, t) => {
    const next = step(stepOf(xz, t), states);
    if (mask === undefined) {
      states = next;
    } else {
      const counts = slice(mask, [0, t], [-1, 1]);
      states = next.map((state, i) => where(counts, state, states[i] as Value));
    }
    return states[0] as Value;
  });
  return { hidden: stack(outputs, 1), states };
}

/** One step [batch, n] of a sequence [batch, time, n]. */
function stepOf(x: Value, t: number): Value {
  const [batch, , n] = x.shape as [number, number, number];
  return reshape(slice(x, [0, t, 0], [batch, 1, n]), [batch, n]);
}

/** x [batch, time, ...] from the last step to the first. */
export function reversed(x: Value): Value {
  const time = x.shape[1] as number;
  const order = Int32Array.from({ length: time }, (_, t) => time - 1 - t);
  return gather(x, tensor(order), 1);
}

/** How many steps of a mask [batch, time] have counted up to each, itself included. */
export function countsUpTo(mask: Value): Value {
  const time = mask.shape[1] as number;
  const upToStep = Float32Array.from({ length: time * time }, (_, i) =>
    Number(Math.floor(i / time) <= i % time),
  );
  return matmul(mask, tensor(upToStep, [time, time]));
}
