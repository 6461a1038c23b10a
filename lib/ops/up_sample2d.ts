import { LugeError } from '../core/errors.js';
import { tensor } from '../core/tensor.js';
import type { Value } from '../graph/ir.js';
import { add, multiply, subtract } from './binary.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';
import { gather } from './gather.js';
import { checkOptions } from './options.js';
import { reshape } from './reshape.js';
import { checkImages, checkPair, type Pair } from './window.js';

export interface UpSample2dOptions {
  /** How many times as many rows and columns; 2 by default. */
  size?: Pair;
  /**
   * 'nearest' (default) repeats rows and columns; 'bilinear' lies on straight lines between the
   * centers of neighbouring elements, and beyond the outermost ones repeats them.
   */
  interpolation?: 'nearest' | 'bilinear';
}

/**
 * Images x [batch, rows, columns, channels] with `size` times as many rows and columns.
 *
 * @throws LugeError BAD_ARGUMENT unless size holds whole numbers of at least 1.
 * @example
 * ```ts
 * const image = tensor([1, 2], [1, 1, 2, 1]);
 * ops.upSample2d(image, { size: 2 }).reshape([2, 4]); // => [[1, 1, 2, 2], [1, 1, 2, 2]]
 * ```
 */
export const upSample2d = defineOp(
  'upSample2d',
  1,
  (x: Value, options: UpSample2dOptions = {}): Value => {
    checkOptions('upSample2d', options, ['size', 'interpolation']);
    checkImages('upSample2d', x.shape);
    const size = checkPair('upSample2d', 'size', options.size ?? 2);
    const { interpolation = 'nearest' } = options;
    if (interpolation === 'nearest') return repeat(x, size);
    if (interpolation === 'bilinear') return size.reduce(interpolate, cast(x, 'float32'));
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.upSample2d: interpolation must be 'nearest' or 'bilinear', but got '${interpolation}'.`,
    );
  },
);

/** Rows and columns at once: one gather over all positions of an image. */
function repeat(x: Value, [byRows, byColumns]: readonly [number, number]): Value {
  const [batch, rows, columns, channels] = x.shape as [number, number, number, number];
  const [height, width] = [rows * byRows, columns * byColumns];
  const source = Int32Array.from({ length: height * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width / byRows), Math.floor((i % width) / byColumns)];
    return row * columns + column;
  });
  const flat = reshape(x, [batch, rows * columns, channels]);
  return reshape(gather(flat, tensor(source), 1), [batch, height, width, channels]);
}

/** Rows (axis 0 of an image) or columns (axis 1). */
function interpolate(x: Value, by: number, imageAxis: number): Value {
  const axis = imageAxis + 1;
  const last = (x.shape[axis] as number) - 1;
  if (by === 1) return x;
  // Where the center of each new element lies between the old ones.
  const places = Array.from({ length: (last + 1) * by }, (_, i) => (i + 0.5) / by - 0.5);
  const at = (offset: number) => {
    const index = (place: number) => Math.min(Math.max(Math.floor(place) + offset, 0), last);
    return gather(x, tensor(Int32Array.from(places, index)), axis);
  };
  const [before, after] = [at(0), at(1)];
  const along = before.shape.map((dim, i) => (i === axis ? dim : 1));
  const fractions = Float32Array.from(places, (place) => place - Math.floor(place));
  return add(before, multiply(subtract(after, before), tensor(fractions, along)));
}
