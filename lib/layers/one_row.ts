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

/** A stride or dilation along the time as one along rows and columns. */
export function rowStep(steps: readonly number[]): [number, number] {
  return [1, steps[0] as number];
}
