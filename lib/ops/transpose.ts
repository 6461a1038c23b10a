import { LugeError } from '../core/errors.js';
import { show } from '../core/options.js';
import { type Shape, showShape } from '../core/shape.js';
import type { Spec, Value } from '../graph/ir.js';
import { defineOp } from './define.js';
import { defineNative } from './native.js';
import { reshape } from './reshape.js';

const transposeOp = defineNative('transpose', ['x', 'y', 'permutation...'], {
  infer: ([x], attrs) => {
    const { shape, dtype } = x as Spec;
    return [{ shape: (attrs.permutation as Shape).map((axis) => shape[axis] as number), dtype }];
  },
  vjp: (node, [dy]) => [dy && transpose(dy, invert(node.attrs.permutation as Shape))],
  words: ({ attrs }) => [...(attrs.permutation as Shape)],
});

/** The permutation that undoes `permutation`. */
export function invert(permutation: readonly number[]): number[] {
  const inverse: number[] = [];
  permutation.forEach((axis, i) => {
    inverse[axis] = i;
  });
  return inverse;
}

/**
 * The axes in another order: axis i of the result is axis `permutation[i]` of x. By default the
 * order is reversed.
 *
 * @throws LugeError BAD_ARGUMENT unless every axis is named once.
 * @example
 * ```ts
 * ops.transpose([[1, 2], [3, 4]]); // => [[1, 3], [2, 4]]
 * ops.transpose(tensor(new Float32Array(24), [2, 3, 4]), [0, 2, 1]).shape; // => [2, 4, 3]
 * ```
 */
export const transpose = defineOp(
  'transpose',
  1,
  (x: Value, permutation: readonly number[] = x.shape.map((_, i) => x.rank - 1 - i)): Value => {
    const order = Array.isArray(permutation)
      ? permutation.map((axis) => (axis < 0 ? axis + x.rank : axis))
      : [];
    if (order.length !== x.rank || !x.shape.every((_, axis) => order.includes(axis))) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `ops.transpose: expected each of the ${x.rank} axes of ${showShape(x.shape)} once, ` +
          `but got ${show(permutation)}.`,
      );
    }
    // Where only axes of size 1 move, the elements stay in place.
    const moved = order.filter((axis) => x.shape[axis] !== 1);
    if (moved.every((axis, i) => i === 0 || axis > (moved[i - 1] as number))) {
      const shape = order.map((axis) => x.shape[axis] as number);
      return order.every((axis, i) => axis === i) ? x : reshape(x, shape);
    }
    return x.node.graph.add(transposeOp, [x], { permutation: order }).output;
  },
);

/** x with one axis moved to another place, the others kept in order. */
export function moveAxis(x: Value, from: number, to: number): Value {
  const order = x.shape.map((_, axis) => axis).filter((axis) => axis !== from);
  order.splice(to, 0, from);
  return transpose(x, order);
}
