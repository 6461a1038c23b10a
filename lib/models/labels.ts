import { LugeError } from '../core/errors.js';
import { type PartialShape, showShape, sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';

/** Weights of classes by their number, such as `{ 0: 1, 1: 5 }`; 1 where a class is not named. */
export type ClassWeight = Readonly<Record<number, number>>;

/**
 * Throws BAD_DATA unless labels are whole numbers that the output has classes for.
 *
 * @param labels of any shape
 * @param output the shape of predictions, [..., classes]
 */
export function checkLabels(what: string, labels: Tensor, output: PartialShape): void {
  const classes = output.at(-1);
  if (typeof classes !== 'number') return;
  const { data } = labels;
  for (let i = 0; i < data.length; i++) {
    const label = data[i] as number;
    if (label >= 0 && label < classes && Number.isInteger(label)) continue;
    throw new LugeError(
      'BAD_DATA',
      `${what}: labels must be whole numbers in [0, ${classes - 1}], as the output of shape ` +
        `${showShape(output)} has ${classes} classes, but label ${i} is ${label}.`,
    );
  }
}

/**
 * The weight of each sample, from that of its class and its own.
 *
 * @param labels class numbers [n] or [n, 1], or rows [n, classes] whose largest number tells.
 * @param own [n]
 * @throws LugeError BAD_ARGUMENT when a weight is not a number of at least 0.
 */
export function weighClasses(
  what: string,
  labels: Tensor,
  classWeight: ClassWeight,
  own: Tensor | undefined,
): Tensor {
  for (const [label, weight] of Object.entries(classWeight)) {
    if (!/^\d+$/.test(label) || !(weight >= 0 && Number.isFinite(weight))) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `${what}: classWeight gives class numbers weights of at least 0, such as { 0: 1, 1: 5 }, but got ` +
          `{ ${label}: ${weight} }.`,
      );
    }
  }
  const count = labels.shape[0] as number;
  const width = sizeOf(labels.shape.slice(1));
  const weights = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    const label = width === 1 ? (labels.data[row] as number) : largest(labels, row, width);
    weights[row] = (classWeight[label] ?? 1) * ((own?.data[row] as number | undefined) ?? 1);
  }
  return new Tensor(weights, [count]);
}

function largest({ data }: Tensor, row: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) {
    if ((data[row * width + i] as number) > (data[row * width + best] as number)) best = i;
  }
  return best;
}
