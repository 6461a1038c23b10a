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

/** Each step's output [batch, time, units] and the last states, from x kernel + bias. */
export function recurrence(
  x: Real,
  kernel: Real,
  bias: ((column: number) => number) | undefined,
  cell: Cell,
  initial: readonly Real[] = [],
): { hidden: Real; states: Real[] } {
  const [batch, time, n] = x.shape as [number, number, number];
  const { gates, units } = cell;
  const hidden = new Float64Array(batch * time * units);
  const lasts = Array.from({ length: cell.states }, () => new Float64Array(batch * units));
  for (let b = 0; b < batch; b++) {
    let states = lasts.map((_, s) =>
      Array.from({ length: units }, (_, j) => initial[s]?.at([b, j]) ?? 0),
    );
    for (let t = 0; t < time; t++) {
      const xz = Array.from({ length: gates * units }, (_, j) => {
        let sum = bias?.(j) ?? 0;
        for (let p = 0; p < n; p++) sum += x.at([b, t, p]) * kernel.at([p, j]);
        return sum;
      });
      states = cell.step(xz, states);
      hidden.set(states[0] as number[], (b * time + t) * units);
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

/** x from the last step to the first. */
export function reversed(x: Real): Real {
  const time = x.shape[1] as number;
  return Real.make(x.shape, ([b, t, p]) =>
    x.at([b as number, time - 1 - (t as number), p as number]),
  );
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** state times columns of the recurrent kernel. */
export const product = (state: readonly number[], kernel: Real, column: number): number =>
  state.reduce((sum, value, p) => sum + value * kernel.at([p, column]), 0);
