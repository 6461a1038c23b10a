import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../lib/core/tensor.js';
import { tensor } from '../../lib/core/tensor.js';
import * as ops from '../../lib/ops/index.js';
import { checkOp, floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const cdf = (x: number) => {
  // Simpson's rule over the density, from 0 on.
  const n = 400;
  const h = x / n;
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < n; i++) sum += density(i * h) * (i % 2 === 1 ? 4 : 2);
  return 0.5 + (sum * h) / 3;
};
const elu = (x: number, alpha: number) => (x > 0 ? x : alpha * Math.expm1(x));
const hardSigmoid = (x: number) => Math.min(Math.max(x / 6 + 0.5, 0), 1);

const cases: [string, (x: Tensor) => Tensor, (x: number) => number][] = [
  ['gelu', (x) => ops.gelu(x), (x) => x * cdf(x)],
  [
    'gelu, approximate',
    (x) => ops.gelu(x, true),
    (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  ],
  ['silu', (x) => ops.silu(x), (x) => x * sigmoid(x)],
  ['elu', (x) => ops.elu(x), (x) => elu(x, 1)],
  ['elu with alpha', (x) => ops.elu(x, 0.3), (x) => elu(x, 0.3)],
  ['selu', (x) => ops.selu(x), (x) => 1.0507009873554805 * elu(x, 1.6732632423543772)],
  ['leakyRelu', (x) => ops.leakyRelu(x), (x) => (x > 0 ? x : 0.2 * x)],
  ['leakyRelu with slope', (x) => ops.leakyRelu(x, 0.01), (x) => (x > 0 ? x : 0.01 * x)],
  ['relu6', (x) => ops.relu6(x), (x) => Math.min(Math.max(x, 0), 6)],
  ['hardSigmoid', (x) => ops.hardSigmoid(x), hardSigmoid],
  ['hardSilu', (x) => ops.hardSilu(x), (x) => x * hardSigmoid(x)],
  ['softsign', (x) => ops.softsign(x), (x) => x / (1 + Math.abs(x))],
  ['logSigmoid', (x) => ops.logSigmoid(x), (x) => -Math.log1p(Math.exp(-x))],
  ['mish', (x) => ops.mish(x), (x) => x * Math.tanh(Math.log1p(Math.exp(x)))],
  ['celu', (x) => ops.celu(x), (x) => elu(x, 1)],
  ['celu with alpha', (x) => ops.celu(x, 0.3), (x) => elu(x / 0.3, 1) * 0.3],
  ['hardTanh', (x) => ops.hardTanh(x), (x) => Math.min(Math.max(x, -1), 1)],
  ['hardShrink', (x) => ops.hardShrink(x), (x) => (Math.abs(x) > 0.5 ? x : 0)],
  ['softShrink', (x) => ops.softShrink(x), (x) => x - Math.min(Math.max(x, -0.5), 0.5)],
  ['sparsePlus', (x) => ops.sparsePlus(x), (x) => (x >= 1 ? x : (Math.max(x + 1, 0) / 2) ** 2)],
  ['sparseSigmoid', (x) => ops.sparseSigmoid(x), (x) => Math.min(Math.max(x + 1, 0) / 2, 1)],
  ['squareplus', (x) => ops.squareplus(x), (x) => (x + Math.sqrt(x * x + 4)) / 2],
  ['threshold', (x) => ops.threshold(x, 2, -3), (x) => (x > 2 ? x : -3)],
  ['tanhShrink', (x) => ops.tanhShrink(x), (x) => x - Math.tanh(x)],
];

describe('activations', () => {
  it.each(cases)('%s', (_, op, f) => {
    for (const shape of [[3], [5, 13]]) {
      const inputs = [floats(shape, { low: -4, high: 8 })];
      // A 1 is added on the way of some, which hides smaller numbers.
      checkOp({ inputs, op, reference: (x) => x.map(f), length: 12, magnitude: 4 });
    }
  });

  it('glu gates one half by the other', () => {
    for (const axis of [1, -1]) {
      const shape = [3, 4, 6].with(axis, ([3, 4, 6].at(axis) as number) / 2);
      const at = (axis + 3) % 3;
      checkOp({
        inputs: [floats([3, 4, 6], { low: -4, high: 4 })],
        op: (x: Tensor) => ops.glu(x, axis),
        reference: (x) =>
          Real.make(shape, (index) => {
            const gate = index.map((i, place) => (place === at ? i + (shape[at] as number) : i));
            return x.at(index) * sigmoid(x.at(gate));
          }),
        length: 12,
      });
    }
    expect(() => ops.glu(floats([2, 3]))).toThrow(/expected equal parts/);
  });

  it('do not overflow far out', () => {
    const far = tensor([-1000, 1000]);
    expect(ops.elu(far).toArray()).toEqual([-1, 1000]);
    expect(ops.silu(far).toArray()).toEqual([-0, 1000]);
    expect(ops.logSigmoid(far).toArray()).toEqual([-1000, -0]);
    expect(ops.mish(far).toArray()).toEqual([-0, 1000]);
    expect(ops.celu(far).toArray()).toEqual([-1, 1000]);
    expect(ops.sparsePlus(far).toArray()).toEqual([0, 1000]);
  });

  it('keep the gradient finite far out', () => {
    const inputs = [tensor([-200, 200])];
    checkOp({ inputs, op: ops.elu, reference: (x) => x.map((v) => elu(v, 1)) });
    const reference = (v: number) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
    checkOp({ inputs, op: ops.softplus, reference: (x) => x.map(reference) });
  });
});
