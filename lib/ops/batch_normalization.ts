import type { Value } from '../graph/ir.js';
import { add, multiply, subtract } from './binary.js';
import { defineListOp, type Operand, type Out } from './define.js';
import { type Axes, meanWithVariance, variance } from './reduce.js';
import { rsqrt } from './unary.js';

const normalize = defineListOp(
  'batchNormalization',
  (xs: Value[], hasOffset: boolean, hasScale: boolean, epsilon: number): Value => {
    const [x, center, spread] = xs as [Value, Value, Value];
    const offset = hasOffset ? xs[3] : undefined;
    const scale = hasScale ? xs[hasOffset ? 4 : 3] : undefined;
    const inverse = rsqrt(add(spread, epsilon));
    const y = multiply(subtract(x, center), scale ? multiply(inverse, scale) : inverse);
    return offset ? add(y, offset) : y;
  },
);

/**
 * (x - mean) / sqrt(variance + epsilon) * scale + offset (Ioffe and Szegedy, 2015). All of them
 * broadcast with x; without scale and offset, 1 and 0.
 *
 * @example
 * ```ts
 * const [mean, variance, offset, scale] = [[2, 30], [1, 100], [0, 0], [1, 10]];
 * const x = [[1, 20], [3, 40]];
 * ops.batchNormalization(x, mean, variance, offset, scale, 0); // => [[-1, -10], [1, 10]]
 * ```
 */
export function batchNormalization<T extends Operand, S extends Operand>(
  x: T,
  mean: S,
  variance: S,
  offset?: S,
  scale?: S,
  epsilon = 1e-3,
): Out<T | S> {
  const given = [offset, scale].filter((operand) => operand !== undefined);
  const operands: (T | S)[] = [x, mean, variance, ...given];
  return normalize(operands, offset !== undefined, scale !== undefined, epsilon);
}

/**
 * Mean and variance over the axes (all by default), as `batchNormalization` takes them.
 *
 * @example
 * ```ts
 * const { mean, variance } = ops.moments([[1, 2], [3, 6]], 0);
 * mean; // => [2, 4]
 * variance; // => [1, 4]
 * ```
 */
export function moments<T extends Operand>(
  x: T,
  axes?: Axes,
  keepDims = false,
): { mean: Out<T>; variance: Out<T> } {
  return { mean: meanWithVariance(x, axes, keepDims), variance: variance(x, axes, keepDims) };
}
