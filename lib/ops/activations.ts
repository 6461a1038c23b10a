import { checkFlag } from '../core/options.js';
import type { Value } from '../graph/ir.js';
import { add, divide, greater, greaterEqual, minimum, multiply, subtract } from './binary.js';
import { cast } from './cast.js';
import { clip } from './clip.js';
import { defineOp } from './define.js';
import { split } from './slice.js';
import { abs, erf, expm1, negative, sigmoid, softplus, sqrt, square, tanh } from './unary.js';
import { where } from './where.js';

/**
 * x * P(X <= x) for a standard normal X (Hendrycks and Gimpel, 2016).
 *
 * @param approximate by tanh instead of erf, within 5e-4.
 * @example
 * ```ts
 * ops.gelu([-1, 0, 1]); // => [-0.1587, 0, 0.8413]
 * ops.gelu([1], true); // => [0.8412]
 * ```
 */
export const gelu = defineOp('gelu', 1, (x: Value, approximate: boolean = false): Value => {
  const half = multiply(x, 0.5);
  if (!checkFlag('ops.gelu: approximate', approximate))
    return multiply(half, add(1, erf(multiply(x, Math.SQRT1_2))));
  const cubic = multiply(x, add(1, multiply(square(x), 0.044715)));
  return multiply(half, add(1, tanh(multiply(cubic, Math.sqrt(2 / Math.PI)))));
});

/**
 * x * sigmoid(x), also called swish (Ramachandran et al., 2017).
 *
 * @example
 * ```ts
 * ops.silu([-1, 0, 1]); // => [-0.2689, 0, 0.7311]
 * ```
 */
export const silu = defineOp('silu', 1, (x: Value): Value => multiply(x, sigmoid(x)));

/**
 * x above 0, alpha * (e^x - 1) below (Clevert et al., 2015).
 *
 * @example
 * ```ts
 * ops.elu([-1, 0, 1]); // => [-0.6321, 0, 1]
 * ops.elu([-1], 0.5); // => [-0.3161]
 * ```
 */
export const elu = defineOp('elu', 1, (x: Value, alpha: number = 1): Value => {
  // Without the minimum, e^x would overflow where it is not wanted, and 0 * Infinity be NaN.
  return where(greater(x, 0), x, multiply(alpha, expm1(minimum(x, 0))));
});

// Klambauer et al., 2017: the values that keep mean 0 and variance 1.
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/**
 * The self-normalizing elu: 1.0507 * elu(x, 1.6733) (Klambauer et al., 2017).
 *
 * @example
 * ```ts
 * ops.selu([-1, 0, 1]); // => [-1.1113, 0, 1.0507]
 * ```
 */
export const selu = defineOp(
  'selu',
  1,
  (x: Value): Value => multiply(seluScale, elu(x, seluAlpha)),
);

/**
 * x above 0, slope * x below (0.2 by default, as in Keras) (Maas et al., 2013).
 *
 * @example
 * ```ts
 * ops.leakyRelu([-1, 0, 1]); // => [-0.2, 0, 1]
 * ops.leakyRelu([-1], 0.01); // => [-0.01]
 * ```
 */
export const leakyRelu = defineOp('leakyRelu', 1, (x: Value, slope: number = 0.2): Value => {
  const real = cast(x, 'float32');
  return where(greater(real, 0), real, multiply(slope, real));
});

/**
 * min(max(x, 0), 6)
 *
 * @example
 * ```ts
 * ops.relu6([-1, 3, 8]); // => [0, 3, 6]
 * ```
 */
export const relu6 = defineOp('relu6', 1, (x: Value): Value => clip(cast(x, 'float32'), 0, 6));

/**
 * relu6(x + 3) / 6: a sigmoid of straight lines.
 *
 * @example
 * ```ts
 * ops.hardSigmoid([-3, 0, 1.5, 3]); // => [0, 0.5, 0.75, 1]
 * ```
 */
export const hardSigmoid = defineOp('hardSigmoid', 1, (x: Value): Value => {
  return clip(add(multiply(x, 1 / 6), 0.5), 0, 1);
});

/**
 * x * hardSigmoid(x), also called hard swish (Howard et al., 2019).
 *
 * @example
 * ```ts
 * ops.hardSilu([-3, -1, 1, 3]); // => [0, -0.3333, 0.6667, 3]
 * ```
 */
export const hardSilu = defineOp('hardSilu', 1, (x: Value): Value => multiply(x, hardSigmoid(x)));

/**
 * x / (1 + |x|)
 *
 * @example
 * ```ts
 * ops.softsign([-3, 0, 1]); // => [-0.75, 0, 0.5]
 * ```
 */
export const softsign = defineOp('softsign', 1, (x: Value): Value => divide(x, add(1, abs(x))));

/**
 * log(sigmoid(x)), without overflow.
 *
 * @example
 * ```ts
 * ops.logSigmoid([-100, 0]); // => [-100, -0.6931]
 * ```
 */
export const logSigmoid = defineOp('logSigmoid', 1, (x: Value): Value => {
  return negative(softplus(negative(cast(x, 'float32'))));
});

/**
 * x * tanh(softplus(x)) (Misra, 2019).
 *
 * @example
 * ```ts
 * ops.mish([-1, 0, 1]); // => [-0.3034, 0, 0.8651]
 * ```
 */
export const mish = defineOp('mish', 1, (x: Value): Value => multiply(x, tanh(softplus(x))));

/**
 * x - tanh(x)
 *
 * @example
 * ```ts
 * ops.tanhShrink([-1, 0, 1]); // => [-0.2384, 0, 0.2384]
 * ```
 */
export const tanhShrink = defineOp('tanhShrink', 1, (x: Value): Value => subtract(x, tanh(x)));

/**
 * x above 0, alpha * (e^(x / alpha) - 1) below: an elu of smooth slope for any alpha (Barron, 2017).
 *
 * @example
 * ```ts
 * ops.celu([-1, 0, 1]); // => [-0.6321, 0, 1]
 * ops.celu([-1], 0.5); // => [-0.4323]
 * ```
 */
export const celu = defineOp('celu', 1, (x: Value, alpha: number = 1): Value => {
  return where(greater(x, 0), x, multiply(alpha, expm1(multiply(minimum(x, 0), 1 / alpha))));
});

/**
 * The gated linear unit a * sigmoid(b), where a and b are the halves of x along an axis (the last by
 * default) (Dauphin et al., 2017).
 *
 * @throws LugeError BAD_ARGUMENT when the size of the axis is odd.
 * @example
 * ```ts
 * ops.glu([[1, 2, 0, 100]]); // => [[0.5, 2]]
 * ```
 */
export const glu = defineOp('glu', 1, (x: Value, axis: number = -1): Value => {
  const [a, b] = split(x, 2, axis) as [Value, Value];
  return multiply(a, sigmoid(b));
});

/**
 * min(max(x, -1), 1): a tanh of straight lines.
 *
 * @example
 * ```ts
 * ops.hardTanh([-2, 0.5, 2]); // => [-1, 0.5, 1]
 * ```
 */
export const hardTanh = defineOp('hardTanh', 1, (x: Value): Value => {
  return clip(cast(x, 'float32'), -1, 1);
});

/**
 * x where |x| is above `threshold` (0.5 by default), else 0.
 *
 * @example
 * ```ts
 * ops.hardShrink([-1, 0.2, 1]); // => [-1, 0, 1]
 * ```
 */
export const hardShrink = defineOp('hardShrink', 1, (x: Value, threshold: number = 0.5): Value => {
  const real = cast(x, 'float32');
  return where(greater(abs(real), threshold), real, 0);
});

/**
 * x moved towards 0 by `threshold` (0.5 by default), and 0 where that would pass it.
 *
 * @example
 * ```ts
 * ops.softShrink([-1, 0.2, 1]); // => [-0.5, 0, 0.5]
 * ```
 */
export const softShrink = defineOp('softShrink', 1, (x: Value, threshold: number = 0.5): Value => {
  const real = cast(x, 'float32');
  return subtract(real, clip(real, -threshold, threshold));
});

/**
 * 0 up to -1, x from 1 on, and the parabola ((x + 1) / 2)^2 in between.
 *
 * @example
 * ```ts
 * ops.sparsePlus([-2, 0, 2]); // => [0, 0.25, 2]
 * ```
 */
export const sparsePlus = defineOp('sparsePlus', 1, (x: Value): Value => {
  const real = cast(x, 'float32');
  return where(greaterEqual(real, 1), real, square(sparseSigmoid(real)));
});

/**
 * 0 up to -1, 1 from 1 on, and (x + 1) / 2 in between: the slope of `sparsePlus`.
 *
 * @example
 * ```ts
 * ops.sparseSigmoid([-2, 0, 2]); // => [0, 0.5, 1]
 * ```
 */
export const sparseSigmoid = defineOp('sparseSigmoid', 1, (x: Value): Value => {
  return clip(add(multiply(x, 0.5), 0.5), 0, 1);
});

/**
 * (x + sqrt(x^2 + b)) / 2, b being 4 by default (Barron, 2021).
 *
 * @example
 * ```ts
 * ops.squareplus([-1, 0, 1]); // => [0.618, 1, 1.618]
 * ```
 */
export const squareplus = defineOp('squareplus', 1, (x: Value, b: number = 4): Value => {
  return multiply(add(x, sqrt(add(square(x), b))), 0.5);
});

/**
 * x where it is above `least`, else `value`.
 *
 * @example
 * ```ts
 * ops.threshold([-1, 0.5, 2], 1, 0); // => [0, 0, 2]
 * ```
 */
export const threshold = defineOp(
  'threshold',
  1,
  (x: Value, least: number, value: number): Value => {
    const real = cast(x, 'float32');
    return where(greater(real, least), real, value);
  },
);
