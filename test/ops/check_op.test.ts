import { describe, expect, it } from 'vitest';
import * as ops from '../../lib/ops/index.js';
import { checkOp, floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

const inputs = [floats([5, 7])];

describe('checkOp notices', () => {
  it('a wrong result, by a millionth', () => {
    const reference = (x: Real) => x.map((v) => Math.exp(v) * (1 + 1e-6));
    expect(() => checkOp({ inputs, op: ops.exp, reference })).toThrow(/result: element 0 is/);
  });

  it('a wrong gradient', () => {
    const op = (x: never) => ops.multiply(x, ops.stopGradient(x));
    const reference = (x: Real) => x.map((v) => v * v);
    expect(() => checkOp({ inputs, op, reference })).toThrow(/gradient by input 0: element 0 is/);
  });

  it('a wrong shape and a wrong element type', () => {
    const flat = (x: Real) => new Real([35], x.data);
    expect(() =>
      checkOp({ inputs, op: (x: never) => ops.reshape(x, [7, 5]), reference: flat }),
    ).toThrow(/\[7, 5\].*\[35\]/);
    const same = (x: Real) => x;
    expect(() => checkOp({ inputs, op: ops.relu, reference: same, dtype: 'int32' })).toThrow(
      /float32.*int32/,
    );
  });
});
