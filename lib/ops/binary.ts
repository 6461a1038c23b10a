import type { DType } from '../core/dtype.js';
import { broadcastShapes } from '../core/shape.js';
import { constantOp, type OpDef, type Spec, type Value } from '../graph/ir.js';
import { readable } from './broadcast.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';
import { log, negative } from './unary.js';
import { where } from './where.js';

/** The gradients of both operands. */
type BinaryRule = (a: Value, b: Value, y: Value, dy: Value) => [Value?, Value?];

/** float32 as soon as one operand holds it; otherwise int32, in which uint8 is computed too. */
export function commonType(a: Value, b: Value): DType {
  const real = (x: Value, other: Value) => x.dtype === 'float32' && !isWhole(x, other);
  return real(a, b) || real(b, a) ? 'float32' : 'int32';
}

/** A plain whole number beside an integer tensor counts as an integer. */
function isWhole(x: Value, other: Value): boolean {
  return (
    x.node.op === constantOp &&
    Number.isInteger(x.node.attrs.value) &&
    !(other.node.op === constantOp) &&
    other.dtype !== 'float32'
  );
}

function define(name: string, result: (common: DType) => DType, real: boolean, rule: BinaryRule) {
  const op: OpDef = {
    name,
    kind: 'map',
    infer: ([a, b]) => [
      {
        shape: broadcastShapes([(a as Spec).shape, (b as Spec).shape], `ops.${name}`),
        dtype: result((a as Spec).dtype),
      },
    ],
    vjp: (node, [dy]) => {
      const [a, b] = node.inputs as [Value, Value];
      return dy === undefined || a.dtype !== 'float32' ? [] : rule(a, b, node.output, dy);
    },
  };
  return defineOp(name, 2, (a: Value, b: Value): Value => {
    const type = real ? 'float32' : commonType(a, b);
    const shape = broadcastShapes([a.shape, b.shape], `ops.${name}`);
    return a.node.graph.add(op, [readable(cast(a, type), shape), readable(cast(b, type), shape)])
      .output;
  });
}

const arithmetic = (name: string, rule: BinaryRule) => define(name, (type) => type, false, rule);
const comparison = (name: string) =>
  define(
    name,
    () => 'uint8',
    false,
    () => [],
  );

/**
 * a + b, with NumPy's broadcasting.
 *
 * @example
 * ```ts
 * ops.add([1, 2], [3, 4]); // => [4, 6]
 * ops.add([[1], [2]], [10, 20]); // => [[11, 21], [12, 22]]
 * ```
 */
export const add = arithmetic('add', (_, __, ___, dy) => [dy, dy]);
/**
 * a - b
 *
 * @example
 * ```ts
 * ops.subtract([5, 6], [1, 2]); // => [4, 4]
 * ```
 */
export const subtract = arithmetic('sub', (_, __, ___, dy) => [dy, negative(dy)]);
/**
 * a * b
 *
 * @example
 * ```ts
 * ops.multiply([1, 2], 3); // => [3, 6]
 * ```
 */
export const multiply = arithmetic('mul', (a, b, _, dy) => [multiply(dy, b), multiply(dy, a)]);
/**
 * a / b, of floats: integers are converted first.
 *
 * @example
 * ```ts
 * ops.divide([1, -1, 0], [4, 0, 0]); // => [0.25, -Infinity, NaN]
 * ```
 */
export const divide = define(
  'div',
  () => 'float32',
  true,
  (_, b, y, dy) => [divide(dy, b), negative(multiply(dy, divide(y, b)))],
);
/**
 * a to the power b, of floats.
 *
 * @example
 * ```ts
 * ops.power([2, 3], 2); // => [4, 9]
 * ```
 */
export const power = define(
  'pow',
  () => 'float32',
  true,
  (a, b, y, dy) => [
    multiply(dy, multiply(b, power(a, subtract(b, 1)))),
    multiply(dy, multiply(y, where(greater(a, 0), log(a), 0))),
  ],
);
/**
 * The larger of both; at a tie the gradient goes to `a`. NaN if either is.
 *
 * @example
 * ```ts
 * ops.maximum([1, 5], [3, 4]); // => [3, 5]
 * ```
 */
export const maximum = arithmetic('max', (a, b, _, dy) => [
  multiply(dy, greaterEqual(a, b)),
  multiply(dy, less(a, b)),
]);
/**
 * The smaller of both; at a tie the gradient goes to `a`. NaN if either is.
 *
 * @example
 * ```ts
 * ops.minimum([1, 5], [3, 4]); // => [1, 4]
 * ```
 */
export const minimum = arithmetic('min', (a, b, _, dy) => [
  multiply(dy, lessEqual(a, b)),
  multiply(dy, greater(a, b)),
]);
/**
 * floor(a / b); of integers, 0 where b is 0.
 *
 * @example
 * ```ts
 * ops.floorDivide([7, -7], 2); // => [3, -4]
 * ```
 */
export const floorDivide = arithmetic('floor_div', () => []);
/**
 * The remainder with the sign of b: a - b * floor(a / b).
 *
 * @example
 * ```ts
 * ops.mod([7, -7], 3); // => [1, 2]
 * ```
 */
export const mod = arithmetic('floor_mod', (a, b, _, dy) => [
  dy,
  negative(multiply(dy, floorDivide(a, b))),
]);

/**
 * 1 where a = b, else 0 (uint8).
 *
 * @example
 * ```ts
 * ops.equal([1, 2], [1, 3]); // => [1, 0]
 * ```
 */
export const equal = comparison('eq');
/**
 * 1 where a and b differ, else 0 (uint8).
 *
 * @example
 * ```ts
 * ops.notEqual([1, 2], [1, 3]); // => [0, 1]
 * ```
 */
export const notEqual = comparison('ne');
/**
 * 1 where a < b, else 0 (uint8).
 *
 * @example
 * ```ts
 * ops.less([1, 2, 3], 2); // => [1, 0, 0]
 * ```
 */
export const less = comparison('lt');
/**
 * 1 where a <= b, else 0 (uint8).
 *
 * @example
 * ```ts
 * ops.lessEqual([1, 2, 3], 2); // => [1, 1, 0]
 * ```
 */
export const lessEqual = comparison('le');
/**
 * 1 where a > b, else 0 (uint8).
 *
 * @example
 * ```ts
 * ops.greater([1, 2, 3], 2); // => [0, 0, 1]
 * ```
 */
export const greater = comparison('gt');
/**
 * 1 where a >= b, else 0 (uint8).
 *
 * @example
 * ```ts
 * ops.greaterEqual([1, 2, 3], 2); // => [0, 1, 1]
 * ```
 */
export const greaterEqual = comparison('ge');
