import type { Shape } from '../core/shape.js';
import type { Node, OpDef, Value } from '../graph/ir.js';
import { conv2dWindow, conv2dWords } from './conv2d.js';
import { defineNative } from './native.js';
import { indexType } from './pool2d.js';

/**
 * x [n, h, w, c], weight [kh, kw, c, oc] -> y [n, oh, ow, oc], and the index of the maxima. Only
 * lowering makes these, so they need no gradients of their own.
 */
const conv2dMaxPoolOp: OpDef = defineNative(
  'conv2d_max_pool2d',
  [
    'x weight operands...',
    'y outputs...',
    `${conv2dWindow} pool_h pool_w pool_stride_h pool_stride_w index program...`,
  ],
  {
    infer: (_, { shape, pool, index }) => [
      { shape: shape as Shape, dtype: 'float32' },
      ...(index ? [{ shape: shape as Shape, dtype: indexType(pool as Shape) }] : []),
    ],
    words: (node) => [
      ...conv2dWords(node),
      ...(node.attrs.pool as Shape),
      ...(node.attrs.poolStrides as Shape),
      Number(node.attrs.index),
    ],
  },
);

/**
 * The nodes `conv` and `pool` as one, of operands x and weight.
 *
 * @param index whether someone reads where the maxima were.
 */
export function conv2dMaxPool2d(
  [x, weight]: readonly [Value, Value],
  { conv, pool, index }: { conv: Node; pool: Node; index: boolean },
): readonly Value[] {
  const { pool: size, strides: poolStrides, shape } = pool.attrs as Record<string, Shape>;
  const attrs = { ...conv.attrs, pool: size, poolStrides, shape, index } as Node['attrs'];
  return x.node.graph.add(conv2dMaxPoolOp, [x, weight], attrs).outputs;
}
