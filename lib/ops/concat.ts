import { LugeError } from '../core/errors.js';
import { normalizeAxis, type Shape, sameShape, showShape } from '../core/shape.js';
import type { Spec, Value } from '../graph/ir.js';
import { cast } from './cast.js';
import { defineListOp } from './define.js';
import { defineNative } from './native.js';
import { reshape } from './reshape.js';
import { slice } from './slice.js';

const concatOp = defineNative('concat', ['xs...', 'y', 'axis'], {
  infer: (xs, { axis }) => {
    const { shape, dtype } = xs[0] as Spec;
    const total = xs.reduce((sum, x) => sum + (x.shape[axis as number] as number), 0);
    return [{ shape: shape.with(axis as number, total), dtype }];
  },
  vjp: (node, [dy]) => {
    const axis = node.attrs.axis as number;
    let from = 0;
    return node.inputs.map((x) => {
      const begin = x.shape.map((_, i) => (i === axis ? from : 0));
      from += x.shape[axis] as number;
      return dy && slice(dy, begin, x.shape);
    });
  },
  words: ({ attrs }) => [attrs.axis as number],
});

/**
 * The tensors one after the other along an axis (the last by default); the other sizes must agree.
 * float32 as soon as one is.
 *
 * @throws LugeError BAD_SHAPE when another size differs.
 * @example
 * ```ts
 * ops.concat([[[1, 2]], [[3, 4]]]); // => [[1, 2, 3, 4]]
 * ops.concat([[[1, 2]], [[3, 4]]], 0); // => [[1, 2], [3, 4]]
 * ```
 */
export const concat = defineListOp('concat', (xs: Value[], axis: number = -1): Value => {
  const first = xs[0] as Value;
  const at = normalizeAxis(axis, first.rank, 'ops.concat: axis');
  const rest = ({ shape }: { shape: Shape }) => shape.filter((_, i) => i !== at);
  xs.forEach((x, i) => {
    if (x.rank === first.rank && sameShape(rest(x), rest(first))) return;
    throw new LugeError(
      'BAD_SHAPE',
      `ops.concat: tensors must agree in every size but that of axis ${at}, but tensor 0 has shape ` +
        `${showShape(first.shape)} and tensor ${i} has ${showShape(x.shape)}.`,
    );
  });
  if (xs.length === 1) return first;
  return first.node.graph.add(concatOp, alike(xs), { axis: at }).output;
});

/**
 * Tensors of one shape side by side along a new axis (the first by default).
 *
 * @throws LugeError BAD_SHAPE when the shapes differ.
 * @example
 * ```ts
 * ops.stack([[1, 2], [3, 4]]); // => [[1, 2], [3, 4]]
 * ops.stack([[1, 2], [3, 4]], 1); // => [[1, 3], [2, 4]]
 * ```
 */
export const stack = defineListOp('stack', (xs: Value[], axis: number = 0): Value => {
  const { shape, rank } = xs[0] as Value;
  const at = normalizeAxis(axis, rank + 1, 'ops.stack: axis');
  xs.forEach((x, i) => {
    if (sameShape(x.shape, shape)) return;
    throw new LugeError(
      'BAD_SHAPE',
      `ops.stack: tensors must be of one shape, but tensor 0 has ${showShape(shape)} and tensor ${i} ` +
        `has ${showShape(x.shape)}.`,
    );
  });
  return concat(
    xs.map((x) => reshape(x, shape.toSpliced(at, 0, 1))),
    at,
  );
});

/** All of one element type: that of arithmetic between them. */
function alike(xs: readonly Value[]): Value[] {
  const first = xs[0] as Value;
  if (xs.every((x) => x.dtype === first.dtype)) return [...xs];
  const type = xs.some((x) => x.dtype === 'float32') ? 'float32' : 'int32';
  return xs.map((x) => cast(x, type));
}
