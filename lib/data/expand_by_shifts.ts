import { setImmediate } from 'node:timers/promises';
import { newArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions } from '../core/options.js';
import { showShape, sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { type ArrayLikeData, toTensor } from '../models/model_data.js';
import { Rows } from './rows.js';

export interface ExpandOptions {
  /** How far images are moved. Default 1. */
  pixels?: number;
  /** What comes in at the edge. Default 0. */
  fillValue?: number;
}

const kAtOnce = 500; // images between two turns of the event loop

/**
 * Five times as many images to train on: each one, followed by itself moved down, up, to the right and
 * to the left by a pixel (the expanded MNIST of Nielsen, "Neural networks and deep learning", chapter
 * 3). For endless random changes instead, see `augment`.
 *
 * @param samples x [n, rows, columns, channels] or [n, rows, columns], float32 or uint8, and y [n, ...].
 * @returns x [5 n, ...] and y [5 n, ...]
 * @throws LugeError BAD_SHAPE, BAD_ARGUMENT.
 *
 * @example
 * ```ts
 * const one = { x: tensor([1, 2, 3, 4], [1, 2, 2, 1]), y: [7] };
 * const { x, y } = await data.expandByShifts(one);
 * x.reshape([5, 4]); // => [[1, 2, 3, 4], [0, 0, 1, 2], [3, 4, 0, 0], [0, 1, 0, 3], [2, 0, 4, 0]]
 * y; // => [7, 7, 7, 7, 7]
 * ```
 */
export async function expandByShifts(
  samples: { readonly x: ArrayLikeData; readonly y: ArrayLikeData },
  options: ExpandOptions = {},
): Promise<{ x: Tensor; y: Tensor }> {
  const what = 'expandByShifts';
  checkOptions(what, options, ['pixels', 'fillValue']);
  const { fillValue = 0 } = options;
  const pixels = checkCount(`${what}: pixels`, options.pixels ?? 1);
  const [x, y] = [toTensor(`${what}: x`, samples.x), toTensor(`${what}: y`, samples.y)];
  const { count } = new Rows(what, { x, y });
  const [, h = 0, w = 0, channels = 1] = x.shape;
  if (x.rank < 3 || x.rank > 4 || pixels >= Math.min(h, w)) {
    throw new LugeError(
      'BAD_SHAPE',
      `${what}: expected images [n, rows, columns, channels] that are larger than the ${pixels} pixels by ` +
        `which they move, but got ${showShape(x.shape)}.`,
    );
  }
  const size = h * w * channels;
  const out = newArray(x.dtype, 5 * x.size);
  if (fillValue !== 0) out.fill(fillValue);
  const moved = [
    [0, 0],
    [pixels, 0],
    [-pixels, 0],
    [0, pixels],
    [0, -pixels],
  ] as const;
  for (let image = 0; image < count; image++) {
    const from = x.data.subarray(image * size, (image + 1) * size);
    moved.forEach(([down, right], copy) => {
      const at = (5 * image + copy) * size;
      shift(from, out.subarray(at, at + size), down * w * channels, right * channels, w * channels);
    });
    if (image % kAtOnce === 0) await setImmediate();
  }
  return { x: new Tensor(out, [5 * count, ...x.shape.slice(1)]), y: repeatRows(y, 5) };
}

type Numbers = Tensor['data'];

/** Moves an image by whole rows, or by numbers within each row. */
function shift(from: Numbers, to: Numbers, rows: number, numbers: number, row: number): void {
  if (numbers === 0) {
    to.set(from.subarray(Math.max(0, -rows), from.length - Math.max(0, rows)), Math.max(0, rows));
    return;
  }
  for (let at = 0; at < from.length; at += row) {
    const part = from.subarray(at + Math.max(0, -numbers), at + row - Math.max(0, numbers));
    to.set(part, at + Math.max(0, numbers));
  }
}

function repeatRows({ data, shape, dtype }: Tensor, times: number): Tensor {
  const [count = 0, ...rest] = shape;
  const size = sizeOf(rest);
  const out = newArray(dtype, data.length * times);
  for (let row = 0; row < count * times; row++) {
    const from = Math.floor(row / times) * size;
    out.set(data.subarray(from, from + size), row * size);
  }
  return new Tensor(out, [count * times, ...rest]);
}
