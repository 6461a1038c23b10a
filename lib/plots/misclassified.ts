import { newArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions } from '../core/options.js';
import { showShape, sizeOf } from '../core/shape.js';
import { Tensor, type TensorLike } from '../core/tensor.js';
import { toTensor } from '../models/model_data.js';
import { argmax } from '../ops/reduce.js';
import { Picture } from '../pictures/picture.js';
import { colors, text } from '../pictures/svg.js';
import { group, percent } from './confusion_table.js';
import { type Cell, imageGrid } from './image_grid.js';
import { type ImageStyle, imageStyleNames } from './images.js';
import { imagesOf, kMostImages, pixelsOf } from './pixels.js';

export interface MisclassifiedOptions extends ImageStyle {
  /** Names of the classes. Default: their numbers. */
  labels?: readonly string[] | undefined;
  /** Most images to show: the first ones. Default 100. */
  limit?: number | undefined;
}

/**
 * Draws the images that were classified wrongly, in their order: at the top right of each the truth,
 * at the bottom right the guess, as M. Nielsen draws the 33 errors of his network (Neural Networks
 * and Deep Learning, chapter 6). Names of more than two letters stand below the image.
 *
 * @param x images as `plots.images` takes them, n of them.
 * @param yTrue classes [n], or one-hot [n, classes].
 * @param yPred classes [n], as `predictClasses` gives, or probabilities [n, classes].
 * @throws LugeError BAD_SHAPE when there are not as many of each, BAD_ARGUMENT for a class without
 *   label.
 * @example
 * ```ts
 * const x = tensor(new Uint8Array(3 * 4 * 4), [3, 4, 4]);
 * const picture = plots.misclassified(x, [0, 1, 1], [0, 1, 0]);
 * picture.svg.includes('1 of 3 wrong (33.33%)'); // => true
 * ```
 */
export function misclassified(
  x: TensorLike,
  yTrue: TensorLike,
  yPred: TensorLike,
  options: MisclassifiedOptions = {},
): Picture {
  const what = 'plots.misclassified';
  checkOptions(what, options, [...imageStyleNames, 'labels', 'limit']);
  const limit = Math.min(checkCount(`${what}: limit`, options.limit ?? 100), kMostImages);
  const title = options.title ?? 'Misclassified';
  const all = toTensor(`${what}: x`, x);
  const count = all.shape[0] ?? 0;
  const truth = classesOf(what, 'yTrue', yTrue, count);
  const guess = classesOf(what, 'yPred', yPred, count);
  const wrong = [...truth.keys()].filter((i) => truth[i] !== guess[i]);
  const share = percent(wrong.length / count, 2);
  const summary = `${group(wrong.length)} of ${group(count)} wrong (${share})`;
  if (wrong.length === 0) return emptyPicture(title, summary);

  const shown = wrong.slice(0, limit);
  const name = (label: number) => nameOf(what, label, options.labels);
  const marks = shown.map((i) => [
    { content: name(truth[i] as number), color: colors.ink },
    { content: name(guess[i] as number), color: colors.red },
  ]);
  const isShort = marks.flat().every(({ content }) => content.length <= 2);
  const cells = pixelsOf(what, imagesOf(what, rowsAt(all, shown)), options).map((pixels, i) => ({
    pixels,
    [isShort ? 'beside' : 'below']: marks[i],
  })) as Cell[];
  const key = isShort
    ? 'top right: truth, bottom right: guess'
    : 'first line: truth, second: guess';
  const part = shown.length < wrong.length ? `, the first ${shown.length}` : '';
  return imageGrid(what, cells, { ...options, title }, `${summary}${part} (${key})`);
}

/** Whole numbers [n], from classes or from scores of each class. */
function classesOf(what: string, name: string, given: TensorLike, count: number): number[] {
  const found = toTensor(`${what}: ${name}`, given);
  const { shape } = found;
  const isColumn = shape.length === 2 && shape[1] === 1;
  const classes = shape.length === 2 && !isColumn ? argmax(found, -1) : found;
  if (shape[0] === count && classes.size === count) return [...classes.data];
  throw new LugeError(
    'BAD_SHAPE',
    `${what}: ${name} must hold a class for each of the ${count} images, [${count}] or ` +
      `[${count}, classes], but has shape ${showShape(shape)}.`,
  );
}

function nameOf(what: string, label: number, labels: readonly string[] | undefined): string {
  const name = labels === undefined ? `${label}` : labels[label];
  if (name !== undefined) return name;
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what}: labels names ${labels?.length} classes, but there is a class ${label}.`,
  );
}

/** A copy of the rows at those places. */
function rowsAt(from: Tensor, places: readonly number[]): Tensor {
  const shape = [places.length, ...from.shape.slice(1)];
  const data = newArray(from.dtype, sizeOf(shape));
  const size = sizeOf(from.shape.slice(1));
  places.forEach((place, i) => {
    data.set(from.rows(place, place + 1).data, i * size);
  });
  return new Tensor(data, shape);
}

function emptyPicture(title: string, summary: string): Picture {
  return new Picture(300, 76, `${title}: ${summary}`, [
    text([16, 32], title, { 'font-size': 15, 'font-weight': 'bold' }),
    text([16, 52], summary, { fill: colors.muted }),
  ]);
}
