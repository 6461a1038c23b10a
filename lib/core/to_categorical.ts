import { LugeError } from './errors.js';
import { showShape } from './shape.js';
import { Tensor, type TensorLike, tensor } from './tensor.js';

/**
 * Labels as one-hot rows: 1 in the column of the label, 0 elsewhere.
 *
 * @param labels whole numbers in [0, classes), of shape [...], or [..., 1], whose last axis is dropped as in
 *   Keras.
 * @param classes default: the largest label + 1.
 * @returns float32 [..., classes]
 * @throws LugeError BAD_DATA for a label that is out of range or not a whole number.
 * @example
 * ```ts
 * toCategorical([2, 0]); // => [[0, 0, 1], [1, 0, 0]]
 * toCategorical([1, 0], 4); // => [[0, 1, 0, 0], [1, 0, 0, 0]]
 * ```
 */
export function toCategorical(labels: TensorLike, classes?: number): Tensor {
  const input = tensor(labels);
  checkClasses('toCategorical', classes);
  const dropLast = input.rank > 1 && input.shape.at(-1) === 1;
  const shape = dropLast ? input.shape.slice(0, -1) : input.shape;
  const flat = readLabels(input, 'toCategorical: labels', classes);
  const columns = classes ?? countClasses(flat);
  if (columns === 0) {
    throw new LugeError(
      'BAD_DATA',
      `toCategorical: labels of shape ${showShape(input.shape)} are empty, so the number of classes ` +
        'cannot be told from them. Pass it as the second argument.',
    );
  }
  const out = new Float32Array(flat.length * columns);
  flat.forEach((label, row) => {
    out[row * columns + label] = 1;
  });
  return new Tensor(out, [...shape, columns]);
}

/** The labels in order; throws BAD_DATA unless all are whole numbers in [0, classes). */
export function readLabels(labels: Tensor, what: string, classes?: number): Int32Array {
  const limit = classes ?? 2 ** 31 - 1;
  labels.data.forEach((label, i) => {
    if (Number.isInteger(label) && label >= 0 && label < limit) return;
    const range = classes === undefined ? 'of at least 0' : `in [0, ${classes - 1}]`;
    throw new LugeError(
      'BAD_DATA',
      `${what} must be whole numbers ${range}, but label ${i} is ${label}.`,
    );
  });
  return Int32Array.from(labels.data);
}

/** The largest label + 1; 0 when there are none. */
export function countClasses(labels: Int32Array): number {
  return labels.reduce((count, label) => Math.max(count, label + 1), 0);
}

/** Throws BAD_ARGUMENT unless `classes` is left out or a whole number of at least 1. */
export function checkClasses(what: string, classes: number | undefined): void {
  if (classes !== undefined && !(Number.isSafeInteger(classes) && classes >= 1)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what}: classes must be a whole number of at least 1, but got ${classes}.`,
    );
  }
}
