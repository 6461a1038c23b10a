import type { DType } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { checkFlag } from '../core/options.js';
import { normalizeAxes, type Shape, sameShape, sizeOf } from '../core/shape.js';
import type { Node, OpDef, Spec, Value } from '../graph/ir.js';
import { add, divide, equal, multiply, subtract } from './binary.js';
import { broadcastTo } from './broadcast.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';
import { defineNative } from './native.js';
import { reshape } from './reshape.js';
import { negative, square } from './unary.js';

/** One axis, several, or all. */
export type Axes = number | readonly number[] | undefined;

// Native reductions run over the middle of [outer, n, inner] and give [outer, inner].
function reduction(name: string, dtype: (x: Spec) => DType, vjp: OpDef['vjp']) {
  return defineNative(name, ['x', 'y', ''], {
    infer: ([x]) => {
      const [outer, , inner] = (x as Spec).shape as [number, number, number];
      return [{ shape: [outer, inner], dtype: dtype(x as Spec) }];
    },
    ...(vjp === undefined ? {} : { vjp }),
  });
}

/** The result (or its gradient) lined up with the input again: [outer, 1, inner]. */
function aligned(node: Node, value: Value): Value {
  const [outer, , inner] = (node.inputs[0] as Value).shape as [number, number, number];
  return reshape(value, [outer, 1, inner]);
}

/** The gradient goes to the extreme elements, in equal parts where several are. */
const extreme: OpDef['vjp'] = (node, [dy]) => {
  if (dy === undefined) return [];
  const x = node.inputs[0] as Value;
  const hit = cast(equal(x, aligned(node, node.output)), 'float32');
  const count = x.node.graph.add(sumOp, [hit]).output;
  return [multiply(hit, aligned(node, divide(dy, count)))];
};

const same = (x: Spec): DType => x.dtype;
const sumOp = reduction('reduce_sum', same, (node, [dy]) => [
  dy && broadcastTo(aligned(node, dy), (node.inputs[0] as Value).shape),
]);
const maxOp = reduction('reduce_max', same, extreme);
const minOp = reduction('reduce_min', same, extreme);
// Division is unsafe where an element is 0; such products have no gradient rule of this form.
const prodOp = reduction('reduce_prod', same, (node, [dy]) => [
  dy && divide(aligned(node, multiply(dy, node.output)), node.inputs[0] as Value),
]);
const argmaxOp = reduction('argmax', () => 'int32', undefined);
const argminOp = reduction('argmin', () => 'int32', undefined);

/** x [outer, n, inner] -> mean, variance [outer, inner], in one pass. */
const momentsOp = defineNative('moments', ['x', 'mean variance', ''], {
  infer: ([x]) => {
    const [outer, , inner] = (x as Spec).shape as [number, number, number];
    const statistic: Spec = { shape: [outer, inner], dtype: 'float32' };
    return [statistic, statistic];
  },
  vjp: (node, [dmean, dvariance]) => {
    const [x] = node.inputs as [Value];
    const share = 1 / (x.shape[1] as number);
    const parts: Value[] = [];
    if (dvariance !== undefined) {
      const slope = aligned(node, multiply(dvariance, 2 * share));
      parts.push(multiply(subtract(x, aligned(node, node.output)), slope));
    }
    if (dmean !== undefined) parts.push(aligned(node, multiply(dmean, share)));
    return parts.length === 0 ? [] : [parts.reduce((a, b) => add(a, b))];
  },
});

/** Reduces the axes, neighbours together, the last ones first. */
function reduceAxes(op: OpDef, x: Value, axis: Axes, keepDims: boolean): Value {
  checkFlag('keepDims', keepDims);
  const axes = normalizeAxes(axis, x.rank);
  let y = x.dtype === 'uint8' ? cast(x, 'int32') : x;
  let dims: number[] = [...x.shape];
  for (let last = axes.length - 1; last >= 0; ) {
    let first = last;
    while (first > 0 && axes[first - 1] === (axes[first] as number) - 1) first -= 1;
    const from = axes[first] as number;
    const to = (axes[last] as number) + 1;
    const n = sizeOf(dims.slice(from, to));
    const view = reshape(y, [sizeOf(dims.slice(0, from)), n, sizeOf(dims.slice(to))]);
    y = y.node.graph.add(op, [view]).output;
    dims = dims.map((dim, i) => (i >= from && i < to ? 1 : dim));
    last = first - 1;
  }
  return reshape(y, keepDims ? dims : removeAxes(x.shape, axes));
}

function removeAxes(shape: Shape, axes: readonly number[]): Shape {
  return shape.filter((_, i) => !axes.includes(i));
}

function countOf(x: Value, axis: Axes): number {
  return sizeOf(normalizeAxes(axis, x.rank).map((i) => x.shape[i] as number));
}

function requireElements(name: string, x: Value, axis: Axes): void {
  if (countOf(x, axis) === 0) {
    throw new LugeError('BAD_SHAPE', `ops.${name}: there is nothing to reduce over (size 0).`);
  }
}

/**
 * Sum over the axes (all by default); 0 of nothing.
 *
 * @example
 * ```ts
 * ops.sum([[1, 2], [3, 4]]); // => 10
 * ops.sum([[1, 2], [3, 4]], 0); // => [4, 6]
 * ops.sum([[1, 2], [3, 4]], -1, true); // => [[3], [7]]
 * ```
 */
export const sum = defineOp('sum', 1, (x: Value, axis?: Axes, keepDims: boolean = false): Value => {
  checkFlag('ops.sum: keepDims', keepDims);
  const axes = normalizeAxes(axis, x.rank);
  const [terms, factor] = sharedFactor(x, axes);
  if (factor === undefined) return reduceAxes(sumOp, x, axes, keepDims);
  const total = factor(sum(terms, axes, true));
  return keepDims ? total : reshape(total, removeAxes(x.shape, axes));
});

/**
 * What the terms of a sum have in common, so that it is computed once: sum(a * b) = sum(a) * b
 * where b is the same along the axes, and sum(-a) = -sum(a). The gradients of whatever was
 * broadcast are such sums, several of them of the same terms. And the gradient of a maximum over
 * windows is that of the maxima and zeros.
 */
function sharedFactor(
  x: Value,
  axes: readonly number[],
): [terms: Value, factor?: (total: Value) => Value] {
  const { op, inputs } = x.node;
  if (x.dtype !== 'float32' || countOf(x, axes) <= 1) return [x];
  const isOverImages = [0, 1, 2].every((axis) => axes.includes(axis));
  if (op.name === 'max_pool2d_dx' && isOverImages) return [inputs[0] as Value, (total) => total];
  if (op.name === 'neg') return [inputs[0] as Value, negative];
  if (op.name !== 'mul') return [x];
  const isShared = ({ shape, rank }: Value) =>
    axes.every((axis) => axis < x.rank - rank || shape[axis - x.rank + rank] === 1);
  for (const [terms, factor] of [inputs, inputs.toReversed()] as [Value, Value][]) {
    if (sameShape(terms.shape, x.shape) && isShared(factor)) {
      return [terms, (total) => multiply(total, factor)];
    }
  }
  return [x];
}

/**
 * Product over the axes (all by default). Its gradient is NaN where an element is 0.
 *
 * @example
 * ```ts
 * ops.prod([[1, 2], [3, 4]], 1); // => [2, 12]
 * ```
 */
export const prod = defineOp(
  'prod',
  1,
  (x: Value, axis?: Axes, keepDims: boolean = false): Value =>
    reduceAxes(prodOp, x, axis, keepDims),
);

/**
 * Arithmetic mean over the axes (all by default), float32.
 *
 * @throws LugeError BAD_SHAPE when there is nothing to take the mean of.
 * @example
 * ```ts
 * ops.mean([[1, 2], [3, 4]]); // => 2.5
 * ops.mean([[1, 2], [3, 4]], 0); // => [2, 3]
 * ```
 */
export const mean = defineOp(
  'mean',
  1,
  (x: Value, axis?: Axes, keepDims: boolean = false): Value => {
    requireElements('mean', x, axis);
    return multiply(sum(cast(x, 'float32'), axis, keepDims), 1 / countOf(x, axis));
  },
);

/**
 * Largest element over the axes (all by default); NaN if any is. Ties share the gradient.
 *
 * @throws LugeError BAD_SHAPE when there are no elements.
 * @example
 * ```ts
 * ops.max([[1, 5], [3, 4]], 1); // => [5, 4]
 * ```
 */
export const max = defineOp('max', 1, (x: Value, axis?: Axes, keepDims: boolean = false): Value => {
  requireElements('max', x, axis);
  return reduceAxes(maxOp, x, axis, keepDims);
});

/**
 * Smallest element over the axes (all by default); NaN if any is. Ties share the gradient.
 *
 * @throws LugeError BAD_SHAPE when there are no elements.
 * @example
 * ```ts
 * ops.min([[1, 5], [3, 4]], 1); // => [1, 3]
 * ```
 */
export const min = defineOp('min', 1, (x: Value, axis?: Axes, keepDims: boolean = false): Value => {
  requireElements('min', x, axis);
  return reduceAxes(minOp, x, axis, keepDims);
});

/**
 * Mean and variance in one pass over neighbouring axes; over others, one after the other. Written
 * with differences from the mean, they lose nothing when it is far from 0.
 */
function momentsOf(name: string, x: Value, axis: Axes, keepDims: boolean): [Value, Value] {
  requireElements(name, x, axis);
  checkFlag(`ops.${name}: keepDims`, keepDims);
  const real = cast(x, 'float32');
  const axes = normalizeAxes(axis, x.rank);
  const [first = 0] = axes;
  const last = axes.at(-1) ?? 0;
  if (axes.length === 0 || last - first + 1 > axes.length) {
    const center = mean(real, axes, true);
    const deviation = subtract(real, center);
    return [
      keepDims ? center : reshape(center, removeAxes(x.shape, axes)),
      mean(square(deviation), axes, keepDims),
    ];
  }
  const dims = [x.shape.slice(0, first), x.shape.slice(first, last + 1), x.shape.slice(last + 1)];
  const { outputs } = x.node.graph.add(momentsOp, [reshape(real, dims.map(sizeOf))]);
  const shape = keepDims
    ? x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim))
    : removeAxes(x.shape, axes);
  return outputs.map((output) => reshape(output, shape)) as [Value, Value];
}

/** The mean that belongs to `variance`, from the same pass. */
export const meanWithVariance = defineOp(
  'moments',
  1,
  (x: Value, axis?: Axes, keepDims: boolean = false): Value =>
    momentsOf('moments', x, axis, keepDims)[0],
);

/**
 * mean((x - mean(x))^2) over the axes (all by default): divided by n, not n - 1. float32.
 *
 * @throws LugeError BAD_SHAPE when there are no elements.
 * @example
 * ```ts
 * ops.variance([1, 2, 3, 4]); // => 1.25
 * ```
 */
export const variance = defineOp(
  'variance',
  1,
  (x: Value, axis?: Axes, keepDims: boolean = false): Value =>
    momentsOf('variance', x, axis, keepDims)[1],
);

function argument(name: string, op: OpDef) {
  return defineOp(name, 1, (x: Value, axis?: number, keepDims: boolean = false): Value => {
    requireElements(name, x, axis);
    if (axis !== undefined) return reduceAxes(op, x, axis, keepDims);
    return reduceAxes(op, reshape(x, [-1]), 0, false);
  });
}

/**
 * Position of the largest element along the axis (the first of equals), or in the flat tensor.
 *
 * @example
 * ```ts
 * ops.argmax([[1, 5], [3, 2]], 1); // => [1, 0]
 * ops.argmax([[1, 5], [3, 2]]); // => 1
 * ```
 */
export const argmax = argument('argmax', argmaxOp);
/**
 * Position of the smallest element along the axis (the first of equals), or in the flat tensor.
 *
 * @example
 * ```ts
 * ops.argmin([[1, 5], [3, 2]], 1); // => [0, 1]
 * ```
 */
export const argmin = argument('argmin', argminOp);
