import { LugeError } from '../core/errors.js';
import { show } from '../core/options.js';
import { normalizeAxis, type Shape, sameShape, showShape } from '../core/shape.js';
import { Tensor, tensor } from '../core/tensor.js';
import { Variable } from '../core/variable.js';
import { type Node, type OpDef, type Spec, Value } from '../graph/ir.js';
import { SymbolicTensor } from '../graph/symbolic.js';
import { defineOp, type Operand, type Out } from './define.js';
import { defineNative } from './native.js';

const words = ({ attrs }: Node): number[] => [
  ...(attrs.begin as Shape),
  ...(attrs.strides as Shape),
];

const sliceOp = defineNative('slice', ['x', 'y', 'begin_and_stride...'], {
  infer: ([x], attrs) => [{ shape: attrs.shape as Shape, dtype: (x as Spec).dtype }],
  vjp: (node, [dy]) => [dy && counterpart(node, sliceDxOp, dy)],
  words,
});

/** dy where it was taken from, 0 elsewhere. */
export const sliceDxOp: OpDef = defineNative('slice_dx', ['dy', 'dx', 'begin_and_stride...'], {
  infer: ([dy], attrs) => [{ shape: attrs.shape as Shape, dtype: (dy as Spec).dtype }],
  vjp: (node, [ddx]) => [ddx && counterpart(node, sliceOp, ddx)],
  words,
});

function counterpart(node: Node, op: OpDef, x: Value): Value {
  const { shape } = node.inputs[0] as Value;
  return node.graph.add(op, [x], { ...node.attrs, shape }).output;
}

/**
 * A box of x: `size[i]` elements of axis i from `begin[i]` on, every `strides[i]`-th (1 by default).
 * A size of -1 takes as many as there are; axes after the last one given are taken whole.
 *
 * @throws LugeError BAD_ARGUMENT when the box is empty or lies partly outside.
 * @example
 * ```ts
 * ops.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [-1, 2]); // => [[2, 3], [5, 6]]
 * ```
 */
export const slice = defineOp(
  'slice',
  1,
  (x: Value, begin: Shape, size: Shape = [], strides: Shape = []): Value => {
    for (const list of [begin, size, strides]) {
      if (!Array.isArray(list) || list.length > x.rank) throw outside(x, begin, size, strides);
    }
    const from = x.shape.map((_, i) => begin[i] ?? 0);
    const step = x.shape.map((_, i) => strides[i] ?? 1);
    const shape = x.shape.map((dim, i) => {
      const [at, by] = [from[i] as number, step[i] as number];
      const room = by > 0 ? Math.ceil((dim - at) / by) : -1;
      const wanted = size[i] ?? -1;
      const count = wanted === -1 ? room : wanted;
      const whole = [at, by, count].every(Number.isSafeInteger);
      if (!whole || at < 0 || count < 1 || count > room) throw outside(x, begin, size, strides);
      return count;
    });
    if (sameShape(shape, x.shape)) return x;
    return x.node.graph.add(sliceOp, [x], { begin: from, strides: step, shape }).output;
  },
);

function outside(x: Value, begin: Shape, size: Shape, strides: Shape): LugeError {
  const by = strides?.length === 0 ? '' : ` with strides ${show(strides)}`;
  return new LugeError(
    'BAD_ARGUMENT',
    `ops.slice: expected a box of at least one element inside of ${showShape(x.shape)}, but got ` +
      `begin ${show(begin)} and size ${show(size)}${by}.`,
  );
}

/**
 * x cut along an axis (the last by default): into so many equal parts, or into parts of the sizes
 * given.
 *
 * @throws LugeError BAD_ARGUMENT when the sizes do not add up to that of the axis.
 * @example
 * ```ts
 * const [left, right] = ops.split([[1, 2, 3, 4]], 2);
 * left; // => [[1, 2]]
 * ops.split([1, 2, 3], [1, 2]).map(({ size }) => size); // => [1, 2]
 * ```
 */
export function split<T extends Operand>(
  x: T,
  parts: number | readonly number[],
  axis = -1,
): Out<T>[] {
  const { shape } = isShaped(x) ? x : tensor(x);
  const at = normalizeAxis(axis, shape.length, 'ops.split: axis');
  const dim = shape[at] as number | null;
  const sizes = Number.isSafeInteger(parts)
    ? Array.from({ length: parts as number }, () => (dim as number) / (parts as number))
    : (parts as readonly number[]);
  const fits =
    Array.isArray(sizes) &&
    sizes.every(Number.isSafeInteger) &&
    sizes.reduce((sum, size) => sum + size, 0) === dim;
  if (!fits) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.split: expected equal parts, or sizes that add up to the size of axis ${at} of ` +
        `${showShape(shape)}, but got ${show(parts)}.`,
    );
  }
  let from = 0;
  return sizes.map((size) => {
    const begin = shape.map((_, i) => (i === at ? from : 0));
    from += size;
    return slice(
      x,
      begin,
      shape.map((_, i) => (i === at ? size : -1)),
    );
  });
}

function isShaped(x: Operand): x is Value | SymbolicTensor | Variable | Tensor {
  return [Value, SymbolicTensor, Variable, Tensor].some((kind) => x instanceof kind);
}
