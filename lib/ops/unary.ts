import type { OpDef, Spec, Value } from '../graph/ir.js';
import { add, divide, multiply } from './binary.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';

/** The gradient of x, from x, the result y and the gradient of y. */
type UnaryRule = (x: Value, y: Value, dy: Value) => Value | undefined;

const flat: UnaryRule = () => undefined;

/** An element-wise function of floats; integers are converted first. */
function unary(name: string, rule: UnaryRule) {
  const op: OpDef = {
    name,
    kind: 'map',
    infer: ([x]) => [{ shape: (x as Spec).shape, dtype: 'float32' }],
    vjp: (node, [dy]) => [dy && rule(node.inputs[0] as Value, node.output, dy)],
  };
  return defineOp(name, 1, (x: Value): Value => x.node.graph.add(op, [cast(x, 'float32')]).output);
}

/** The same for functions that integers have, too. */
function unaryOfAny(name: string, rule: UnaryRule) {
  const op: OpDef = {
    name,
    kind: 'map',
    infer: ([x]) => [x as Spec],
    vjp: (node, [dy]) => [dy && rule(node.inputs[0] as Value, node.output, dy)],
  };
  return defineOp(name, 1, (x: Value): Value => {
    const wide = x.dtype === 'uint8' ? cast(x, 'int32') : x;
    return x.node.graph.add(op, [wide]).output;
  });
}

/**
 * -x
 *
 * @example
 * ```ts
 * ops.negative([1, -2]); // => [-1, 2]
 * ```
 */
export const negative = unaryOfAny('neg', (_, __, dy) => negative(dy));
/**
 * |x|; its gradient at 0 is 0.
 *
 * @example
 * ```ts
 * ops.abs([1, -2]); // => [1, 2]
 * ```
 */
export const abs = unaryOfAny('abs', (x, _, dy) => multiply(dy, sign(x)));
/**
 * -1, 0 or 1, the sign of x. Its gradient is 0.
 *
 * @example
 * ```ts
 * ops.sign([3, 0, -0.5]); // => [1, 0, -1]
 * ```
 */
export const sign = unaryOfAny('sign', flat);
/**
 * e^x
 *
 * @example
 * ```ts
 * ops.exp([0, 1]); // => [1, 2.7183]
 * ```
 */
export const exp = unary('exp', (_, y, dy) => multiply(dy, y));
/**
 * Natural logarithm; -Infinity at 0, NaN below.
 *
 * @example
 * ```ts
 * ops.log([1, 10, 0, -1]); // => [0, 2.3026, -Infinity, NaN]
 * ```
 */
export const log = unary('log', (x, _, dy) => divide(dy, x));
/**
 * log(1 + x), exact for small x.
 *
 * @example
 * ```ts
 * ops.log1p([0, 1e-6]); // => [0, 1e-6]
 * ```
 */
export const log1p = unary('log1p', (x, _, dy) => divide(dy, add(1, x)));
/**
 * e^x - 1, exact for small x.
 *
 * @example
 * ```ts
 * ops.expm1([0, 1e-6]); // => [0, 1e-6]
 * ```
 */
export const expm1 = unary('expm1', (_, y, dy) => multiply(dy, add(1, y)));
/**
 * Square root; NaN below 0.
 *
 * @example
 * ```ts
 * ops.sqrt([4, 2]); // => [2, 1.4142]
 * ```
 */
export const sqrt = unary('sqrt', (_, y, dy) => divide(multiply(dy, 0.5), y));
/**
 * 1 / sqrt(x)
 *
 * @example
 * ```ts
 * ops.rsqrt([4, 0.25]); // => [0.5, 2]
 * ```
 */
export const rsqrt = unary('rsqrt', (x, y, dy) => multiply(dy, multiply(-0.5, divide(y, x))));
/**
 * x^2
 *
 * @example
 * ```ts
 * ops.square([3, -4]); // => [9, 16]
 * ```
 */
export const square = unary('square', (x, _, dy) => multiply(dy, multiply(2, x)));
/**
 * 1 / x
 *
 * @example
 * ```ts
 * ops.reciprocal([4, 0]); // => [0.25, Infinity]
 * ```
 */
export const reciprocal = unary('reciprocal', (_, y, dy) => negative(multiply(dy, multiply(y, y))));
/**
 * The hyperbolic tangent, (e^x - e^-x) / (e^x + e^-x).
 *
 * @example
 * ```ts
 * ops.tanh([-1, 0, 1]); // => [-0.7616, 0, 0.7616]
 * ```
 */
export const tanh = unary('tanh', (_, y, dy) => gradientPair('tanh_grad', dy, y));
/**
 * 1 / (1 + e^-x), the notes' sigma.
 *
 * @example
 * ```ts
 * ops.sigmoid([-1, 0, 1]); // => [0.2689, 0.5, 0.7311]
 * ```
 */
export const sigmoid = unary('sigmoid', (_, y, dy) => gradientPair('sigmoid_grad', dy, y));
/**
 * max(x, 0), the rectified linear unit (Nair and Hinton, 2010); its gradient at 0 is 0.
 *
 * @example
 * ```ts
 * ops.relu([-1, 0, 2]); // => [0, 0, 2]
 * ```
 */
export const relu = unary('relu', (_, y, dy) => gradientPair('relu_grad', dy, y));
/**
 * log(1 + e^x), without overflow.
 *
 * @example
 * ```ts
 * ops.softplus([-100, 0, 100]); // => [0, 0.6931, 100]
 * ```
 */
export const softplus = unary('softplus', (x, _, dy) => multiply(dy, sigmoid(x)));
/**
 * The error function, 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x.
 *
 * @example
 * ```ts
 * ops.erf([-1, 0, 1]); // => [-0.8427, 0, 0.8427]
 * ```
 */
export const erf = unary('erf', (x, _, dy) =>
  multiply(dy, multiply(2 / Math.sqrt(Math.PI), exp(negative(square(x))))),
);
/**
 * Sine of radians.
 *
 * @example
 * ```ts
 * ops.sin([0, Math.PI / 2]); // => [0, 1]
 * ```
 */
export const sin = unary('sin', (x, _, dy) => multiply(dy, cos(x)));
/**
 * Cosine of radians.
 *
 * @example
 * ```ts
 * ops.cos([0, Math.PI]); // => [1, -1]
 * ```
 */
export const cos = unary('cos', (x, _, dy) => negative(multiply(dy, sin(x))));
/**
 * The largest whole number not above x. Its gradient is 0.
 *
 * @example
 * ```ts
 * ops.floor([1.7, -1.2]); // => [1, -2]
 * ```
 */
export const floor = unary('floor', flat);
/**
 * The smallest whole number not below x. Its gradient is 0.
 *
 * @example
 * ```ts
 * ops.ceil([1.2, -1.7]); // => [2, -1]
 * ```
 */
export const ceil = unary('ceil', flat);
/**
 * The nearest whole number, halves to the even one. Its gradient is 0.
 *
 * @example
 * ```ts
 * ops.round([0.5, 1.5, 2.5]); // => [0, 2, 2]
 * ```
 */
export const round = unary('round', flat);

// Functions of the vector machine that exist only as gradients, one pass instead of two or three.
function gradientPair(name: string, dy: Value, y: Value): Value {
  const op: OpDef = { name, kind: 'map', infer: ([a]) => [a as Spec] };
  return dy.node.graph.add(op, [dy, y]).output;
}
