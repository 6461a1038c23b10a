import { LugeError } from '../core/errors.js';
import { type Shape, showShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { type Conv2dOptions, conv2d } from './conv2d.js';
import { defineOp } from './define.js';
import { checkOptions } from './options.js';
import { reshape } from './reshape.js';
import { checkImages } from './window.js';

export type DepthwiseConv2dOptions = Omit<Conv2dOptions, 'groups'>;

const options = ['strides', 'padding', 'dilationRate'];

/**
 * Convolution of each channel alone with kernels of its own: of images x [batch, rows, columns,
 * channels] with weight [rows, columns, channels, multiplier].
 *
 * @returns [batch, out rows, out columns, channels * multiplier], where channel c's results are
 *   c * multiplier, c * multiplier + 1, ...
 * @throws LugeError BAD_SHAPE when the channels differ or the kernel does not fit.
 * @example
 * ```ts
 * const image = tensor([1, 2, 3, 4], [1, 1, 2, 2]); // two pixels of two channels
 * const kernel = tensor([10, 100], [1, 1, 2, 1]);
 * ops.depthwiseConv2d(image, kernel).reshape([2, 2]); // => [[10, 200], [30, 400]]
 * ```
 */
export const depthwiseConv2d = defineOp(
  'depthwiseConv2d',
  2,
  (x: Value, weight: Value, given: DepthwiseConv2dOptions = {}): Value => {
    checkOptions('depthwiseConv2d', given, options);
    return convolveChannels('depthwiseConv2d', x, weight, given);
  },
);

/**
 * A depthwise convolution and a mixing of its channels (Chollet, 2017): of images x [batch, rows,
 * columns, channels] with depthwise [rows, columns, channels, multiplier] and then with pointwise
 * [1, 1, channels * multiplier, filters].
 *
 * @returns [batch, out rows, out columns, filters]
 * @throws LugeError BAD_SHAPE when the channels differ or the kernel does not fit.
 * @example
 * ```ts
 * const image = tensor([1, 2, 3, 4], [1, 1, 2, 2]); // two pixels of two channels
 * const depthwise = tensor([10, 100], [1, 1, 2, 1]);
 * const pointwise = tensor([1, 1], [1, 1, 2, 1]); // their sum
 * ops.separableConv2d(image, depthwise, pointwise).reshape([2]); // => [210, 430]
 * ```
 */
export const separableConv2d = defineOp(
  'separableConv2d',
  3,
  (x: Value, depthwise: Value, pointwise: Value, given: DepthwiseConv2dOptions = {}): Value => {
    checkOptions('separableConv2d', given, options);
    const y = convolveChannels('separableConv2d', x, depthwise, given);
    const [rows, columns, depth] = pointwise.shape;
    if (pointwise.rank !== 4 || rows !== 1 || columns !== 1 || depth !== y.shape[3]) {
      throw new LugeError(
        'BAD_SHAPE',
        `ops.separableConv2d: expected a pointwise weight of shape [1, 1, ${y.shape[3]}, filters], ` +
          `but got ${showShape(pointwise.shape)}.`,
      );
    }
    return conv2d(y, pointwise);
  },
);

function convolveChannels(name: string, x: Value, weight: Value, given: Conv2dOptions): Value {
  const channels = checkImages(name, x.shape)[3];
  checkWeight(name, weight.shape, channels);
  const [kh, kw, , multiplier] = weight.shape as [number, number, number, number];
  // As they lie, the weights are those of a group for each channel.
  const grouped = reshape(weight, [kh, kw, 1, channels * multiplier]);
  return conv2d(x, grouped, { ...given, groups: channels });
}

function checkWeight(name: string, shape: Shape, channels: number): void {
  if (shape.length === 4 && !shape.includes(0) && shape[2] === channels) return;
  throw new LugeError(
    'BAD_SHAPE',
    `ops.${name}: expected a weight of shape [rows, columns, ${channels}, multiplier] for x with ` +
      `${channels} channels, but got ${showShape(shape)}.`,
  );
}
