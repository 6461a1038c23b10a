import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import type { TensorLike } from '../core/tensor.js';
import { Tensor } from '../core/tensor.js';
import type { Picture } from '../pictures/picture.js';
import { colors } from '../pictures/svg.js';
import { type GridOptions, gridOptionNames, imageGrid } from './image_grid.js';
import { imagesOf, type PixelOptions, pixelsOf } from './pixels.js';

/** How images are shown, in all pictures made of them. */
export interface ImageStyle extends GridOptions, PixelOptions {}

export interface ImagesOptions extends ImageStyle {
  /** A text or number below each image, such as the tensor of their classes. Default: none. */
  labels?: readonly (string | number)[] | Tensor | undefined;
}

export const imageStyleNames = [...gridOptionNames, 'colors', 'range', 'invert'] as const;

/**
 * Draws images in a grid.
 *
 * @param images uint8 or float, [n, rows, columns] or [n, rows, columns, 1] gray, [n, rows, columns, 3]
 *   RGB; or a single image, [rows, columns] or, larger than 4 x 4, [rows, columns, 1 or 3].
 * @throws LugeError BAD_SHAPE for another shape, BAD_ARGUMENT for more than 2000 images or labels
 *   that do not fit.
 * @example
 * ```ts
 * const checks = tensor([0, 1, 1, 0, 1, 0, 0, 1], [2, 2, 2]);
 * const picture = plots.images(checks, { labels: ['left', 'right'], scale: 20 });
 * picture.height; // => 95
 * ```
 */
export function images(images: TensorLike, options: ImagesOptions = {}): Picture {
  const what = 'plots.images';
  checkOptions(what, options, [...imageStyleNames, 'labels']);
  const found = imagesOf(what, images);
  const labels = labelsOf(what, options.labels, found.shape[0] as number);
  const cells = pixelsOf(what, found, options).map((pixels, i) => ({
    pixels,
    below: labels === undefined ? [] : [{ content: labels[i] as string, color: colors.ink }],
  }));
  return imageGrid(what, cells, options);
}

function labelsOf(
  what: string,
  given: ImagesOptions['labels'],
  count: number,
): string[] | undefined {
  if (given === undefined) return undefined;
  const labels = given instanceof Tensor ? [...given.data] : given;
  if (Array.isArray(labels) && labels.length === count) return labels.map((label) => `${label}`);
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what}: labels must be a text or number for each of the ${count} images, but got ` +
      `${Array.isArray(labels) ? labels.length : typeof labels}.`,
  );
}
