import { LugeError } from '../core/errors.js';
import { showShape } from '../core/shape.js';
import { checkAxes, slideWindow, type Window } from './window.js';

export interface TransposedWindowOptions {
  strides?: number | readonly number[];
  padding?: 'valid' | 'same';
  outputPadding?: number | readonly number[];
  dilationRate?: number | readonly number[];
}

/**
 * The window of the convolution that a transposed one turns around: `image` are its positions. Gives
 * the size of what it slides over, too, which is as in Keras.
 *
 * @throws LugeError BAD_ARGUMENT for options that do not fit.
 */
export function transposedWindow<S extends readonly number[]>(
  name: string,
  image: S,
  kernel: S,
  { strides = 1, padding = 'valid', outputPadding, dilationRate = 1 }: TransposedWindowOptions,
): { window: Window<S>; size: S } {
  const rank = image.length;
  const steps = checkAxes(name, 'strides', strides, rank, 1);
  const apart = checkAxes(name, 'dilationRate', dilationRate, rank, 1);
  const extra =
    outputPadding === undefined
      ? undefined
      : checkAxes(name, 'outputPadding', outputPadding, rank, 0);
  const size = image.map((places, axis) => {
    const reach = ((kernel[axis] as number) - 1) * (apart[axis] as number) + 1;
    return sizeAfter(places, reach, steps[axis] as number, padding, extra?.[axis]);
  }) as never as S;
  const window = slideWindow(name, size, kernel, { strides, padding, dilation: dilationRate });
  if (window.out.every((places, axis) => places === image[axis])) return { window, size };
  throw new LugeError(
    'BAD_ARGUMENT',
    `ops.${name}: outputPadding must be less than the strides ${showShape(steps)}, but got ` +
      `${JSON.stringify(outputPadding)}.`,
  );
}

function sizeAfter(
  size: number,
  reach: number,
  stride: number,
  padding: 'valid' | 'same',
  extra: number | undefined,
): number {
  if (extra === undefined) {
    return size * stride + (padding === 'valid' ? Math.max(reach - stride, 0) : 0);
  }
  const cut = padding === 'same' ? 2 * Math.floor(reach / 2) : 0;
  return (size - 1) * stride + reach - cut + extra;
}
