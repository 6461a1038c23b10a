// Sequences as images of one row, in which the steps of a window lie side by side.
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import { reshape } from '../ops/reshape.js';

/** [batch, time, channels] as [batch, 1, time, channels]. */
export function toRow(x: Value): Value {
  const [batch, ...step] = x.shape as [number, ...number[]];
  return reshape(x, [batch, 1, ...step]);
}

/** [batch, 1, time, channels] as [batch, time, channels]. */
export function fromRow(y: Value): Value {
  const [batch, , ...step] = y.shape as [number, number, ...number[]];
  return reshape(y, [batch, ...step]);
}

/** A kernel of so many steps as one of one row. */
export function rowKernel(kernel: Variable) {
  return reshape(kernel, [1, ...kernel.shape]);
}

/** How a window moves along the time, as along rows and columns. */
export function rowWindow<Padding>(window: {
  strides: readonly number[];
  padding: Padding;
  dilationRate: readonly number[];
}) {
  const { strides, padding, dilationRate } = window;
  return { strides: alongRow(strides, 1), padding, dilationRate: alongRow(dilationRate, 1) };
}

/** [number of the row, that of the time] */
export function alongRow(numbers: readonly number[], row: number): [number, number] {
  return [row, numbers[0] as number];
}
