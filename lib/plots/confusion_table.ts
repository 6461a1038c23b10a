import { LugeError } from '../core/errors.js';
import { showShape } from '../core/shape.js';
import { type TensorLike, tensor } from '../core/tensor.js';

/** A confusion matrix that was checked, with what its pictures say beside the counts. */
export interface ConfusionTable {
  readonly labels: readonly string[];
  /** counts[truth][prediction] */
  readonly counts: readonly (readonly number[])[];
  /** Of each true class, the share that was predicted as it; NaN where there are none. */
  readonly recall: readonly number[];
  /** Of each predicted class, the share that is it; NaN where there are none. */
  readonly precision: readonly number[];
  readonly correct: number;
  readonly total: number;
}

/** Throws BAD_SHAPE unless `matrix` is square, and BAD_DATA unless it holds counts. */
export function confusionTable(
  what: string,
  matrix: TensorLike,
  labels: readonly string[] | undefined,
): ConfusionTable {
  const { shape, data } = tensor(matrix);
  const size = shape[0] ?? 0;
  if (shape.length !== 2 || shape[1] !== size || size === 0) {
    throw new LugeError(
      'BAD_SHAPE',
      `${what} needs a matrix [classes, classes], as confusionMatrix() gives, but got shape ` +
        `${showShape(shape)}.`,
    );
  }
  if (labels !== undefined && labels.length !== size) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what}: labels must name the ${size} classes of the matrix, but got ${labels.length}.`,
    );
  }
  data.forEach((count, i) => {
    if (Number.isInteger(count) && count >= 0) return;
    throw new LugeError(
      'BAD_DATA',
      `${what}: the matrix must hold counts, whole numbers of at least 0, but has ${count} in row ` +
        `${Math.floor(i / size)}, column ${i % size}.`,
    );
  });
  const classes = Array.from({ length: size }, (_, i) => i);
  const counts = classes.map((row) => [...data.subarray(row * size, (row + 1) * size)]);
  const right = classes.map((i) => counts[i]?.[i] as number);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    labels: labels ?? classes.map((i) => `${i}`),
    counts,
    recall: right.map((count, i) => count / sum(counts[i] as number[])),
    precision: right.map((count, i) => count / sum(counts.map((row) => row[i] as number))),
    correct: sum(right),
    total: sum(counts.map(sum)),
  };
}

/** '9,878 of 10,000 correct (98.78%)' */
export function summarize({ correct, total }: ConfusionTable): string {
  return `${group(correct)} of ${group(total)} correct (${percent(correct / total, 2)})`;
}

/** '98.8%', or '-' when there is nothing to take a share of. Only a full share is called 100%. */
export function percent(share: number, decimals = 1): string {
  if (Number.isNaN(share)) return '-';
  const most = share < 1 ? 100 - 10 ** -decimals : 100;
  return `${Math.min(share * 100, most).toFixed(decimals)}%`;
}

/** 12345 -> '12,345' */
export function group(count: number): string {
  return `${count}`.replace(/\B(?=(\d{3})+$)/g, ',');
}
