import type { DType } from '../core/dtype.js';
import { type Shape, sameShape, sizeOf } from '../core/shape.js';
import type { Node, OpDef, Value } from '../graph/ir.js';
import { add } from './binary.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';
import { defineNative } from './native.js';
import { checkOptions } from './options.js';
import { relu, sigmoid, tanh } from './unary.js';
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
  const hasIndex = outputs === 'y index...';
  return defineNative(name, [inputs, outputs, attrs], {
    infer: (_, { shape, pool }) => [
      { shape: shape as Shape, dtype: 'float32' },
      ...(hasIndex ? [{ shape: shape as Shape, dtype: indexType(pool as Shape) }] : []),
    ],
    ...(vjp === undefined ? {} : { vjp }),
    ...(hasIndex ? { leastOutputs: 1 } : {}),
    words: ({ attrs: { pool, strides, pads } }) => [
      ...(pool as Shape),
      ...(strides as Shape),
      ...(pads as Shape),
    ],
  });
}

/** Where in its window a maximum was found takes a byte, as long as it fits. */
export function indexType(pool: Shape): DType {
  return sizeOf(pool) <= 256 ? 'uint8' : 'int32';
}

/** Whether no two windows of a pooling share an element, nor looks one beyond the image. */
export function areDisjoint({ attrs }: Node, image: Shape, out: Shape): boolean {
  const { pool, strides, pads } = attrs as Record<string, Shape>;
  return [0, 1].every((axis) => {
    const size = pool?.[axis] as number;
    const stride = strides?.[axis] as number;
    const end = ((out[axis + 1] as number) - 1) * stride + size;
    return size <= stride && pads?.[axis] === 0 && end <= (image[axis + 1] as number);
  });
}

/** The gradient of `node` by its input x, with the same windows. */
function gradient(node: Node, op: OpDef, inputs: Value[]): Value {
  const { shape } = node.inputs[0] as Value;
  return node.graph.add(op, inputs, { ...node.attrs, shape }).output;
}

export const maxPoolOp = pooling('max_pool2d', 'x', 'y index...', (node, [dy]) => [
  dy && gradient(node, maxPoolDxOp, [dy, node.outputs[1] as Value]),
]);
export const maxPoolDxOp: OpDef = pooling('max_pool2d_dx', 'dy index', 'dx');

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
    const pooled = (images: Value): Value => {
      const rising = op === maxPoolOp ? risingFunction(images) : undefined;
      if (rising !== undefined) return rising.of(pooled(rising.x));
      return images.node.graph.add(op, [images], attrs).output;
    };
    return pooled(cast(x, 'float32'));
  });
}

/**
 * How `y` is a function of x that rises within every channel, if it is one. The largest then is the
 * same before and after it, so that it can follow a max pooling, with fewer elements to work on;
 * so have the gradients, which come out the same, too.
 */
export function risingFunction(
  y: Value,
): { x: Value; of: (x: Value, find?: (value: Value) => Value) => Value } | undefined {
  const { op, inputs } = y.node;
  const [a, b] = inputs as [Value, Value];
  const activation = { relu, sigmoid, tanh }[op.name];
  if (activation !== undefined) return { x: a, of: activation };
  const isRow = ({ shape }: Value) => [1, shape.at(-1)].includes(sizeOf(shape));
  if (op.name !== 'add' || y.dtype !== 'float32' || !isRow(b)) return undefined;
  if (!sameShape(a.shape, y.shape) || ![1, y.shape.at(-1)].includes(b.shape.at(-1) ?? 1)) return;
  return { x: a, of: (x, find = (value) => value) => add(x, find(b)) };
}

/**
 * The largest element of each window of images [batch, rows, columns, channels], float32. The
 * gradient goes to the first of equals.
 *
 * @example
 * ```ts
 * const image = tensor([1, 2, 3, 4], [1, 2, 2, 1]);
 * ops.maxPool2d(image, { poolSize: 2 }).reshape([1]); // => [4]
 * ```
 */
export const maxPool2d = define('maxPool2d', maxPoolOp);
/**
 * The mean of each window of images [batch, rows, columns, channels], float32.
 *
 * @example
 * ```ts
 * const image = tensor([1, 2, 3, 4], [1, 2, 2, 1]);
 * ops.averagePool2d(image, { poolSize: 2 }).reshape([1]); // => [2.5]
 * ```
 */
export const averagePool2d = define('averagePool2d', averagePoolOp);
/**
 * The root of the mean square, sqrt(mean(x^2)), of each window of images
 * [batch, rows, columns, channels], float32. The gradient where all are 0 is 0.
 *
 * @example
 * ```ts
 * const image = tensor([1, 7, 1, 7], [1, 2, 2, 1]);
 * ops.l2Pool2d(image, { poolSize: 2 }).reshape([1]); // => [5]
 * ```
 */
export const l2Pool2d = define('l2Pool2d', l2PoolOp);
