import { describe, expect, it } from 'vitest';
import { broadcastShapes } from '../../lib/core/shape.js';
import * as ops from '../../lib/ops/index.js';
import { checkOp, floats, integers } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

/** [..., m, k] times [..., k, n], transposed before where asked. */
function product(a: Real, b: Real, transposeA = false, transposeB = false): Real {
  const [m, k] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2);
  const n = b.shape.at(transposeB ? -2 : -1) as number;
  const lead = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  return Real.make([...lead, m as number, n], (index) => {
    const [i, j] = index.slice(-2) as [number, number];
    const outer = index.slice(0, -2);
    let sum = 0;
    for (let p = 0; p < (k as number); p++) {
      const left = a.at([...outer, ...(transposeA ? [p, i] : [i, p])]);
      sum += left * b.at([...outer, ...(transposeB ? [j, p] : [p, j])]);
    }
    return sum;
  });
}

describe('matmul', () => {
  it('multiplies matrices of any size, transposed or not', () => {
    for (const [m, k, n] of [
      [1, 1, 1],
      [3, 5, 7],
      [9, 8, 17],
      [5, 33, 4],
      [16, 3, 10],
    ] as const) {
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          checkOp({
            inputs: [
              floats(transposeA ? [k, m] : [m, k]),
              floats(transposeB ? [n, k] : [k, n], { seed: 2 }),
            ],
            op: (a: never, b: never) => ops.matmul(a, b, { transposeA, transposeB }),
            reference: (a, b) => product(a, b, transposeA, transposeB),
            length: k + 2,
          });
        }
      }
    }
  });

  it('broadcasts the axes before the last two', () => {
    for (const [a, b] of [
      [
        [2, 3, 4],
        [4, 5],
      ],
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
      [
        [3, 4],
        [2, 4, 5],
      ],
      [
        [2, 1, 3, 4],
        [3, 4, 2],
      ],
      [
        [1, 3, 4],
        [2, 4, 2],
      ],
    ] as const) {
      for (const transposeB of [false, true]) {
        const right = transposeB ? [...b.slice(0, -2), ...b.slice(-2).reverse()] : b;
        checkOp({
          inputs: [floats(a), floats(right, { seed: 2 })],
          op: (x: never, y: never) => ops.matmul(x, y, { transposeB }),
          reference: (x, y) => product(x, y, false, transposeB),
          length: 8,
        });
      }
      checkOp({
        inputs: [floats([...a.slice(0, -2), ...a.slice(-2).reverse()]), floats(b, { seed: 2 })],
        op: (x: never, y: never) => ops.matmul(x, y, { transposeA: true }),
        reference: (x, y) => product(x, y, true),
        length: 8,
      });
    }
  });

  it('takes vectors as rows on the left and columns on the right', () => {
    const [v, w, m] = [floats([4]), floats([4], { seed: 2 }), floats([4, 3], { seed: 3 })];
    const dot = (x: Real, y: Real) => product(row(x), column(y)).data;
    const row = (x: Real) => new Real([1, ...x.shape], x.data);
    const column = (x: Real) => new Real([...x.shape, 1], x.data);
    checkOp({
      inputs: [v, w],
      op: ops.matmul,
      reference: (x, y) => new Real([], dot(x, y)),
      length: 6,
    });
    checkOp({
      inputs: [v, m],
      op: ops.matmul,
      reference: (x, y) => new Real([3], product(row(x), y).data),
      length: 6,
    });
  });

  it('carries bias and activation in its epilogue', () => {
    checkOp({
      inputs: [floats([9, 5]), floats([5, 17], { seed: 2 }), floats([17], { seed: 3 })],
      op: (x: never, w: never, b: never) => ops.tanh(ops.add(ops.matmul(x, w), b)),
      reference: (x, w, b) => {
        const y = product(x, w);
        return Real.make(y.shape, (index) => Math.tanh(y.at(index) + b.at(index)));
      },
      length: 12,
      magnitude: 8,
    });
  });

  it('turns integers into floats', () => {
    const [a, b] = [integers([3, 4], -9, 9), integers([4, 2], 0, 9, 'uint8')];
    checkOp({ inputs: [a, b], op: ops.matmul, reference: (x, y) => product(x, y), length: 0 });
  });

  it('names the sizes that differ', () => {
    expect(() => ops.matmul(floats([2, 3]), floats([4, 5]))).toThrow(
      /ops\.matmul: inner sizes differ: \[2, 3\] times \[4, 5\] \(3 against 4\)/,
    );
    expect(() => ops.matmul(1, floats([4, 5]))).toThrow(/ops\.matmul: operands must have at least/);
  });
});
