import { describe, expect, it } from 'vitest';
import { gru } from '../../lib/ops/index.js';
import { all, flat } from '../support/all_results.js';
import { checkBits, checkOp, floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** hidden [batch, time, units] and last h [batch, units], in float64. */
function reference(xz: Real, recurrent: Real, bias?: Real, h0?: Real): [Real, Real] {
  const [batch, time] = xz.shape as [number, number];
  const units = recurrent.shape[0] as number;
  const hidden = new Float64Array(batch * time * units);
  const last = new Float64Array(batch * units);
  for (let b = 0; b < batch; b++) {
    let h = Array.from({ length: units }, (_, j) => h0?.at([b, j]) ?? 0);
    for (let t = 0; t < time; t++) {
      const product = (state: number[], j: number) =>
        state.reduce((sum, value, p) => sum + value * recurrent.at([p, j]), bias?.at([j]) ?? 0);
      const gate = (j: number) => sigmoid(xz.at([b, t, j]) + product(h, j));
      const r = h.map((_, j) => gate(units + j));
      const reset = h.map((value, j) => value * (r[j] as number));
      h = h.map((before, j) => {
        const at = 2 * units + j;
        const inner = bias ? (r[j] as number) * product(h, at) : product(reset, at);
        const z = gate(j);
        return z * before + (1 - z) * Math.tanh(xz.at([b, t, at]) + inner);
      });
      hidden.set(h, (b * time + t) * units);
    }
    last.set(h, b * units);
  }
  return [new Real([batch, time, units], hidden), new Real([batch, units], last)];
}

/** An element passes `units + 2` terms and some 20 roundings of functions at each step. */
const lengthOf = (time: number, units: number) => time * (units + 22);

function operands(batch: number, time: number, units: number) {
  return [
    floats([batch, time, 3 * units]),
    floats([units, 3 * units], { low: -0.5, high: 0.5, seed: 2 }),
    floats([batch, units], { low: -1, high: 1, seed: 3 }),
    floats([3 * units], { low: -1, high: 1, seed: 4 }),
  ] as const;
}

const sizes = [
  [1, 1, 1],
  [2, 3, 2],
  [3, 2, 5],
  [1, 4, 3],
] as const;

describe('gru', () => {
  it('resets after the product, from zeros and from a given state', () => {
    for (const [batch, time, units] of sizes) {
      const [xz, recurrent, h0, bias] = operands(batch, time, units);
      const test = { length: lengthOf(time, units), magnitude: 1 };
      checkOp({
        ...test,
        inputs: [xz, recurrent, bias],
        op: (x: never, r: never, b: never) => all(gru(x, r, { bias: b })),
        reference: (x, r, b) => flat(reference(x, r, b)),
      });
      checkOp({
        ...test,
        inputs: [xz, recurrent, bias, h0],
        op: (x: never, r: never, b: never, h: never) => all(gru(x, r, { bias: b, initial: h })),
        reference: (x, r, b, h) => flat(reference(x, r, b, h)),
      });
    }
  });

  it('resets before the product, from zeros and from a given state', () => {
    for (const [batch, time, units] of sizes) {
      const [xz, recurrent, h0] = operands(batch, time, units);
      const test = { length: lengthOf(time, units), magnitude: 1 };
      checkOp({
        ...test,
        inputs: [xz, recurrent],
        op: (x: never, r: never) => all(gru(x, r)),
        reference: (x, r) => flat(reference(x, r)),
      });
      checkOp({
        ...test,
        inputs: [xz, recurrent, h0],
        op: (x: never, r: never, h: never) => all(gru(x, r, { initial: h })),
        reference: (x, r, h) => flat(reference(x, r, undefined, h)),
      });
    }
  });

  it('has the gradient of each output alone', () => {
    const [xz, recurrent, h0, bias] = operands(2, 3, 3);
    for (const i of [0, 1]) {
      const test = { length: lengthOf(3, 3), magnitude: 1 };
      checkOp({
        ...test,
        inputs: [xz, recurrent, bias, h0],
        op: (x: never, r: never, b: never, h: never) => gru(x, r, { bias: b, initial: h })[i],
        reference: (x, r, b, h) => reference(x, r, b, h)[i] as Real,
      });
      checkOp({
        ...test,
        inputs: [xz, recurrent, h0],
        op: (x: never, r: never, h: never) => gru(x, r, { initial: h })[i],
        reference: (x, r, h) => reference(x, r, undefined, h)[i] as Real,
      });
    }
  });

  it('has the same gradients when those of others are not wanted', () => {
    const [xz, recurrent, h0, bias] = operands(2, 3, 3);
    for (const given of [bias, undefined]) {
      checkOp({
        inputs: [xz],
        op: (x: never) => {
          return gru(x, recurrent as never, { bias: given as never, initial: h0 as never })[0];
        },
        reference: (x) => {
          const [kernel, start] = [Real.of(recurrent), Real.of(h0)];
          return reference(x, kernel, given && Real.of(given), start)[0];
        },
        length: lengthOf(3, 3),
        magnitude: 1,
        atOnce: false,
      });
    }
  });

  it('changes no bit with plan, fusion or threads, cut by samples or by units', () => {
    for (const [batch, time, units] of [
      [70, 5, 33],
      [9, 3, 130],
      [5, 3, 259],
      [130, 2, 300],
    ] as const) {
      const [xz, recurrent, h0, bias] = operands(batch, time, units);
      for (const op of [
        (x: never, r: never, h: never, b: never) => all(gru(x, r, { bias: b, initial: h })),
        (x: never, r: never, h: never) => all(gru(x, r, { initial: h })),
      ]) {
        const inputs = [xz, recurrent, h0, bias];
        const { y, gradients } = checkBits({ inputs, op });
        for (const values of [y, ...gradients]) expect(values.every(Number.isFinite)).toBe(true);
      }
    }
  });

  it('names the shapes that do not fit', () => {
    const [xz, recurrent, h0, bias] = operands(2, 3, 4);
    expect(() => gru(floats([2, 12]), recurrent)).toThrow(
      /ops\.gru: expected xz \[batch, time, 3 units\] and .* but got \[2, 12\] and \[4, 12\]/,
    );
    expect(() => gru(xz, recurrent, { bias: h0 })).toThrow(/expected a bias of shape \[12\]/);
    expect(() => gru(xz, recurrent, { initial: bias })).toThrow(/expected initial of shape/);
  });
});
