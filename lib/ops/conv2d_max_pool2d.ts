import type { Shape } from '../core/shape.js';
import type { Node, OpDef, Value } from '../graph/ir.js';
import { conv2dDxOp, conv2dWindow, conv2dWords } from './conv2d.js';
import { defineNative } from './native.js';
import { indexType } from './pool2d.js';

// A convolution and max pooling over windows that share no element. Only lowering makes these, so
// they need no gradients of their own.

const windows = `${conv2dWindow} pool_h pool_w pool_stride_h pool_stride_w`;

const windowWords = (node: Node): number[] => [
  ...conv2dWords(node),
  ...(node.attrs.pool as Shape),
  ...(node.attrs.poolStrides as Shape),
];

/** x [n, h, w, c], weight [kh, kw, c, oc] -> y [n, oh, ow, oc], and the index of the maxima */
const conv2dMaxPoolOp: OpDef = defineNative(
  'conv2d_max_pool2d',
  ['x weight operands...', 'y outputs...', `${windows} index winograd program...`],
  {
    infer: (_, { shape, pool, index }) => [
      { shape: shape as Shape, dtype: 'float32' },
      ...(index ? [{ shape: shape as Shape, dtype: indexType(pool as Shape) }] : []),
    ],
    words: (node) => [...windowWords(node), Number(node.attrs.index), Number(node.attrs.winograd)],
  },
);

const gradientRules: Pick<OpDef, 'infer' | 'words'> = {
  infer: (_, { shape }) => [{ shape: shape as Shape, dtype: 'float32' }],
  words: windowWords,
};

/** dy [n, oh, ow, oc], index, weight [kh, kw, c, oc] -> dx [n, h, w, c] */
const conv2dMaxPoolDxOp: OpDef = defineNative(
  'conv2d_max_pool2d_dx',
  ['dy index weight operands...', 'dx outputs...', `${windows} program...`],
  gradientRules,
);

/** x [n, h, w, c], dy [n, oh, ow, oc], index -> dweight [kh, kw, c, oc] */
const conv2dMaxPoolDweightOp: OpDef = defineNative(
  'conv2d_max_pool2d_dweight',
  ['x dy index', 'dweight', windows],
  gradientRules,
);

/**
 * The nodes `conv` and `pool` as one, of operands x and weight.
 *
 * @param index whether someone reads where the maxima were.
 * @param winograd whether it is computed by minimal filtering along lines, for 5x5 and few channels.
 */
export function conv2dMaxPool2d(
  [x, weight]: readonly [Value, Value],
  { conv, pool, ...how }: { conv: Node; pool: Node; index: boolean; winograd: boolean },
): readonly Value[] {
  const { pool: size, strides: poolStrides, shape } = pool.attrs as Record<string, Shape>;
  const attrs = { ...conv.attrs, pool: size, poolStrides, shape, ...how } as Node['attrs'];
  return x.node.graph.add(conv2dMaxPoolOp, [x, weight], attrs).outputs;
}

/**
 * The gradient `node` of a convolution by its input or weight, whose output's gradient is that of a
 * max pooling, `unpool`: without storing the latter, most of which is zero.
 *
 * @param operands what `unpool` reads, gradient and index, and the other operand of `node`.
 */
export function conv2dMaxPool2dGradient(
  [dy, index, other]: readonly [Value, Value, Value],
  { node, unpool }: { node: Node; unpool: Node },
): Value {
  const { pool, strides: poolStrides } = unpool.attrs as Record<string, Shape>;
  const attrs = { ...node.attrs, pool, poolStrides } as Node['attrs'];
  return node.op === conv2dDxOp
    ? dy.node.graph.add(conv2dMaxPoolDxOp, [dy, index, other], attrs).output
    : dy.node.graph.add(conv2dMaxPoolDweightOp, [other, dy, index], attrs).output;
}
