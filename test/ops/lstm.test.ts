import { describe, expect, it } from 'vitest';
import { lstm } from '../../lib/ops/index.js';
import { all, flat } from '../support/all_results.js';
import { checkBits, checkOp, floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** hidden [batch, time, units], last h and last c [batch, units], in float64. */
function reference(xz: Real, recurrent: Real, h0?: Real, c0?: Real): [Real, Real, Real] {
  const [batch, time] = xz.shape as [number, number];
  const units = recurrent.shape[0] as number;
  const hidden = new Float64Array(batch * time * units);
  const lasts = [new Float64Array(batch * units), new Float64Array(batch * units)] as const;
  for (let b = 0; b < batch; b++) {
    let h = Array.from({ length: units }, (_, j) => h0?.at([b, j]) ?? 0);
    const c = Array.from({ length: units }, (_, j) => c0?.at([b, j]) ?? 0);
    for (let t = 0; t < time; t++) {
      const z = (j: number) =>
        h.reduce((sum, value, p) => sum + value * recurrent.at([p, j]), xz.at([b, t, j]));
      h = h.map((_, j) => {
        const [i, f] = [sigmoid(z(j)), sigmoid(z(units + j))];
        c[j] = f * (c[j] as number) + i * Math.tanh(z(2 * units + j));
        return sigmoid(z(3 * units + j)) * Math.tanh(c[j] as number);
      });
      hidden.set(h, (b * time + t) * units);
    }
    lasts[0].set(h, b * units);
    lasts[1].set(c, b * units);
  }
  const state = [batch, units];
  return [
    new Real([batch, time, units], hidden),
    new Real(state, lasts[0]),
    new Real(state, lasts[1]),
  ];
}

/** An element passes `units + 1` terms and some 30 roundings of functions at each step. */
const lengthOf = (time: number, units: number) => time * (units + 32);

function operands(batch: number, time: number, units: number) {
  return [
    floats([batch, time, 4 * units]),
    floats([units, 4 * units], { low: -0.5, high: 0.5, seed: 2 }),
    floats([batch, units], { low: -1, high: 1, seed: 3 }),
    floats([batch, units], { low: -1, high: 1, seed: 4 }),
  ] as const;
}

describe('lstm', () => {
  it('gives every output and gradient, from zeros and from given states', () => {
    for (const [batch, time, units] of [
      [1, 1, 1],
      [2, 3, 2],
      [3, 2, 5],
      [1, 4, 3],
    ] as const) {
      const [xz, recurrent, h0, c0] = operands(batch, time, units);
      const length = lengthOf(time, units);
      checkOp({
        inputs: [xz, recurrent],
        op: (x: never, r: never) => all(lstm(x, r)),
        reference: (x, r) => flat(reference(x, r)),
        length,
        magnitude: 1,
      });
      checkOp({
        inputs: [xz, recurrent, h0, c0],
        op: (x: never, r: never, h: never, c: never) => all(lstm(x, r, [h, c])),
        reference: (x, r, h, c) => flat(reference(x, r, h, c)),
        length,
        magnitude: 1,
      });
    }
  });

  it('has the gradient of each output alone', () => {
    const [xz, recurrent, h0, c0] = operands(2, 3, 3);
    for (const i of [0, 1, 2]) {
      checkOp({
        inputs: [xz, recurrent, h0, c0],
        op: (x: never, r: never, h: never, c: never) => lstm(x, r, [h, c])[i],
        reference: (x, r, h, c) => reference(x, r, h, c)[i] as Real,
        length: lengthOf(3, 3),
        magnitude: 1,
      });
    }
  });

  it('has the same gradients when those of the states are not wanted', () => {
    const [xz, recurrent, h0, c0] = operands(2, 3, 3);
    checkOp({
      inputs: [xz, recurrent],
      op: (x: never, r: never) => lstm(x, r, [h0 as never, c0 as never])[0],
      reference: (x, r) => reference(x, r, Real.of(h0), Real.of(c0))[0],
      length: lengthOf(3, 3),
      magnitude: 1,
      atOnce: false,
    });
  });

  it('changes no bit with plan, fusion or threads, cut by samples or by units', () => {
    for (const [batch, time, units] of [
      [70, 5, 33],
      [9, 3, 130],
      [5, 3, 259],
      [130, 2, 256],
    ] as const) {
      const [xz, recurrent, h0, c0] = operands(batch, time, units);
      const op = (x: never, r: never, h: never, c: never) => all(lstm(x, r, [h, c]));
      const { y, gradients } = checkBits({ inputs: [xz, recurrent, h0, c0], op });
      for (const values of [y, ...gradients]) expect(values.every(Number.isFinite)).toBe(true);
    }
  });

  it('names the shapes that do not fit', () => {
    const [xz, recurrent, h0] = operands(2, 3, 4);
    expect(() => lstm(xz, floats([4, 15]))).toThrow(
      /ops\.lstm: expected xz \[batch, time, 4 units\] and .* but got \[2, 3, 16\] and \[4, 15\]/,
    );
    expect(() => lstm(xz, recurrent, [h0])).toThrow(/initial must be \[h, c\], but got 1 states/);
    expect(() => lstm(xz, recurrent, [h0, floats([2, 3])])).toThrow(
      /expected initial states of shape \[2, 4\], but got \[2, 3\]/,
    );
  });
});
