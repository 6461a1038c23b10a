import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import * as ops from '../../lib/ops/index.js';
import { checkOp, floats, integers } from '../support/check_op.js';
import { elementwise } from '../support/op_reference.js';

type Unary = (x: ReturnType<typeof tensor>) => ReturnType<typeof tensor>;

/** By the series around 0, or the continued fraction of erfc away from it. */
function erf(x: number): number {
  const z = Math.abs(x);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 80; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / ((z + fraction) * Math.sqrt(Math.PI)));
}

const halfToEven = (x: number) => {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
};

const smooth: [string, Unary, (x: number) => number, number?, number?][] = [
  ['negative', ops.negative, (x) => -x],
  ['abs', ops.abs, Math.abs],
  ['exp', ops.exp, Math.exp],
  ['log', ops.log, Math.log, 0.1, 5],
  ['log1p', ops.log1p, Math.log1p, -0.9, 5],
  ['expm1', ops.expm1, Math.expm1],
  ['sqrt', ops.sqrt, Math.sqrt, 0.1, 5],
  ['rsqrt', ops.rsqrt, (x) => 1 / Math.sqrt(x), 0.1, 5],
  ['square', ops.square, (x) => x * x],
  ['reciprocal', ops.reciprocal, (x) => 1 / x, 0.2, 5],
  ['tanh', ops.tanh, Math.tanh],
  ['sigmoid', ops.sigmoid, (x) => 1 / (1 + Math.exp(-x)), -8, 8],
  ['relu', ops.relu, (x) => Math.max(x, 0)],
  ['softplus', ops.softplus, (x) => Math.log1p(Math.exp(x)), -8, 8],
  ['erf', ops.erf, erf],
  ['sin', ops.sin, Math.sin],
  ['cos', ops.cos, Math.cos],
];

const stepwise: [string, Unary, (x: number) => number][] = [
  ['sign', ops.sign, Math.sign],
  ['floor', ops.floor, Math.floor],
  ['ceil', ops.ceil, Math.ceil],
  ['round', ops.round, halfToEven],
];

describe('functions of one operand', () => {
  it.each(smooth)('%s', (_, op, f, low = -2, high = 2) => {
    for (const shape of [[], [1], [7], [3, 5], [2, 17], [65]]) {
      checkOp({ inputs: [floats(shape, { low, high })], op, reference: (x) => x.map(f) });
    }
  });

  it.each(stepwise)('%s', (_, op, f) => {
    for (const shape of [[], [9], [31], [4, 33]]) {
      const inputs = [floats(shape, { low: -3, high: 3 })];
      checkOp({ inputs, op, reference: (x) => x.map(f), length: 0, gradient: false });
    }
  });

  it('round takes halves to the even number', () => {
    expect([...ops.round([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]).data]).toEqual([-2, -2, -0, 0, 2, 2]);
  });

  it('compute integers as integers where they can', () => {
    const inputs = [integers([35], -50, 50)];
    for (const [op, f] of [
      [ops.negative, (x: number) => 0 - x],
      [ops.abs, Math.abs],
      [ops.sign, Math.sign],
    ] as const) {
      checkOp({ inputs, op, reference: (x) => x.map(f), length: 0, dtype: 'int32' });
    }
    checkOp({ inputs, op: ops.square, reference: (x) => x.map((v) => v * v) });
  });
});

type Binary = (a: never, b: never) => ReturnType<typeof tensor>;

const arithmetic: [string, Binary, (a: number, b: number) => number, number?, number?][] = [
  ['add', ops.add, (a, b) => a + b],
  ['subtract', ops.subtract, (a, b) => a - b],
  ['multiply', ops.multiply, (a, b) => a * b],
  ['divide', ops.divide, (a, b) => a / b, 0.5, 3],
  ['power', ops.power, (a, b) => a ** b, 0.5, 3],
  ['maximum', ops.maximum, Math.max],
  ['minimum', ops.minimum, Math.min],
];

const comparisons: [string, Binary, (a: number, b: number) => boolean][] = [
  ['equal', ops.equal, (a, b) => a === b],
  ['notEqual', ops.notEqual, (a, b) => a !== b],
  ['less', ops.less, (a, b) => a < b],
  ['lessEqual', ops.lessEqual, (a, b) => a <= b],
  ['greater', ops.greater, (a, b) => a > b],
  ['greaterEqual', ops.greaterEqual, (a, b) => a >= b],
];

// Equal shapes, scalars, rows, columns, both at once, and axes that repeat in turns.
const shapePairs: [number[], number[]][] = [
  [[33], [33]],
  [[], [5]],
  [[3, 17], [17]],
  [
    [5, 7],
    [5, 1],
  ],
  [
    [9, 1],
    [1, 8],
  ],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [
    [2, 1, 5],
    [2, 4, 5],
  ],
  [
    [2, 1, 3, 1],
    [1, 4, 1, 5],
  ],
  [[1, 1], [4]],
];

describe('functions of two operands', () => {
  it.each(arithmetic)('%s broadcasts', (_, op, f, low = -2, high = 2) => {
    for (const [a, b] of shapePairs) {
      const inputs = [floats(a, { low, high }), floats(b, { low, high, seed: 2 })];
      checkOp({ inputs, op, reference: elementwise(f as never), length: 8 });
    }
  });

  it.each(comparisons)('%s gives 0 or 1 of uint8', (_, op, f) => {
    const reference = elementwise((a, b) => Number(f(a, b)));
    for (const [a, b] of shapePairs) {
      const halves = (shape: number[], low: number) => ops.cast(integers(shape, low, 3), 'float32');
      const inputs = [halves(a, -2), halves(b, -1)];
      checkOp({ inputs, op, reference, length: 0, dtype: 'uint8' });
      const whole = [integers(a, -2, 3), integers(b, 0, 3, 'uint8')];
      checkOp({ inputs: whole, op, reference, length: 0, dtype: 'uint8' });
    }
  });

  it('floorDivide and mod follow the sign of the divisor', () => {
    const inputs = [floats([6, 11], { low: -9, high: 9 }), floats([11], { low: 1, high: 4 })];
    const quotient = elementwise((a, b) => Math.floor(a / b));
    checkOp({ inputs, op: ops.floorDivide, reference: quotient, length: 0, gradient: false });
    const remainder = elementwise((a, b) => {
      return a - b * Math.floor(a / b);
    });
    checkOp({ inputs, op: ops.mod, reference: remainder, magnitude: 9 });
    expect([...ops.mod(tensor([-7, 7], [2], 'int32'), 3).data]).toEqual([2, 1]);
    expect([...ops.floorDivide(tensor([-7, 7], [2], 'int32'), -2).data]).toEqual([3, -4]);
    expect([...ops.floorDivide(tensor([5], [1], 'int32'), 0).data]).toEqual([0]);
  });

  it('keep integers, also beside whole numbers, and leave them beside others', () => {
    const whole = tensor([1, 2, 3], [3], 'int32');
    expect(ops.add(whole, 2).dtype).toBe('int32');
    expect(ops.add(whole, 2.5).dtype).toBe('float32');
    expect(ops.add(whole, whole).dtype).toBe('int32');
    expect(ops.add(whole, tensor([0.5])).dtype).toBe('float32');
    expect(ops.add(tensor([250], [1], 'uint8'), tensor([10], [1], 'uint8')).toArray()).toEqual([
      260,
    ]);
    expect(ops.divide(whole, 2).toArray()).toEqual([0.5, 1, 1.5]);
  });

  it('give the gradient at a tie to the first operand', () => {
    const inputs = [tensor([1, 2, 3]), tensor([1, 2, 3])];
    for (const op of [ops.maximum, ops.minimum]) {
      // One-sided references: the second operand never moves the result.
      checkOp({ inputs: inputs.slice(0, 1), op: (x: never) => op(x, x), reference: (x) => x });
    }
  });

  it('name the operation and the shapes that do not fit', () => {
    expect(() => ops.add(floats([2, 3]), floats([4]))).toThrow(
      /ops\.add: shapes \[2, 3\] and \[4\] cannot be broadcast together/,
    );
  });
});

describe('where', () => {
  it('chooses element by element and broadcasts', () => {
    const condition = integers([3, 1], 0, 2, 'uint8');
    const inputs = [condition, floats([3, 5]), floats([5], { seed: 2 })];
    const reference = elementwise((c, a, b) => (c ? a : b));
    checkOp({ inputs, op: ops.where, reference, length: 0 });
  });

  it('keeps integers', () => {
    const chosen = ops.where(
      tensor([1, 0], [2], 'uint8'),
      tensor([2 ** 30 + 1, 0], [2], 'int32'),
      7,
    );
    expect(chosen.dtype).toBe('int32');
    expect(chosen.toArray()).toEqual([2 ** 30 + 1, 7]);
  });
});

describe('clip', () => {
  it('replaces what is outside', () => {
    const inputs = [floats([5, 13])];
    const reference = elementwise((x) => Math.min(Math.max(x, -0.5), 1));
    checkOp({ inputs, op: (x: never) => ops.clip(x, -0.5, 1), reference, length: 0 });
  });

  it('wants its bounds in order', () => {
    expect(() => ops.clip([1], 2, 1)).toThrow(/ops\.clip: expected numbers low <= high.*2 and 1/);
  });

  it('takes infinite bounds', () => {
    expect(ops.clip([-5, 5], Number.NEGATIVE_INFINITY, 1).toArray()).toEqual([-5, 1]);
    expect(ops.clip([-5, 5], -1, Number.POSITIVE_INFINITY).toArray()).toEqual([-1, 5]);
  });
});

describe('cast', () => {
  it('converts every pair of types', () => {
    const kinds = ['float32', 'int32', 'uint8'] as const;
    for (const from of kinds) {
      for (const to of kinds) {
        const inputs = [integers([37], 0, 200, from)];
        const op = (x: never) => ops.cast(x, to);
        checkOp({ inputs, op, reference: (x) => x, length: 0, dtype: to });
      }
    }
  });

  it('cuts towards zero and clamps', () => {
    const x = [-1.7, 1.7, 300, -5, Number.NaN, 1e20];
    expect([...ops.cast(x, 'int32').data]).toEqual([-1, 1, 300, -5, 0, 2 ** 31 - 1]);
    expect([...ops.cast(x, 'uint8').data]).toEqual([0, 1, 255, 0, 0, 255]);
    expect(() => ops.cast(x, 'float64' as never)).toThrow(/dtype must be one of .*'float64'/);
  });
});

describe('NaN and infinity', () => {
  const specials = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];

  it.each([
    ['exp', ops.exp, Math.exp],
    ['log', ops.log, Math.log],
    ['sqrt', ops.sqrt, Math.sqrt],
    ['tanh', ops.tanh, Math.tanh],
    ['sigmoid', ops.sigmoid, (x: number) => 1 / (1 + Math.exp(-x))],
    ['relu', ops.relu, (x: number) => Math.max(x, 0)],
    ['softplus', ops.softplus, (x: number) => Math.log1p(Math.exp(x))],
    ['abs', ops.abs, Math.abs],
    ['erf', ops.erf, (x: number) => (Number.isFinite(x) ? erf(x) : Math.sign(x))],
  ])('%s', (_, op, f) => {
    expect([...(op as unknown as Unary)(tensor(specials)).data]).toEqual(
      specials.map((x) => Math.fround(f(x))),
    );
  });

  it('come through arithmetic', () => {
    expect([...ops.maximum(specials, 1).data]).toEqual([Number.NaN, Infinity, 1, 1]);
    expect([...ops.minimum(1, specials).data]).toEqual([Number.NaN, 1, -Infinity, 0]);
    expect([...ops.divide(1, specials).data]).toEqual([Number.NaN, 0, -0, Infinity]);
    expect(ops.divide(1, 0).toArray()).toBe(Infinity);
    expect(ops.divide(1, -0).toArray()).toBe(-Infinity);
    expect([...ops.clip(specials, -1, 1).data]).toEqual([Number.NaN, 1, -1, 0]);
    expect([...ops.equal(specials, specials).data]).toEqual([0, 1, 1, 1]);
    expect([...ops.notEqual(specials, specials).data]).toEqual([1, 0, 0, 0]);
  });
});
