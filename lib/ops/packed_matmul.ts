import type { Spec, Value } from '../graph/ir.js';
import { defineNative } from './native.js';

// A product with weights that stay the same from step to step, in the form that the kernel reads.
// Only lowering makes these, of `matmul`, so they need no gradients of their own.

/** b [1, k, n], or [1, n, k] if transposed -> [k, n rounded up to 16] */
const packMatrixOp = defineNative('pack_matrix', ['b', 'packed', 'transposed'], {
  infer: ([b], { transB }) => {
    const [rows, columns] = (b as Spec).shape.slice(1) as [number, number];
    const [k, n] = transB ? [columns, rows] : [rows, columns];
    return [{ shape: [k, Math.ceil(n / 16) * 16], dtype: 'float32' }];
  },
  words: ({ attrs }) => [Number(attrs.transB)],
});

/** a [1, m, k], packed b -> y [1, m, n] */
const packedMatmulOp = defineNative(
  'packed_matmul',
  ['a packed operands...', 'y outputs...', 'program...'],
  {
    infer: ([a], { columns }) => [
      { shape: [1, (a as Spec).shape[1] as number, columns as number], dtype: 'float32' },
    ],
  },
);

/** a [1, m, k] times b [1, k, n], or b transposed. */
export function packedMatmul(a: Value, b: Value, transB: boolean): Value {
  const { graph } = a.node;
  const packed = graph.add(packMatrixOp, [b], { transB }).output;
  const columns = b.shape[transB ? 1 : 2] as number;
  return graph.add(packedMatmulOp, [a, packed], { columns }).output;
}
