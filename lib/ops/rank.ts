import { LugeError } from '../core/errors.js';
import { normalizeAxes, normalizeAxis, showShape, sizeOf } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { defineOp } from './define.js';
import type { Axes } from './reduce.js';
import { reshape } from './reshape.js';

/**
 * x with a new axis of size 1 at the place given (the last by default).
 *
 * @example
 * ```ts
 * ops.expandDims([1, 2]).shape; // => [2, 1]
 * ops.expandDims([1, 2], 0).shape; // => [1, 2]
 * ```
 */
export const expandDims = defineOp('expandDims', 1, (x: Value, axis: number = -1): Value => {
  const at = normalizeAxis(axis, x.rank + 1, 'ops.expandDims: axis');
  return reshape(x, x.shape.toSpliced(at, 0, 1));
});

/**
 * x without the axes given, or without all of size 1.
 *
 * @throws LugeError BAD_ARGUMENT when one of them is not of size 1.
 * @example
 * ```ts
 * const x = tensor([1, 2], [1, 2, 1]);
 * ops.squeeze(x).shape; // => [2]
 * ops.squeeze(x, 0).shape; // => [2, 1]
 * ```
 */
export const squeeze = defineOp('squeeze', 1, (x: Value, axis?: Axes): Value => {
  if (axis === undefined) {
    return reshape(
      x,
      x.shape.filter((dim) => dim !== 1),
    );
  }
  const axes = normalizeAxes(axis, x.rank);
  if (axes.some((at) => x.shape[at] !== 1)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.squeeze: only axes of size 1 can be left out, but got axis ${axes.join(', ')} of a tensor ` +
        `of shape ${showShape(x.shape)}.`,
    );
  }
  return reshape(
    x,
    x.shape.filter((_, i) => !axes.includes(i)),
  );
});

/**
 * All axes but the first (the batch) made one: [batch, features].
 *
 * @example
 * ```ts
 * ops.flatten(tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2])); // => [[1, 2, 3, 4], [5, 6, 7, 8]]
 * ```
 */
export const flatten = defineOp('flatten', 1, (x: Value): Value => {
  const [batch = 1, ...rest] = x.shape;
  return reshape(x, [batch, sizeOf(rest)]);
});
