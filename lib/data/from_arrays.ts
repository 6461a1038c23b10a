import { Dataset } from './dataset.js';
import { type ElementLike, type ElementOf, toElement } from './element.js';
import { Rows } from './rows.js';

/**
 * A data set of samples in memory, which are not copied.
 *
 * @param arrays x [n, ...], y [n, ...] and, if wanted, sampleWeight [n]: tensors, typed arrays or
 *   nested arrays, and lists or records of these for models with several inputs or outputs.
 * @throws LugeError BAD_DATA; BAD_SHAPE when numbers of samples differ.
 *
 * @example
 * ```ts
 * const xor = data.fromArrays({ x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0] });
 * xor.size; // => 4
 * ```
 */
export function fromArrays<E extends ElementLike>(arrays: E): Dataset<ElementOf<E>> {
  const all = new Rows('fromArrays', toElement('fromArrays', arrays));
  return new Dataset({
    size: () => all.count,
    holds: 'samples',
    async *open() {
      if (all.count > 0) yield all;
    },
  });
}
