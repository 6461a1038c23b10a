import { LugeError } from '../core/errors.js';
import { normalizeAxis, type Shape, sizeOf } from '../core/shape.js';
import type { Spec, Value } from '../graph/ir.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';
import { defineNative } from './native.js';
import { reshape } from './reshape.js';
import { moveAxis } from './transpose.js';

/** x [n, inner], indices [k] -> y [k, inner] */
const gatherOp = defineNative('gather', ['x indices', 'y', ''], {
  infer: ([x, indices]) => {
    const [, inner] = (x as Spec).shape as [number, number];
    return [{ shape: [...(indices as Spec).shape, inner], dtype: (x as Spec).dtype }];
  },
  vjp: (node, [dy]) => {
    const [x, indices] = node.inputs as [Value, Value];
    const rows = x.shape[0] as number;
    return [dy && node.graph.add(gatherDxOp, [dy, indices], { rows }).output];
  },
});

/** dy [k, inner], indices [k] -> dx [n, inner]: the sum of the rows that came from each. */
const gatherDxOp = defineNative('gather_dx', ['dy indices', 'dx', ''], {
  infer: ([dy], { rows }) => {
    const { shape, dtype } = dy as Spec;
    return [{ shape: shape.with(0, rows as number), dtype }];
  },
  vjp: (node, [ddx]) => [ddx && node.graph.add(gatherOp, [ddx, node.inputs[1] as Value]).output],
});

/**
 * The elements of x at the indices along an axis (the first by default); whole numbers of any shape,
 * which takes the place of the axis.
 *
 * @throws LugeError BAD_ARGUMENT when there is no such axis.
 */
export const gather = defineOp('gather', 2, (x: Value, indices: Value, axis: number = 0): Value => {
  const at = normalizeAxis(axis, x.rank, 'ops.gather: axis');
  const first = moveAxis(x, at, 0);
  const others = first.shape.slice(1);
  const rows = reshape(first, [first.shape[0] as number, sizeOf(others)]);
  const flat = reshape(cast(indices, 'int32'), [sizeOf(indices.shape)]);
  const y = x.node.graph.add(gatherOp, [rows, flat]).output;
  const picked = moveAxis(reshape(y, [sizeOf(indices.shape), ...others]), 0, at);
  return reshape(picked, x.shape.toSpliced(at, 1, ...indices.shape));
});

const oneHotOp = defineNative('one_hot', ['indices', 'y', ''], {
  infer: ([indices], { classes }) => [
    { shape: [...((indices as Spec).shape as Shape), classes as number], dtype: 'float32' },
  ],
  vjp: () => [],
});

/**
 * 1 at each index and 0 elsewhere, float32, along a new last axis of size `classes`. Indices outside
 * of [0, classes) give zeros only.
 *
 * @throws LugeError BAD_ARGUMENT unless `classes` is a whole number of at least 1.
 */
export const oneHot = defineOp('oneHot', 1, (indices: Value, classes: number): Value => {
  if (!Number.isSafeInteger(classes) || classes < 1) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.oneHot: classes must be a whole number of at least 1, but got ${classes}.`,
    );
  }
  const flat = reshape(cast(indices, 'int32'), [sizeOf(indices.shape)]);
  const { output } = indices.node.graph.add(oneHotOp, [flat], { classes });
  return reshape(output, [...indices.shape, classes]);
});
