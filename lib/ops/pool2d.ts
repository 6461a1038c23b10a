import type { DType } from '../core/dtype.js';
import { type Shape, sizeOf } from '../core/shape.js';
import type { Node, OpDef, Value } from '../graph/ir.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';
import { defineNative } from './native.js';
import { checkOptions } from './options.js';
import { relu } from './unary.js';
import { checkImages, checkPair, type Padding, type Pair, slideWindow } from './window.js';

export interface Pool2dOptions {
  /** Rows and columns of a window; 2 by default. */
  poolSize?: Pair;
  /** Step from one window to the next; the size of a window by default. */
  strides?: Pair;
  /** 'valid' by default. What is padded never counts, neither as a maximum nor in a mean. */
  padding?: Padding;
}

// x, dx [n, h, w, c]; y, dy, index [n, oh, ow, c]
function pooling(name: string, inputs: string, outputs: string, vjp?: OpDef['vjp']) {
  const attrs = 'pool_h pool_w stride_h stride_w pad_top pad_left';
  return defineNative(name, [inputs, outputs, attrs], {
    infer: (_, { shape, pool }) => [
      { shape: shape as Shape, dtype: 'float32' },
      ...(outputs === 'y index'
        ? [{ shape: shape as Shape, dtype: indexType(pool as Shape) }]
        : []),
    ],
    ...(vjp === undefined ? {} : { vjp }),
    words: ({ attrs: { pool, strides, pads } }) => [
      ...(pool as Shape),
      ...(strides as Shape),
      ...(pads as Shape),
    ],
  });
}

/** Where in its window a maximum was found takes a byte, as long as it fits. */
function indexType(pool: Shape): DType {
  return sizeOf(pool) <= 256 ? 'uint8' : 'int32';
}

/** The gradient of `node` by its input x, with the same windows. */
function gradient(node: Node, op: OpDef, inputs: Value[]): Value {
  const { shape } = node.inputs[0] as Value;
  return node.graph.add(op, inputs, { ...node.attrs, shape }).output;
}

const maxPoolOp = pooling('max_pool2d', 'x', 'y index', (node, [dy]) => [
  dy && gradient(node, maxPoolDxOp, [dy, node.outputs[1] as Value]),
]);
const maxPoolDxOp = pooling('max_pool2d_dx', 'dy index', 'dx');

const averagePoolOp = pooling('average_pool2d', 'x', 'y', (node, [dy]) => [
  dy && gradient(node, averagePoolDxOp, [dy]),
]);
// Both are linear, so each is the gradient of the other.
const averagePoolDxOp: OpDef = pooling('average_pool2d_dx', 'dy', 'dx', (node, [d]) => [
  d && gradient(node, averagePoolOp, [d]),
]);

const l2PoolOp = pooling('l2_pool2d', 'x', 'y', (node, [dy]) => [
  dy && gradient(node, l2PoolDxOp, [node.inputs[0] as Value, node.output, dy]),
]);
const l2PoolDxOp = pooling('l2_pool2d_dx', 'x y dy', 'dx');

function define(name: string, op: OpDef) {
  return defineOp(name, 1, (x: Value, options: Pool2dOptions = {}): Value => {
    checkOptions(name, options, ['poolSize', 'strides', 'padding']);
    const [n, h, w, c] = checkImages(name, x.shape);
    const pool = checkPair(name, 'poolSize', options.poolSize ?? 2);
    const { strides, pads, out } = slideWindow(name, [h, w], pool, {
      strides: options.strides ?? pool,
      padding: options.padding ?? 'valid',
      dilation: 1,
    });
    const attrs = { pool, strides, pads, shape: [n, ...out, c] };
    const pooled = (images: Value) => images.node.graph.add(op, [images], attrs).output;
    const { node } = x;
    // The largest is the same before and after relu, which then has fewer elements to work on; so
    // have the gradients, which come out the same, too.
    if (op === maxPoolOp && node.op.name === 'relu') return relu(pooled(node.inputs[0] as Value));
    return pooled(cast(x, 'float32'));
  });
}

/**
 * The largest element of each window of images [batch, rows, columns, channels], float32. The
 * gradient goes to the first of equals.
 */
export const maxPool2d = define('maxPool2d', maxPoolOp);
/** The mean of each window of images [batch, rows, columns, channels], float32. */
export const averagePool2d = define('averagePool2d', averagePoolOp);
/**
 * The root of the mean square, sqrt(mean(x^2)), of each window of images
 * [batch, rows, columns, channels], float32. The gradient where all are 0 is 0.
 */
export const l2Pool2d = define('l2Pool2d', l2PoolOp);
