import { LugeError } from '../core/errors.js';
import { type Shape, showShape } from '../core/shape.js';
import type { Node, OpDef, Value } from '../graph/ir.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';
import { defineNative } from './native.js';
import { checkOptions } from './options.js';
import { checkImages, type Padding, type Pair, slideWindow } from './window.js';

export interface Conv2dOptions {
  /** Step from one position to the next; 1 by default. */
  strides?: Pair;
  /** 'valid' by default. */
  padding?: Padding;
  /** Distance between neighbouring elements of the kernel; 1 by default. */
  dilationRate?: Pair;
  /** The channels are split into so many groups, each with filters of its own; 1 by default. */
  groups?: number;
}

/** The attributes of a convolution, as they stand in op_list.inc. */
export const conv2dWindow = 'stride_h stride_w pad_top pad_left dilation_h dilation_w groups';

export const conv2dWords = ({ attrs }: Node): number[] => [
  ...(attrs.strides as Shape),
  ...(attrs.pads as Shape),
  ...(attrs.dilation as Shape),
  attrs.groups as number,
];

// All three are one sum of products of x, weight and dy, so that each is the gradient of the others.
const rules = (vjp: OpDef['vjp']): Pick<OpDef, 'infer' | 'vjp' | 'words'> => ({
  infer: (_, attrs) => [{ shape: attrs.shape as Shape, dtype: 'float32' }],
  ...(vjp === undefined ? {} : { vjp }),
  words: conv2dWords,
});

/** x [n, h, w, c], weight [kh, kw, c / groups, oc] -> y [n, oh, ow, oc] */
const conv2dOp = defineNative(
  'conv2d',
  ['x weight operands...', 'y outputs...', `${conv2dWindow} program...`],
  rules((node, [dy]) => {
    const [x, weight] = node.inputs as [Value, Value];
    return dy === undefined
      ? []
      : [like(node, conv2dDxOp, dy, weight, x), like(node, conv2dDweightOp, x, dy, weight)];
  }),
);

/** dy [n, oh, ow, oc], weight [kh, kw, c / groups, oc] -> dx [n, h, w, c] */
export const conv2dDxOp: OpDef = defineNative(
  'conv2d_dx',
  ['dy weight operands...', 'dx outputs...', `${conv2dWindow} program...`],
  rules((node, [dx]) => {
    const [dy, weight] = node.inputs as [Value, Value];
    return dx === undefined
      ? []
      : [like(node, conv2dOp, dx, weight, dy), like(node, conv2dDweightOp, dx, dy, weight)];
  }),
);

/** x [n, h, w, c], dy [n, oh, ow, oc] -> dweight [kh, kw, c / groups, oc] */
const conv2dDweightOp: OpDef = defineNative(
  'conv2d_dweight',
  ['x dy', 'dweight', conv2dWindow],
  rules((node, [dweight]) => {
    const [x, dy] = node.inputs as [Value, Value];
    return dweight === undefined
      ? []
      : [like(node, conv2dDxOp, dy, dweight, x), like(node, conv2dOp, x, dweight, dy)];
  }),
);

/** Another of the three with the same window, and a result shaped as `target`. */
function like(node: Node, op: OpDef, a: Value, b: Value, target: Value): Value {
  return node.graph.add(op, [a, b], { ...node.attrs, shape: target.shape }).output;
}

/**
 * Convolution of images x [batch, rows, columns, channels] with kernels
 * weight [rows, columns, channels / groups, filters], both float32 (cross-correlation, as in Keras).
 *
 * @returns [batch, out rows, out columns, filters]
 * @throws LugeError BAD_SHAPE when the channels differ or the kernel does not fit.
 * @example
 * ```ts
 * const image = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
 * const kernel = tensor([1, 0, 0, -1], [2, 2, 1, 1]);
 * ops.conv2d(image, kernel).reshape([2, 2]); // => [[-4, -4], [-4, -4]]
 * ops.conv2d(image, kernel, { padding: 'same' }).shape; // => [1, 3, 3, 1]
 * ```
 */
export const conv2d = defineOp(
  'conv2d',
  2,
  (x: Value, weight: Value, options: Conv2dOptions = {}): Value => {
    checkOptions('conv2d', options, ['strides', 'padding', 'dilationRate', 'groups']);
    const { groups = 1 } = options;
    const [n, h, w, c] = checkImages('conv2d', x.shape);
    const filters = checkWeight(weight.shape, c, groups);
    const [kh, kw] = weight.shape as [number, number];
    const { strides, pads, dilation, out } = slideWindow('conv2d', [h, w], [kh, kw], {
      strides: options.strides ?? 1,
      padding: options.padding ?? 'valid',
      dilation: options.dilationRate ?? 1,
    });
    const attrs = { strides, pads, dilation, groups, shape: [n, ...out, filters] };
    const operands = [cast(x, 'float32'), cast(weight, 'float32')];
    return x.node.graph.add(conv2dOp, operands, attrs).output;
  },
);

/** The number of filters; throws when the weight does not fit the channels and groups. */
function checkWeight(shape: Shape, channels: number, groups: number): number {
  if (!Number.isSafeInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.conv2d: groups must divide the ${channels} channels of x, but got ${groups}.`,
    );
  }
  const [, , depth, filters] = shape;
  if (shape.length !== 4 || shape.includes(0) || depth !== channels / groups) {
    throw new LugeError(
      'BAD_SHAPE',
      `ops.conv2d: expected a weight of shape [rows, columns, ${channels / groups}, filters] for x ` +
        `with ${channels} channels in ${groups} group${groups === 1 ? '' : 's'}, ` +
        `but got ${showShape(shape)}.`,
    );
  }
  if ((filters as number) % groups !== 0) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.conv2d: groups must divide the ${filters} filters of the weight, but got ${groups}.`,
    );
  }
  return filters as number;
}
