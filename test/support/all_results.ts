import type { Tensor } from '../../lib/core/tensor.js';
import { concat, reshape } from '../../lib/ops/index.js';
import { Real } from './op_reference.js';

// An operation with several results, checked as one: all of them one after the other.

/** Of the reference. */
export const flat = (xs: Real[]) => {
  const data = Float64Array.from(xs.flatMap((x) => [...x.data]));
  return new Real([data.length], data);
};
/** Of the operation. */
export const all = (results: readonly Tensor[]) =>
  concat(
    results.map((x) => reshape(x, [-1])),
    0,
  );
