import { LugeError } from '../core/errors.js';
import { checkChoice } from '../core/options.js';

/** A number for rows and columns, or one for each. */
export type Pair = number | readonly [number, number];

/** A number for depth, rows and columns, or one for each. */
export type Triple = number | readonly [number, number, number];

/** Options of all layers that move a window over images. */
export interface ImageOptions {
  /**
   * 'valid' (default): the window stays inside the image; 'same': the image is padded evenly, so that
   * with stride 1 the output is as large as the input.
   */
  padding?: 'valid' | 'same';
  /** The channels are the last axis; the only layout there is. */
  dataFormat?: 'channelsLast' | 'channels_last';
}

export const imageAxes = '[batch, rows, columns, channels]';
export const sequenceAxes = '[batch, time, channels]';
export const volumeAxes = '[batch, depth, rows, columns, channels]';

/** The names between the batch and the channels. */
export function spatialAxes(axes: string): string[] {
  return axes.slice(1, -1).split(', ').slice(1, -1);
}

/** Throws UNKNOWN_NAME unless it is 'valid' (default) or 'same'. */
export function checkPadding(padding: string = 'valid'): 'valid' | 'same' {
  return checkChoice('padding', String(padding).toLowerCase(), ['valid', 'same']);
}

/** Throws UNSUPPORTED for any layout but channels last. */
export function checkDataFormat(format: string = 'channelsLast', axes = imageAxes): void {
  if (format === 'channelsLast' || format === 'channels_last') return;
  const first = ['batch', 'channels', ...spatialAxes(axes)];
  throw new LugeError(
    'UNSUPPORTED',
    `dataFormat must be 'channelsLast', ${axes}, but got '${format}'. Bring data of ` +
      `[${first.join(', ')}] into this order with ops.transpose(x, [0, ${first.slice(2).map((_, i) => i + 2)}, 1])` +
      '; kernels are the same in both.',
  );
}
