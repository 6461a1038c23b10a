import type { DType } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { normalizeAxes, type Shape, sizeOf } from '../core/shape.js';
import type { Node, OpDef, Spec, Value } from '../graph/ir.js';
import { divide, equal, multiply, subtract } from './binary.js';
import { broadcastTo } from './broadcast.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';
import { defineNative } from './native.js';
import { reshape } from './reshape.js';
import { square } from './unary.js';

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

/** Reduces the axes, neighbours together, the last ones first. */
function reduceAxes(op: OpDef, x: Value, axis: Axes, keepDims: boolean): Value {
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

/** Sum over the axes (all by default); 0 of nothing. */
export const sum = defineOp(
  'sum',
  1,
  (x: Value, axis?: Axes, keepDims: boolean = false): Value => reduceAxes(sumOp, x, axis, keepDims),
);

/** Product over the axes. Its gradient is NaN where an element is 0. */
export const prod = defineOp(
  'prod',
  1,
  (x: Value, axis?: Axes, keepDims: boolean = false): Value =>
    reduceAxes(prodOp, x, axis, keepDims),
);

/** Arithmetic mean over the axes, float32. */
export const mean = defineOp(
  'mean',
  1,
  (x: Value, axis?: Axes, keepDims: boolean = false): Value => {
    requireElements('mean', x, axis);
    return multiply(sum(cast(x, 'float32'), axis, keepDims), 1 / countOf(x, axis));
  },
);

/** Largest element over the axes; NaN if any is. Ties share the gradient. */
export const max = defineOp('max', 1, (x: Value, axis?: Axes, keepDims: boolean = false): Value => {
  requireElements('max', x, axis);
  return reduceAxes(maxOp, x, axis, keepDims);
});

/** Smallest element over the axes; NaN if any is. Ties share the gradient. */
export const min = defineOp('min', 1, (x: Value, axis?: Axes, keepDims: boolean = false): Value => {
  requireElements('min', x, axis);
  return reduceAxes(minOp, x, axis, keepDims);
});

/** Mean squared distance from the mean over the axes (divided by n, not n - 1). */
export const variance = defineOp(
  'variance',
  1,
  (x: Value, axis?: Axes, keepDims: boolean = false): Value => {
    requireElements('variance', x, axis);
    const real = cast(x, 'float32');
    return mean(square(subtract(real, mean(real, axis, true))), axis, keepDims);
  },
);

function argument(name: string, op: OpDef) {
  return defineOp(name, 1, (x: Value, axis?: number, keepDims: boolean = false): Value => {
    requireElements(name, x, axis);
    if (axis !== undefined) return reduceAxes(op, x, axis, keepDims);
    return reduceAxes(op, reshape(x, [-1]), 0, false);
  });
}

/** Position of the largest element along the axis (the first of equals), or in the flat tensor. */
export const argmax = argument('argmax', argmaxOp);
/** Position of the smallest element along the axis (the first of equals), or in the flat tensor. */
export const argmin = argument('argmin', argminOp);
