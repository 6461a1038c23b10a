import type { TypedArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { checkChoice } from '../core/options.js';
import { type Shape, showShape, sizeOf } from '../core/shape.js';
import type { Tensor, TensorLike } from '../core/tensor.js';
import { toTensor } from '../models/model_data.js';
import { type ColorMap, type ColorTable, colorTable } from './color_map.js';
import type { Pixels } from './png.js';

/** Which values are black and white: see `ImageOptions`. */
export type PixelRange = 'auto' | 'shared' | 'each' | readonly [number, number];

export interface PixelOptions {
  /** Of gray images: 'gray' or 'viridis'. Default 'gray'. */
  colors?: ColorMap | undefined;
  /**
   * The values that become black and white. [low, high]; 'shared', the smallest and the largest of
   * all images; 'each', those of each image. Default 'auto': [0, 255] for uint8, [0, 1] for other
   * numbers when none lies outside, otherwise 'shared'. What is not finite is drawn red.
   */
  range?: PixelRange | undefined;
  /** Whether black and white change places. Default false. */
  invert?: boolean | undefined;
}

/** Images a picture can be made of: more would take minutes to open. */
export const kMostImages = 2000;
const kMostNumbers = 2 ** 24;
const kBroken = [0xc5, 0x30, 0x30] as const;

/**
 * The images as a tensor [n, rows, columns, channels], 1 or 3 channels: from that, [n, rows, columns],
 * or a single image [rows, columns] or, larger than 4 x 4, [rows, columns, 1 or 3].
 *
 * @throws LugeError BAD_SHAPE for another shape, BAD_ARGUMENT for more than 2000 or 16 million numbers.
 */
export function imagesOf(what: string, given: TensorLike): Tensor {
  const found = toTensor(what, given);
  const { shape } = found;
  const whole = wholeShape(shape);
  if (whole.length !== 4 || !isColor(whole[3]) || sizeOf(whole) === 0) {
    throw new LugeError(
      'BAD_SHAPE',
      `${what} needs images [n, rows, columns], or [n, rows, columns, channels] with 1 or 3 channels, ` +
        `but got shape ${showShape(shape)}.${flatHint(shape)}`,
    );
  }
  const [count] = whole as [number];
  if (count > kMostImages || found.size > kMostNumbers) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what} draws at most ${kMostImages} images of ${kMostNumbers} numbers together, but got shape ` +
        `${showShape(shape)}: take some with rows(0, 100).${flatHint(shape)}`,
    );
  }
  return found.reshape(whole);
}

const isColor = (channels: number | undefined) => channels === 1 || channels === 3;

/** The shape with all four axes. Three may mean either; many images of three columns are filters. */
function wholeShape(shape: Shape): Shape {
  if (shape.length === 2) return [1, ...shape, 1];
  if (shape.length !== 3) return shape;
  const isSingle = isColor(shape[2]) && shape.slice(0, 2).every((size) => size > 4);
  return isSingle ? [1, ...shape] : [...shape, 1];
}

/** For digits that were flattened. */
function flatHint(shape: readonly number[]): string {
  const side = Math.sqrt(shape.at(-1) ?? 0);
  if (shape.length !== 2 || side < 2 || !Number.isInteger(side)) return '';
  return ` For flat square images: x.reshape([-1, ${side}, ${side}]).`;
}

/** Each image [rows, columns, channels] as 8-bit pixels. */
export function pixelsOf(what: string, images: Tensor, options: PixelOptions = {}): Pixels[] {
  const { colors = 'gray', invert = false } = options;
  const [count, height, width, channels] = images.shape as [number, number, number, 1 | 3];
  const table = colorTable(colors);
  const rangeOf = rangesOf(what, images, options.range ?? 'auto');
  const size = height * width * channels;
  return Array.from({ length: count }, (_, i) => {
    const values = images.data.subarray(i * size, (i + 1) * size);
    const bytes = toBytes(values, rangeOf(values), invert);
    const broken = values.some((value) => !Number.isFinite(value)) ? values : undefined;
    if (channels === 1 && colors === 'gray' && broken === undefined) {
      return { width, height, channels: 1, data: bytes };
    }
    const data = channels === 1 ? colored(bytes, table) : bytes;
    if (broken !== undefined) markBroken(data, broken, channels);
    return { width, height, channels: 3, data };
  });
}

/** Which range an image has, checked. */
function rangesOf(
  what: string,
  { data, dtype }: Tensor,
  range: PixelRange,
): (values: TypedArray) => readonly [number, number] {
  if (typeof range !== 'string') return always(checkLimits(what, range));
  const kind = checkChoice(`${what} range`, range, ['auto', 'shared', 'each']);
  if (kind === 'each') return extentOf;
  const shared = extentOf(data);
  if (kind === 'shared') return always(shared);
  if (dtype === 'uint8') return always([0, 255]);
  return always(shared[0] >= 0 && shared[1] <= 1 ? [0, 1] : shared);
}

const always = (range: readonly [number, number]) => () => range;

function checkLimits(what: string, range: readonly [number, number]): readonly [number, number] {
  if (Array.isArray(range) && range.length === 2 && range.every(Number.isFinite)) {
    if ((range[0] as number) < (range[1] as number)) return range;
  }
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what}: range must be 'auto', 'shared', 'each' or [low, high] with low below high, but got ` +
      `${JSON.stringify(range)}.`,
  );
}

/** The smallest and the largest finite value; [0, 1] when there is none. */
function extentOf(values: TypedArray): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

function toBytes(
  values: TypedArray,
  [low, high]: readonly [number, number],
  invert: boolean,
): Uint8Array {
  // All the same: black.
  const factor = high > low ? 255 / (high - low) : 0;
  const bytes = new Uint8ClampedArray(values.length); // rounds and clamps
  for (let i = 0; i < values.length; i++) {
    const byte = ((values[i] as number) - low) * factor;
    bytes[i] = invert ? 255 - byte : byte;
  }
  return new Uint8Array(bytes.buffer);
}

function colored(bytes: Uint8Array, table: ColorTable): Uint8Array {
  const data = new Uint8Array(bytes.length * 3);
  bytes.forEach((byte, i) => {
    data.set(table.subarray(3 * byte, 3 * byte + 3), 3 * i);
  });
  return data;
}

function markBroken(data: Uint8Array, values: TypedArray, channels: number): void {
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) data.set(kBroken, 3 * Math.floor(i / channels));
  });
}
