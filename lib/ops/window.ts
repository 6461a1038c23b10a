import { LugeError } from '../core/errors.js';
import { type Shape, showShape } from '../core/shape.js';

/** One number for rows and columns alike, or [rows, columns]. */
export type Pair = number | readonly [number, number];

/**
 * What surrounds an image: nothing ('valid'); as much as gives ceil(size / stride) positions, the
 * odd one below and on the right ('same'); or so many rows and columns on each side, where
 * [[top, bottom], [left, right]] tells the sides apart.
 */
export type Padding =
  | 'valid'
  | 'same'
  | Pair
  | readonly [readonly [number, number], readonly [number, number]];

export interface WindowOptions {
  /** Step from one position to the next. */
  strides: Pair;
  padding: Padding;
  /** Distance between neighbouring elements of the window. */
  dilation: Pair;
}

/** How a window slides over an image: everything as [rows, columns]. */
export interface Window {
  readonly strides: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Above and on the left. */
  readonly pads: readonly [number, number];
  /** Positions: the size of the result. */
  readonly out: readonly [number, number];
}

/** Throws BAD_ARGUMENT unless `value` is one or two whole numbers of at least `least`. */
export function checkPair(name: string, option: string, value: Pair, least = 1): [number, number] {
  const pair = typeof value === 'number' ? [value, value] : value;
  const fits = (part: unknown) => Number.isSafeInteger(part) && (part as number) >= least;
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every(fits)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.${name}: ${option} must be a whole number of at least ${least} or two of them, ` +
        `[rows, columns], but got ${JSON.stringify(value)}.`,
    );
  }
  return pair as [number, number];
}

/** A window of `size` on an image of `image` [rows, columns]; throws when it finds no place. */
export function slideWindow(
  name: string,
  image: readonly [number, number],
  size: readonly [number, number],
  options: WindowOptions,
): Window {
  const strides = checkPair(name, 'strides', options.strides);
  const dilation = checkPair(name, 'dilationRate', options.dilation);
  const sides = [0, 1].map((axis) => {
    const reach = ((size[axis] as number) - 1) * (dilation[axis] as number) + 1;
    const stride = strides[axis] as number;
    const length = image[axis] as number;
    const [before, after] = padSides(name, options.padding, axis, length, reach, stride);
    const out = Math.floor((length + before + after - reach) / stride) + 1;
    if (!(out >= 1)) {
      throw new LugeError(
        'BAD_SHAPE',
        `ops.${name}: a window of ${showShape(size)} with dilation ${showShape(dilation)} does not ` +
          `fit into an image of ${showShape(image)} with padding ${JSON.stringify(options.padding)}. ` +
          "Use padding 'same' or a smaller window.",
      );
    }
    return { before, out };
  }) as [{ before: number; out: number }, { before: number; out: number }];
  return {
    strides,
    dilation,
    pads: [sides[0].before, sides[1].before],
    out: [sides[0].out, sides[1].out],
  };
}

/** How much is added before and after one axis. */
function padSides(
  name: string,
  padding: Padding,
  axis: number,
  length: number,
  reach: number,
  stride: number,
): readonly [number, number] {
  if (padding === 'valid') return [0, 0];
  if (padding === 'same') {
    const total = Math.max((Math.ceil(length / stride) - 1) * stride + reach - length, 0);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  }
  const side = Array.isArray(padding) ? padding[axis] : padding;
  const both = typeof side === 'number' ? [side, side] : side;
  const whole = (part: unknown) => Number.isSafeInteger(part) && (part as number) >= 0;
  if (!Array.isArray(both) || both.length !== 2 || !both.every(whole)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.${name}: padding must be 'valid', 'same', a whole number, [rows, columns] or ` +
        `[[top, bottom], [left, right]], but got ${JSON.stringify(padding)}.`,
    );
  }
  // A window that lies in the padding alone would see nothing of the image.
  if (both.some((part) => part >= reach)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.${name}: padding must be smaller than the window (${reach} on axis ${axis + 1}), ` +
        `but got ${JSON.stringify(padding)}.`,
    );
  }
  return both as [number, number];
}

/** Throws BAD_SHAPE unless x is a batch of images [n, h, w, c] with nothing of size 0. */
export function checkImages(name: string, shape: Shape): [number, number, number, number] {
  if (shape.length !== 4 || shape.includes(0)) {
    throw new LugeError(
      'BAD_SHAPE',
      `ops.${name}: expected images of shape [batch, rows, columns, channels], none of them 0, ` +
        `but got ${showShape(shape)}.`,
    );
  }
  return shape as unknown as [number, number, number, number];
}
