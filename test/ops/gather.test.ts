import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import * as ops from '../../lib/ops/index.js';
import { checkOp, floats, integers } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

describe('gather', () => {
  it.each([
    [[5], [3], 0],
    [[5, 17], [4], 0],
    [[4, 6, 3], [2, 3], 1],
    [[4, 6], [9], -1],
    [[4, 6], [], 0],
  ])('from %j by indices %j along %i', (shape, indexShape, axis) => {
    const at = (axis + shape.length) % shape.length;
    for (const [dtype, indexType] of [
      ['float32', 'int32'],
      ['int32', 'uint8'],
      ['uint8', 'float32'],
    ] as const) {
      const x = dtype === 'float32' ? floats(shape) : integers(shape, 0, 99, dtype);
      const indices = ops.cast(integers(indexShape, 0, shape[at] as number), indexType);
      const picks = Real.of(indices);
      // The indices are no input, so that no gradient is asked for.
      checkOp({
        inputs: [x],
        op: (v: never) => ops.gather(v, indices, axis),
        reference: (v) =>
          Real.make(shape.toSpliced(at, 1, ...indexShape), (index) => {
            const pick = picks.at(index.slice(at, at + indexShape.length));
            return v.at(index.toSpliced(at, indexShape.length, pick));
          }),
        length: 0,
        dtype,
      });
    }
  });

  it('adds up the gradients of what is taken twice', () => {
    const indices = tensor([1, 1, 0, 1], [4], 'int32');
    checkOp({
      inputs: [floats([3, 2])],
      op: (x: never) => ops.gather(x, indices),
      reference: (x) =>
        Real.make([4, 2], ([i, j]) => x.at([indices.data[i as number] as number, j as number])),
      length: 0,
    });
  });

  it('shows indices that are not there', () => {
    const indices = tensor([1, 3, -1], [3], 'int32');
    expect([...ops.gather([5, 6, 7], indices).data]).toEqual([6, Number.NaN, Number.NaN]);
    const whole = tensor([5, 6, 7], [3], 'int32');
    expect(ops.gather(whole, indices).toArray()).toEqual([6, 0, 0]);
  });

  it('wants an axis that is there', () => {
    expect(() => ops.gather(floats([2, 3]), [0], 2)).toThrow(/ops\.gather: axis must be .*got 2/);
  });
});

describe('oneHot', () => {
  it('makes a row for each index', () => {
    for (const [shape, classes, dtype] of [
      [[5], 3, 'int32'],
      [[2, 3], 10, 'uint8'],
      [[], 4, 'int32'],
      [[7], 1, 'int32'],
    ] as const) {
      const inputs = [integers(shape, 0, classes, dtype)];
      checkOp({
        inputs,
        op: (x: never) => ops.oneHot(x, classes),
        reference: (x) =>
          Real.make([...shape, classes], (index) =>
            Number(x.at(index.slice(0, -1)) === index.at(-1)),
          ),
        length: 0,
      });
    }
    expect(ops.oneHot([-1, 2], 2).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(() => ops.oneHot([1], 0)).toThrow(/ops\.oneHot: classes must be .* but got 0/);
  });
});
