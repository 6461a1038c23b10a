import { Real } from '../support/op_reference.js';

/** What a recurrence in float64 is made of. */
export interface Cell {
  /** Blocks of `units` columns in xz. */
  gates: number;
  /** The states after a step, the output first, from those before and the step's row of xz. */
  step: (xz: readonly number[], states: readonly number[][]) => number[][];
  states: number;
  units: number;
}

/**
 * Each step's output [batch, time, units] and the last states, from x kernel + bias. Where the mask
 * [batch, time] is 0, states and output stay as they were; the output is 0 until a step has counted.
 */
export function recurrence(
  x: Real,
  kernel: Real,
  bias: ((column: number) => number) | undefined,
  cell: Cell,
  initial: readonly Real[] = [],
  mask?: Real,
): { hidden: Real; states: Real[] } {
  const [batch, time, n] = x.shape as [number, number, number];
  const { gates, units } = cell;
  const hidden = new Float64Array(batch * time * units);
  const lasts = Array.from({ length: cell.states }, () => new Float64Array(batch * units));
  for (let b = 0; b < batch; b++) {
    let states = lasts.map((_, s) =>
      Array.from({ length: units }, (_, j) => initial[s]?.at([b, j]) ?? 0),
    );
    let output = new Array<number>(units).fill(0);
    for (let t = 0; t < time; t++) {
      const counts = mask === undefined || mask.at([b, t]) !== 0;
      const xz = Array.from({ length: gates * units }, (_, j) => {
        let sum = bias?.(j) ?? 0;
        for (let p = 0; p < n; p++) sum += x.at([b, t, p]) * kernel.at([p, j]);
        return sum;
      });
      if (counts) {
        states = cell.step(xz, states);
        output = states[0] as number[];
      }
      hidden.set(output, (b * time + t) * units);
    }
    states.forEach((state, s) => {
      lasts[s]?.set(state, b * units);
    });
  }
  return {
    hidden: new Real([batch, time, units], hidden),
    states: lasts.map((state) => new Real([batch, units], state)),
  };
}

/** x [batch, time, ...] from the last step to the first. */
export function reversed(x: Real): Real {
  const time = x.shape[1] as number;
  return Real.make(x.shape, ([b, t, ...rest]) =>
    x.at([b as number, time - 1 - (t as number), ...rest]),
  );
}

/** The last step [batch, n] of a sequence [batch, time, n]. */
export function lastOf(x: Real): Real {
  const [batch, time, n] = x.shape as [number, number, number];
  return Real.make([batch, n], ([b, j]) => x.at([b as number, time - 1, j as number]));
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** state times columns of the recurrent kernel. */
export const product = (state: readonly number[], kernel: Real, column: number): number =>
  state.reduce((sum, value, p) => sum + value * kernel.at([p, column]), 0);
