import { LugeError } from '../core/errors.js';
import { normalizeAxis, sizeOf } from '../core/shape.js';
import type { OpDef, Spec, Value } from '../graph/ir.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';
import { defineNative } from './native.js';
import { reshape } from './reshape.js';

/** x [outer, n, inner], indices [k] -> y [outer, k, inner] */
const gatherOp = defineNative('gather', ['x indices', 'y', ''], {
  infer: ([x, indices]) => {
    const { shape, dtype } = x as Spec;
    return [{ shape: shape.with(1, sizeOf((indices as Spec).shape)), dtype }];
  },
  vjp: (node, [dy]) => {
    const [x, indices] = node.inputs as [Value, Value];
    return [dy && node.graph.add(gatherDxOp, [dy, indices], { n: x.shape[1] as number }).output];
  },
});

/** dy [outer, k, inner], indices [k] -> dx [outer, n, inner]: the sums of what came from each. */
const gatherDxOp: OpDef = defineNative('gather_dx', ['dy indices', 'dx', ''], {
  infer: ([dy], { n }) => {
    const { shape, dtype } = dy as Spec;
    return [{ shape: shape.with(1, n as number), dtype }];
  },
  vjp: (node, [ddx]) => [ddx && node.graph.add(gatherOp, [ddx, node.inputs[1] as Value]).output],
});

/**
 * The elements of x at the indices along an axis (the first by default): whole numbers of any shape,
 * which takes the place of the axis. Indices that are not there give NaN, or 0 of integers.
 *
 * @throws LugeError BAD_ARGUMENT when there is no such axis.
 * @example
 * ```ts
 * ops.gather([10, 20, 30], [2, 0, 0]); // => [30, 10, 10]
 * ops.gather([[1, 2, 3], [4, 5, 6]], [2, 1], 1); // => [[3, 2], [6, 5]]
 * ```
 */
export const gather = defineOp('gather', 2, (x: Value, indices: Value, axis: number = 0): Value => {
  const at = normalizeAxis(axis, x.rank, 'ops.gather: axis');
  const outer = sizeOf(x.shape.slice(0, at));
  const rows = reshape(x, [outer, x.shape[at] as number, sizeOf(x.shape.slice(at + 1))]);
  const flat = reshape(cast(indices, 'int32'), [sizeOf(indices.shape)]);
  const y = x.node.graph.add(gatherOp, [rows, flat]).output;
  return reshape(y, x.shape.toSpliced(at, 1, ...indices.shape));
});

const oneHotOp = defineNative('one_hot', ['indices', 'y', ''], {
  infer: ([indices], { classes }) => [
    { shape: [...(indices as Spec).shape, classes as number], dtype: 'float32' },
  ],
  vjp: () => [],
});

/**
 * 1 at each index and 0 elsewhere, float32, along a new last axis of size `classes`. Indices outside
 * of [0, classes) give zeros only.
 *
 * @throws LugeError BAD_ARGUMENT unless `classes` is a whole number of at least 1.
 * @example
 * ```ts
 * ops.oneHot([2, 0], 3); // => [[0, 0, 1], [1, 0, 0]]
 * ```
 */
export const oneHot = defineOp('oneHot', 1, (indices: Value, classes: number): Value => {
  if (!Number.isSafeInteger(classes) || classes < 1) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.oneHot: classes must be a whole number of at least 1, but got ${classes}.`,
    );
  }
  const whole = indices.dtype === 'float32' ? cast(indices, 'int32') : indices;
  const flat = reshape(whole, [sizeOf(indices.shape)]);
  const { output } = indices.node.graph.add(oneHotOp, [flat], { classes });
  return reshape(output, [...indices.shape, classes]);
});
