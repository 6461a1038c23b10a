import { LugeError } from '../core/errors.js';
import { showShape } from '../core/shape.js';
import { Tensor, type TensorLike, tensor } from '../core/tensor.js';
import { checkClasses, countClasses, readLabels } from '../core/to_categorical.js';

/**
 * How often each true class was predicted as each class.
 *
 * @param yTrue labels of shape [n] or [n, 1], or one-hot rows or scores [n, classes], of which the
 *   largest counts.
 * @param yPred the same; predicted probabilities can be given as they are.
 * @param classes default: the columns of a two-dimensional argument, else the largest label + 1.
 * @returns int32 [classes, classes]: rows are the truth, columns the prediction.
 * @throws LugeError BAD_SHAPE when the lengths differ, BAD_DATA for labels out of range or NaN.
 * @example
 * ```ts
 * confusionMatrix([0, 1, 1, 2], [0, 1, 2, 2]); // => [[1, 0, 0], [0, 1, 1], [0, 0, 1]]
 * confusionMatrix([0, 1], [[0.9, 0.1], [0.8, 0.2]]); // => [[1, 0], [1, 0]]
 * ```
 */
export function confusionMatrix(yTrue: TensorLike, yPred: TensorLike, classes?: number): Tensor {
  checkClasses('confusionMatrix', classes);
  const truth = tensor(yTrue);
  const predicted = tensor(yPred);
  const columns = classes ?? columnsOf(truth) ?? columnsOf(predicted);
  const rows = classesOf(truth, 'confusionMatrix: yTrue', columns);
  const guesses = classesOf(predicted, 'confusionMatrix: yPred', columns);
  if (rows.length !== guesses.length) {
    throw new LugeError(
      'BAD_SHAPE',
      `confusionMatrix: yTrue and yPred must have the same number of rows, but got ${rows.length} ` +
        `(shape ${showShape(truth.shape)}) and ${guesses.length} (${showShape(predicted.shape)}).`,
    );
  }
  const size = columns ?? Math.max(countClasses(rows), countClasses(guesses));
  const counts = new Int32Array(size * size);
  rows.forEach((row, i) => {
    const at = row * size + (guesses[i] as number);
    counts[at] = (counts[at] as number) + 1;
  });
  return new Tensor(counts, [size, size]);
}

/** The classes that a matrix of scores has; undefined for labels. */
function columnsOf(values: Tensor): number | undefined {
  return values.rank === 2 && values.shape[1] !== 1 ? values.shape[1] : undefined;
}

/** [n], [n, 1] or [n, classes] -> the class of each row. */
function classesOf(values: Tensor, what: string, classes: number | undefined): Int32Array {
  const width = columnsOf(values);
  if (width === undefined) {
    if (values.rank === 1 || values.rank === 2) return readLabels(values, what, classes);
    throw new LugeError(
      'BAD_SHAPE',
      `${what} must be labels of shape [n] or scores of shape [n, classes], but got ` +
        `${showShape(values.shape)}.`,
    );
  }
  if (width !== classes) {
    throw new LugeError(
      'BAD_SHAPE',
      `${what} has shape ${showShape(values.shape)}, but ${classes} classes were expected.`,
    );
  }
  return argmaxRows(values, width, what);
}

function argmaxRows(values: Tensor, width: number, what: string): Int32Array {
  const data = values.data;
  return Int32Array.from({ length: values.shape[0] as number }, (_, row) => {
    let best = 0;
    for (let column = 0; column < width; column++) {
      const value = data[row * width + column] as number;
      if (Number.isNaN(value)) {
        throw new LugeError(
          'BAD_DATA',
          `${what}: row ${row} holds NaN, which belongs to no class.`,
        );
      }
      if (value > (data[row * width + best] as number)) best = column;
    }
    return best;
  });
}
