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

/** One number for depth, rows and columns alike, or [depth, rows, columns]. */
export type Triple = number | readonly [number, number, number];

export interface WindowOptions {
  /** Step from one position to the next. */
  strides: number | readonly number[];
  padding: Padding;
  /** Distance between neighbouring elements of the window. */
  dilation: number | readonly number[];
}

/** How a window slides: numbers for each axis, such as [rows, columns]. */
export interface Window<S extends readonly number[]> {
  readonly strides: S;
  readonly dilation: S;
  /** Above and on the left; in front. */
  readonly pads: S;
  /** Positions: the size of the result. */
  readonly out: S;
}

/** Throws BAD_ARGUMENT unless `value` is one or two whole numbers of at least `least`. */
export function checkPair(name: string, option: string, value: Pair, least = 1): [number, number] {
  return checkAxes(name, option, value, 2, least) as [number, number];
}

/** Throws BAD_ARGUMENT unless `value` is one or three whole numbers of at least `least`. */
export function checkTriple(
  name: string,
  option: string,
  value: Triple,
  least = 1,
): [number, number, number] {
  return checkAxes(name, option, value, 3, least) as [number, number, number];
}

/** A number for every axis, in a list; throws BAD_ARGUMENT unless each is whole and at least `least`. */
export function checkAxes(
  name: string,
  option: string,
  value: number | readonly number[],
  count: number,
  least: number,
): number[] {
  const sizes = typeof value === 'number' ? new Array<number>(count).fill(value) : value;
  const fits = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= least;
  if (Array.isArray(sizes) && sizes.length === count && sizes.every(fits)) return sizes;
  const form = count === 2 ? 'two of them, [rows, columns]' : 'three, [depth, rows, columns]';
  throw new LugeError(
    'BAD_ARGUMENT',
    `ops.${name}: ${option} must be a whole number of at least ${least} or ${form}, but got ` +
      `${JSON.stringify(value)}.`,
  );
}

/**
 * A window of `size` on an image of [rows, columns], or a volume of [depth, rows, columns]; throws
 * when it finds no place.
 */
export function slideWindow<S extends readonly number[]>(
  name: string,
  image: S,
  size: S,
  options: WindowOptions,
): Window<S> {
  const strides = checkAxes(name, 'strides', options.strides, image.length, 1);
  const dilation = checkAxes(name, 'dilationRate', options.dilation, image.length, 1);
  const sides = image.map((length, axis) => {
    const reach = ((size[axis] as number) - 1) * (dilation[axis] as number) + 1;
    const stride = strides[axis] as number;
    const [before, after] = padSides(name, options.padding, axis, length, reach, stride);
    const out = Math.floor((length + before + after - reach) / stride) + 1;
    if (!(out >= 1)) {
      throw new LugeError(
        'BAD_SHAPE',
        `ops.${name}: a window of ${showShape(size)} with dilation ${showShape(dilation)} does not ` +
          `fit into ${image.length === 2 ? 'an image' : 'a volume'} of ${showShape(image)} with ` +
          `padding ${JSON.stringify(options.padding)}. Use padding 'same' or a smaller window.`,
      );
    }
    return { before, out };
  });
  const pads = sides.map(({ before }) => before);
  const out = sides.map((side) => side.out);
  return { strides, dilation, pads, out } as never as Window<S>;
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
  checkBatch(name, shape, 'images', '[batch, rows, columns, channels]');
  return shape as never as [number, number, number, number];
}

/** Throws BAD_SHAPE unless x is a batch of volumes [n, d, h, w, c] with nothing of size 0. */
export function checkVolumes(name: string, shape: Shape): [number, number, number, number, number] {
  checkBatch(name, shape, 'volumes', '[batch, depth, rows, columns, channels]');
  return shape as never as [number, number, number, number, number];
}

function checkBatch(name: string, shape: Shape, what: string, axes: string): void {
  if (shape.length === axes.split(',').length && !shape.includes(0)) return;
  throw new LugeError(
    'BAD_SHAPE',
    `ops.${name}: expected ${what} of shape ${axes}, none of them 0, but got ${showShape(shape)}.`,
  );
}
