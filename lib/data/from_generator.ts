import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions } from '../core/options.js';
import { tensor } from '../core/tensor.js';
import { Dataset } from './dataset.js';
import { type ElementLike, type ElementOf, tensorsOf, toElement, withTensors } from './element.js';
import { Rows } from './rows.js';

export interface FromGeneratorOptions {
  /** How many elements a pass gives, where it is known: progress bars then show the time left. */
  size?: number;
}

/**
 * A data set of what a generator gives: samples `{ x, y }` to be put together with `batch`, or, when
 * `batch` is not called, batches. What it gives is copied, so it may use its arrays again.
 *
 * @param fn is called for each pass; a generator function, async or not, or any function that answers
 *   with an iterable. When a pass ends early, the generator's `return()` is called.
 * @throws LugeError BAD_ARGUMENT; what the generator throws rejects `fit` and leaves the model usable.
 *
 * @example
 * ```ts
 * const line = data.fromGenerator(function* () {
 *   for (let i = 0; i < 100; i++) yield { x: [i / 100], y: [2 * (i / 100) + 1] };
 * });
 * const model = sequential([layers.dense({ units: 1, inputShape: [1] })]);
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * await model.fit(line.batch(20), { epochs: 2, verbose: 0 });
 * ```
 */
export function fromGenerator<E extends ElementLike>(
  fn: () => Iterable<E> | AsyncIterable<E>,
  options: FromGeneratorOptions = {},
): Dataset<ElementOf<E>> {
  const what = 'fromGenerator';
  checkOptions(what, options, ['size']);
  const { size } = options;
  if (size !== undefined) checkCount(`${what}: size`, size, 0);
  if (typeof fn !== 'function') {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what}: expected a function that answers with an iterable, such as function* () { ... }, but ` +
        `got ${typeof fn}. A generator that was made already can be gone through only once.`,
    );
  }
  async function* open(): AsyncGenerator<Rows, void, void> {
    const found = fn();
    if (!isIterable(found)) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `${what}: the function must answer with an iterable, as function* () { ... } does, but gave ` +
          `${found === null ? 'null' : typeof found}.`,
      );
    }
    let count = 0;
    for await (const given of found) {
      const element = toElement(`${what}: element ${count++}`, given);
      const copies = tensorsOf(element).map((own) => tensor(own.data.slice(), own.shape));
      yield Rows.one(what, withTensors(element, copies));
    }
  }
  return new Dataset({ size: () => size, holds: 'either', open });
}

function isIterable(found: unknown): boolean {
  return (
    typeof found === 'object' &&
    found !== null &&
    (Symbol.asyncIterator in found || Symbol.iterator in found)
  );
}
