import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import * as ops from '../../lib/ops/index.js';
import { checkOp, floats, integers } from '../support/check_op.js';
import { alongAxes, type Real, total } from '../support/op_reference.js';

const average = (xs: number[]) => total(xs) / xs.length;
const cases: [
  string,
  (x: never, axis?: never, keepDims?: boolean) => unknown,
  (xs: number[]) => number,
][] = [
  ['sum', ops.sum, total],
  ['mean', ops.mean, average],
  ['max', ops.max, (xs) => Math.max(...xs)],
  ['min', ops.min, (xs) => Math.min(...xs)],
  ['prod', ops.prod, (xs) => xs.reduce((product, x) => product * x, 1)],
  ['variance', ops.variance, (xs) => average(xs.map((x) => (x - average(xs)) ** 2))],
];

const layouts: [number[], number[] | number | undefined][] = [
  [[], undefined],
  [[1], 0],
  [[17], 0],
  [[65], undefined],
  [[4, 9], 0],
  [[4, 9], 1],
  [[4, 33], -1],
  [
    [3, 4, 5],
    [0, 1],
  ],
  [
    [3, 4, 5],
    [1, 2],
  ],
  [
    [3, 4, 5],
    [0, 2],
  ],
  [
    [2, 3, 2, 3],
    [1, 3],
  ],
  [[3, 1, 4], 1],
];

describe('reductions', () => {
  it.each(cases)('%s over any axes', (_, op, f) => {
    for (const [shape, axis] of layouts) {
      const axes = axis === undefined ? shape.map((_, i) => i) : [axis].flat();
      const normal = axes.map((at) => (at + shape.length) % shape.length);
      const inputs = [floats(shape, { low: 0.5, high: 1.5 })];
      for (const keepDims of [false, true]) {
        checkOp({
          inputs,
          op: (x: never) => op(x, axis as never, keepDims),
          reference: (x) => alongAxes(x, normal, f, keepDims),
          length: 2 * 65 + 8,
        });
      }
    }
  });

  it('keep integers', () => {
    for (const dtype of ['int32', 'uint8'] as const) {
      const inputs = [integers([4, 19], 0, 200, dtype)];
      for (const [op, f] of [
        [ops.sum, total],
        [ops.max, (xs: number[]) => Math.max(...xs)],
        [ops.min, (xs: number[]) => Math.min(...xs)],
      ] as const) {
        const reference = (x: Real) => alongAxes(x, [1], f);
        checkOp({
          inputs,
          op: (x: never) => op(x, 1),
          reference,
          length: 0,
          dtype: 'int32',
        });
      }
    }
    expect(ops.mean(tensor([1, 2], [2], 'int32')).toArray()).toBe(1.5);
  });

  it('share the gradient among equals', () => {
    // Of two equals, each gets half, which is what a central difference sees, too.
    const inputs = [tensor([3, 1, 3, 2, 2, -1], [2, 3])];
    for (const [op, f, sign] of [
      [ops.max, Math.max, 1],
      [ops.min, Math.min, -1],
    ] as const) {
      checkOp({
        inputs,
        op: (x: never) => op(ops.multiply(x, sign), 1),
        reference: (x) => alongAxes(x, [1], (xs) => f(...xs.map((v) => v * sign))),
      });
    }
  });

  it('find positions, the first of equals', () => {
    for (const shape of [[17], [3, 33], [2, 9, 4]]) {
      shape.forEach((_, axis) => {
        const inputs = [floats(shape)];
        const highest = (xs: number[]) => xs.indexOf(Math.max(...xs));
        const lowest = (xs: number[]) => xs.indexOf(Math.min(...xs));
        for (const [op, f] of [
          [ops.argmax, highest],
          [ops.argmin, lowest],
        ] as const) {
          checkOp({
            inputs,
            op: (x: never) => op(x, axis),
            reference: (x) => alongAxes(x, [axis], f),
            length: 0,
            dtype: 'int32',
          });
        }
      });
    }
    expect(ops.argmax([2, 5, 5, 1]).toArray()).toBe(1);
    expect(
      ops
        .argmin(
          tensor([
            [2, 1],
            [1, 5],
          ]),
        )
        .toArray(),
    ).toBe(1);
    expect(
      ops
        .argmax(
          tensor([
            [0, 2],
            [3, 1],
          ]),
          1,
          true,
        )
        .toArray(),
    ).toEqual([[1], [0]]);
  });

  it('show NaN', () => {
    const x = tensor([1, Number.NaN, 3]);
    for (const op of [ops.sum, ops.mean, ops.max, ops.min, ops.variance]) {
      expect(op(x).toArray()).toBeNaN();
    }
  });

  it('refuse axes that are not there and nothing to reduce', () => {
    expect(() => ops.sum(floats([2, 3]), 2)).toThrow(
      /axis must be a whole number in \[-2, 1\].*got 2/,
    );
    expect(() => ops.sum(floats([2, 3]), [0, 0])).toThrow(/axes must differ.*\[0,0\]/);
    expect(() => ops.sum([])).toThrow(/ops\.sum: operands must have at least one element.*\[0\]/);
  });
});
