import { LugeError } from '../core/errors.js';
import { checkChoice } from '../core/options.js';

/** A number for rows and columns, or one for each. */
export type Pair = number | readonly [number, number];

/** Options of all layers that move a window over images. */
export interface ImageOptions {
  /**
   * 'valid' (default): the window stays inside the image; 'same': the image is padded evenly, so that
   * with stride 1 the output is as large as the input.
   */
  padding?: 'valid' | 'same';
  /** Images are [batch, rows, columns, channels]; the only layout there is. */
  dataFormat?: 'channelsLast' | 'channels_last';
}

export const imageAxes = '[batch, rows, columns, channels]';
export const sequenceAxes = '[batch, time, channels]';

/** Throws UNKNOWN_NAME unless it is 'valid' (default) or 'same'. */
export function checkPadding(padding: string = 'valid'): 'valid' | 'same' {
  return checkChoice('padding', String(padding).toLowerCase(), ['valid', 'same']);
}

/** Throws UNSUPPORTED for any layout but channels last. */
export function checkDataFormat(format: string = 'channelsLast'): void {
  if (format === 'channelsLast' || format === 'channels_last') return;
  throw new LugeError(
    'UNSUPPORTED',
    `dataFormat must be 'channelsLast', [batch, rows, columns, channels], but got '${format}'. ` +
      'Transpose the images and the kernels.',
  );
}
