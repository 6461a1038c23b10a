import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import * as ops from '../../lib/ops/index.js';
import { checkOp, floats, integers } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

const dtypes = ['float32', 'int32', 'uint8'] as const;

/** The tensors one after the other along an axis. */
function joined(xs: Real[], axis: number): Real {
  const first = xs[0] as Real;
  const size = xs.reduce((sum, x) => sum + (x.shape[axis] as number), 0);
  return Real.make(first.shape.with(axis, size), (index) => {
    let at = index[axis] as number;
    const from = xs.find((x) => {
      if (at < (x.shape[axis] as number)) return true;
      at -= x.shape[axis] as number;
      return false;
    });
    return (from ?? first).at(index.with(axis, at));
  });
}

describe('concat', () => {
  it.each([
    [[[3], [5], [1]], 0],
    [
      [
        [2, 3],
        [4, 3],
      ],
      0,
    ],
    [
      [
        [2, 3],
        [2, 5],
        [2, 1],
      ],
      -1,
    ],
    [
      [
        [2, 3, 4],
        [2, 1, 4],
      ],
      1,
    ],
    [
      [
        [1, 17],
        [1, 33],
      ],
      1,
    ],
  ])('%j along %i', (shapes, axis) => {
    const at = (axis + (shapes[0] as number[]).length) % (shapes[0] as number[]).length;
    for (const dtype of dtypes) {
      checkOp({
        inputs: shapes.map((shape, seed) =>
          dtype === 'float32' ? floats(shape, { seed }) : integers(shape, 0, 99, dtype),
        ),
        op: (...xs: never[]) => ops.concat(xs, axis),
        reference: (...xs) => joined(xs, at),
        length: 0,
        dtype,
      });
    }
  });

  it('of results, and of one twice', () => {
    checkOp({
      inputs: [floats([2, 3]), floats([4, 3], { seed: 2 })],
      op: (a: never, b: never) => {
        const twice = ops.multiply(a, 2);
        return ops.concat([twice, ops.multiply(b, 4), twice, a], 0);
      },
      reference: (a, b) => {
        const twice = a.map((x) => 2 * x);
        return joined([twice, b.map((x) => 4 * x), twice, a], 0);
      },
      length: 0,
    });
  });

  it('makes floats where one is', () => {
    const y = ops.concat([tensor([1, 2], [2], 'int32'), tensor([0.5])]);
    expect(y.dtype).toBe('float32');
    expect(y.toArray()).toEqual([1, 2, 0.5]);
  });

  it('names the shapes that differ', () => {
    expect(() => ops.concat([floats([2, 3]), floats([3, 3])], 1)).toThrow(
      /ops\.concat: .*that of axis 1, but tensor 0 has shape \[2, 3\] and tensor 1 has \[3, 3\]/,
    );
    expect(() => ops.concat([])).toThrow(/ops\.concat takes a list/);
  });

  it('has stack and split beside it', () => {
    const [a, b] = [tensor([1, 2]), tensor([3, 4])];
    expect(ops.stack([a, b]).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(ops.stack([a, b], -1).toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(() => ops.stack([a, tensor([1])])).toThrow(/ops\.stack: tensors must be of one shape/);
    const parts = ops.split(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      3,
    );
    expect(parts.map((part) => part.toArray())).toEqual([
      [[1], [4]],
      [[2], [5]],
      [[3], [6]],
    ]);
    const uneven = ops.split(tensor([1, 2, 3, 4]), [1, 3], 0);
    expect(uneven.map((part) => part.toArray())).toEqual([[1], [2, 3, 4]]);
    expect(() => ops.split(tensor([1, 2, 3]), 2)).toThrow(/ops\.split: expected equal parts/);
    expect(() => ops.split(tensor([1, 2, 3]), [2, 2])).toThrow(/axis 0 of \[3\], but got \[2,2\]/);
  });
});

describe('slice', () => {
  it.each([
    [[9], [2], [5], []],
    [[9], [1], [], [3]],
    [[33], [0], [17], []],
    [[4, 5], [1], [2], []],
    [[4, 5], [0, 2], [-1, 2], []],
    [
      [4, 9],
      [1, 1],
      [3, 4],
      [1, 2],
    ],
    [[3, 4, 5], [1, 0, 2], [2, 4, 3], []],
    [
      [3, 4, 5],
      [0, 3, 1],
      [2, 1, 2],
      [2, 1, 3],
    ],
  ])('%j from %j, size %j, strides %j', (shape, begin, size, strides) => {
    const from = shape.map((_, i) => begin[i] ?? 0);
    const by = shape.map((_, i) => strides[i] ?? 1);
    const out = shape.map((dim, i) => {
      const wanted = size[i] ?? -1;
      return wanted === -1 ? Math.ceil((dim - (from[i] as number)) / (by[i] as number)) : wanted;
    });
    for (const dtype of dtypes) {
      checkOp({
        inputs: [dtype === 'float32' ? floats(shape) : integers(shape, 0, 99, dtype)],
        op: (x: never) => ops.slice(x, begin, size, strides),
        reference: (x) =>
          Real.make(out, (index) =>
            x.at(index.map((at, i) => (from[i] as number) + at * (by[i] as number))),
          ),
        length: 0,
        dtype,
      });
    }
  });

  it('refuses boxes outside', () => {
    const x = floats([4, 5]);
    expect(() => ops.slice(x, [3], [2])).toThrow(
      /ops\.slice: expected a box of at least one element inside of \[4, 5\], but got begin \[3\] and size \[2\]/,
    );
    expect(() => ops.slice(x, [-1])).toThrow(/ops\.slice/);
    expect(() => ops.slice(x, [0], [0])).toThrow(/ops\.slice/);
    expect(() => ops.slice(x, [0], [4], [2])).toThrow(/with strides \[2\]/);
    expect(() => ops.slice(x, [0], [4], [0])).toThrow(/ops\.slice/);
    expect(() => ops.slice(x, [0, 0, 0])).toThrow(/ops\.slice/);
  });
});

describe('pad', () => {
  it.each([
    [[5], [[2, 3]], 0],
    [
      [3, 4],
      [
        [0, 1],
        [2, 0],
      ],
      1.5,
    ],
    [
      [2, 17],
      [
        [1, 1],
        [8, 9],
      ],
      0,
    ],
    [
      [2, 3, 2],
      [
        [1, 0],
        [0, 0],
        [0, 2],
      ],
      -2,
    ],
  ] as [number[], [number, number][], number][])('%j with %j of %d', (shape, paddings, value) => {
    for (const dtype of dtypes) {
      const filling = dtype === 'float32' ? value : Math.abs(Math.round(value));
      checkOp({
        inputs: [dtype === 'float32' ? floats(shape) : integers(shape, 0, 99, dtype)],
        op: (x: never) => ops.pad(x, paddings, filling),
        reference: (x) =>
          Real.make(
            shape.map(
              (dim, i) => dim + (paddings[i]?.[0] as number) + (paddings[i]?.[1] as number),
            ),
            (index) => {
              const from = index.map((at, i) => at - (paddings[i]?.[0] as number));
              const inside = from.every((at, i) => at >= 0 && at < (shape[i] as number));
              return inside ? x.at(from) : filling;
            },
          ),
        length: 0,
        dtype,
      });
    }
  });

  it('takes infinite values, each for itself', () => {
    expect(ops.pad([1], [[1, 0]], Number.POSITIVE_INFINITY).toArray()).toEqual([Infinity, 1]);
    expect(ops.pad([1], [[1, 0]], Number.NEGATIVE_INFINITY).toArray()).toEqual([-Infinity, 1]);
  });

  it('wants a pair for each axis', () => {
    expect(() => ops.pad(floats([2, 3]), [[1, 1]])).toThrow(
      /ops\.pad: expected \[before, after\].* for each axis of \[2, 3\], but got \[\[1,1\]\]/,
    );
    expect(() => ops.pad(floats([2]), [[-1, 1]])).toThrow(/ops\.pad/);
  });
});
