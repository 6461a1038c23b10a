import { describe, expect, it } from 'vitest';
import * as ops from '../../lib/ops/index.js';
import { checkOp, floats, integers } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

const dtypes = ['float32', 'int32', 'uint8'] as const;

describe('reshape', () => {
  it('keeps the order and finds the size that is -1', () => {
    const reference = (x: Real) => new Real([4, 3], x.data);
    checkOp({
      inputs: [floats([2, 6])],
      op: (x: never) => ops.reshape(x, [-1, 3]),
      reference,
      length: 0,
    });
    expect(() => ops.reshape(floats([5]), [2, -1])).toThrow(/ops\.reshape: cannot turn \[5\]/);
  });

  it('has flatten, expandDims and squeeze beside it', () => {
    expect(ops.flatten(floats([2, 3, 4])).shape).toEqual([2, 12]);
    expect(ops.expandDims(floats([2, 3])).shape).toEqual([2, 3, 1]);
    expect(ops.expandDims(floats([2, 3]), 0).shape).toEqual([1, 2, 3]);
    expect(ops.squeeze(floats([1, 2, 1])).shape).toEqual([2]);
    expect(ops.squeeze(floats([1, 2, 1]), -1).shape).toEqual([1, 2]);
    expect(() => ops.squeeze(floats([1, 2, 1]), 1)).toThrow(/ops\.squeeze: only axes of size 1/);
  });
});

describe('broadcastTo', () => {
  it.each([
    [[], [3, 4]],
    [[4], [3, 4]],
    [
      [3, 1],
      [3, 4],
    ],
    [
      [1, 3, 1],
      [2, 3, 5],
    ],
    [
      [2, 1, 3],
      [2, 4, 3],
    ],
    [
      [3, 1, 2, 1],
      [3, 4, 2, 5],
    ],
  ])('%j to %j', (from, to) => {
    checkOp({
      inputs: [floats(from)],
      op: (x: never) => ops.broadcastTo(x, to),
      reference: (x) => Real.make(to, (index) => x.at(index)),
      length: 0,
    });
  });

  it('refuses to shrink', () => {
    expect(() => ops.broadcastTo(floats([3, 4]), [4])).toThrow(
      /ops\.broadcastTo: \[3, 4\] does not/,
    );
  });
});

describe('transpose', () => {
  it.each([
    [[5], undefined],
    [[3, 5], undefined],
    [
      [17, 33],
      [1, 0],
    ],
    [[2, 3, 4], undefined],
    [
      [2, 3, 4],
      [0, 2, 1],
    ],
    [
      [2, 3, 4],
      [1, 0, 2],
    ],
    [
      [2, 3, 4],
      [-1, 0, 1],
    ],
    [
      [2, 3, 4, 5],
      [0, 3, 1, 2],
    ],
    [
      [2, 3, 4, 5],
      [3, 1, 0, 2],
    ],
    [
      [2, 1, 4, 1],
      [3, 0, 1, 2],
    ],
    [
      [2, 2, 2, 2, 3],
      [4, 2, 0, 1, 3],
    ],
  ])('%j by %j', (shape, permutation) => {
    const order = (permutation ?? shape.map((_, i) => shape.length - 1 - i)).map(
      (axis) => (axis + shape.length) % shape.length,
    );
    for (const dtype of dtypes) {
      checkOp({
        inputs: [dtype === 'float32' ? floats(shape) : integers(shape, 0, 200, dtype)],
        op: (x: never) => ops.transpose(x, permutation),
        reference: (x) =>
          Real.make(
            order.map((axis) => shape[axis] as number),
            (index) => {
              const from: number[] = [];
              order.forEach((axis, i) => {
                from[axis] = index[i] as number;
              });
              return x.at(from);
            },
          ),
        length: 0,
        dtype,
      });
    }
  });

  it('wants each axis once', () => {
    expect(() => ops.transpose(floats([2, 3]), [0, 0])).toThrow(
      /ops\.transpose: expected each of the 2 axes of \[2, 3\] once, but got \[0,0\]/,
    );
    expect(() => ops.transpose(floats([2, 3]), [0])).toThrow(/ops\.transpose/);
  });
});

describe('stopGradient', () => {
  it('is x itself, and a constant to the gradient', () => {
    checkOp({
      inputs: [floats([5])],
      op: (x: never) =>
        ops.add(x, ops.subtract(ops.stopGradient(ops.exp(x)), ops.stopGradient(ops.exp(x)))),
      reference: (x) => x,
      magnitude: 8,
    });
  });
});
