import { LugeError } from '../core/errors.js';
import { checkFlag } from '../core/options.js';
import { broadcastShapes, type Shape, showShape, sizeOf } from '../core/shape.js';
import type { Attrs, Node, Spec, Value } from '../graph/ir.js';
import { broadcastTo } from './broadcast.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';
import { defineNative } from './native.js';
import { checkOptions } from './options.js';
import { reshape } from './reshape.js';

/** a [Ba, M, K] (or [Ba, K, M]) times b [Bb, K, N] (or [Bb, N, K]); Ba and Bb are B or 1. */
const matmulOp = defineNative(
  'matmul',
  ['a b operands...', 'y outputs...', 'trans_a trans_b program...'],
  {
    infer: ([a, b], attrs) => {
      const { batch, m, n } = sizes(a as Spec, b as Spec, attrs);
      return [{ shape: [batch, m, n], dtype: 'float32' }];
    },
    // y = a b: da = dy b', db = a' dy, with the transposes that the operands had.
    vjp: (node, [dy]) => {
      const [a, b] = node.inputs as [Value, Value];
      if (dy === undefined) return [];
      const { transA, transB } = node.attrs as { transA: boolean; transB: boolean };
      const da = transA ? product(b, dy, transB, true) : product(dy, b, false, !transB);
      const db = transB ? product(dy, a, true, transA) : product(a, dy, !transA, false);
      return [da, db];
    },
    words: ({ attrs }) => [Number(attrs.transA), Number(attrs.transB)],
  },
);

function sizes(a: Spec, b: Spec, attrs: Attrs) {
  const [ba, a1, a2] = a.shape as [number, number, number];
  const [bb, b1, b2] = b.shape as [number, number, number];
  const [m, k] = attrs.transA ? [a2, a1] : [a1, a2];
  const [kb, n] = attrs.transB ? [b2, b1] : [b1, b2];
  return { batch: Math.max(ba, bb), m, k, kb, n };
}

/**
 * Whether a node is a product of which rows can be made and used up one after the other
 * (native/kernels/matmul_rows.h): large, so that storing and reading it again takes time, and of a
 * depth that is summed in one piece either way, so that the bits are the same.
 */
export function isLargeProduct({ op, inputs, attrs }: Node): boolean {
  if (op !== matmulOp) return false;
  const { batch, m, k, n } = sizes(inputs[0] as Spec, inputs[1] as Spec, attrs);
  return batch === 1 && k <= 256 && m * n >= 2 ** 18;
}

function product(a: Value, b: Value, transA: boolean, transB: boolean): Value {
  return a.node.graph.add(matmulOp, [a, b], { transA, transB }).output;
}

/**
 * Matrix product over the last two axes; the axes before them broadcast. Operands of rank 1 count
 * as a row on the left and as a column on the right, as in NumPy.
 *
 * @param options transposeA, transposeB: use the operand with its last two axes swapped.
 * @throws LugeError BAD_SHAPE when the inner sizes differ.
 * @example
 * ```ts
 * ops.matmul([[1, 2], [3, 4]], [[1], [10]]); // => [[21], [43]]
 * ops.matmul([[1, 2], [3, 4]], [[1, 10]], { transposeB: true }); // => [[21], [43]]
 * ```
 */
export const matmul = defineOp(
  'matmul',
  2,
  (a: Value, b: Value, options: { transposeA?: boolean; transposeB?: boolean } = {}): Value => {
    checkOptions('matmul', options, ['transposeA', 'transposeB']);
    const transA = checkFlag('ops.matmul: transposeA', options.transposeA ?? false);
    const transB = checkFlag('ops.matmul: transposeB', options.transposeB ?? false);
    if (a.rank === 0 || b.rank === 0) {
      throw new LugeError('BAD_SHAPE', 'ops.matmul: operands must have at least one axis.');
    }
    const left = a.rank === 1 ? reshape(a, transA ? [-1, 1] : [1, -1]) : a;
    const right = b.rank === 1 ? reshape(b, transB ? [1, -1] : [-1, 1]) : b;
    const [m, ka] = ends(left.shape, transA);
    const [kb, n] = ends(right.shape, transB);
    if (ka !== kb) {
      throw new LugeError(
        'BAD_SHAPE',
        `ops.matmul: inner sizes differ: ${showShape(a.shape)}${transA ? ' transposed' : ''} times ` +
          `${showShape(b.shape)}${transB ? ' transposed' : ''} (${ka} against ${kb}).`,
      );
    }
    const lead = broadcastShapes([left.shape.slice(0, -2), right.shape.slice(0, -2)], 'ops.matmul');
    const outer = [...lead, ...(a.rank === 1 ? [] : [m]), ...(b.rank === 1 ? [] : [n])];
    // Rows of a stack of matrices times one matrix: one tall product.
    if (!transA && sizeOf(right.shape.slice(0, -2)) === 1 && right.rank <= left.rank) {
      const y = product(
        rows(left, [1, -1, ka]),
        rows(right, [1, ...right.shape.slice(-2)]),
        false,
        transB,
      );
      return reshape(y, outer);
    }
    return reshape(product(stack(left, lead), stack(right, lead), transA, transB), outer);
  },
);

function rows(x: Value, shape: Shape): Value {
  return reshape(cast(x, 'float32'), shape);
}

/** x as [B, rows, columns], where B is 1 when one matrix serves all. */
function stack(x: Value, lead: Shape): Value {
  const matrix = x.shape.slice(-2);
  const own = sizeOf(x.shape.slice(0, -2));
  const full = own === 1 || own === sizeOf(lead) ? x : broadcastTo(x, [...lead, ...matrix]);
  return rows(full, [-1, ...matrix]);
}

function ends(shape: Shape, transposed: boolean): [number, number] {
  const [first, second] = shape.slice(-2) as [number, number];
  return transposed ? [second, first] : [first, second];
}
