import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions } from '../core/options.js';
import { nextSeed } from '../core/random.js';
import type { AugmentOptions } from '../ops/augment_options.js';
import { augmented } from './augment.js';
import { type Element, type ElementLike, type ElementOf, toElement } from './element.js';
import { batched, cut, mapped, prefetched, repeated, type Source, shuffled } from './stages.js';

/**
 * Samples or batches, brought one after the other while a model trains on those before. Each method
 * answers with a new data set; nothing is read before somebody asks for it. A data set can be gone
 * through any number of times, with `for await`, `fit`, `evaluate` or `predict`.
 *
 * @example
 * ```ts
 * const squares = data.fromArrays({ x: [[1], [2], [3]], y: [1, 4, 9] });
 * const batches = squares.shuffle(3, 1).batch(2).prefetch(1);
 * batches.size; // => 2
 * ```
 */
export class Dataset<E extends Element = Element> implements AsyncIterable<E> {
  private readonly source: Source;

  constructor(source: Source) {
    this.source = source;
  }

  /** How many samples or batches it has: undefined when not known, Infinity when without end. */
  get size(): number | undefined {
    return this.source.size();
  }

  /**
   * In random order: `buffer` elements are held, and one of them is given at random each time, as in
   * tf.data. With a buffer of all elements every order is as likely. Each pass has another order.
   *
   * @param buffer how many are held, at least 1.
   * @param seed a whole number; the same seed gives the same sequence of orders. Default: the next
   *   one of `setSeed`.
   * @throws LugeError BAD_ARGUMENT.
   *
   * @example
   * ```ts
   * const numbers = data.fromArrays({ x: [[1], [2], [3]], y: [1, 2, 3] });
   * (await numbers.shuffle(3, 7).toArray()).length; // => 3
   * ```
   */
  shuffle(buffer: number, seed?: number): Dataset<E> {
    checkCount('shuffle: buffer', buffer);
    if (seed !== undefined && !Number.isSafeInteger(seed)) {
      throw new LugeError('BAD_ARGUMENT', `shuffle: seed must be a whole number, but got ${seed}.`);
    }
    return new Dataset(shuffled(this.source, buffer, seed ?? nextSeed()));
  }

  /**
   * Batches of so many samples, x [n, ...] and y [n, ...]; the last one holds the rest.
   *
   * @param options dropRemainder: leave out a last batch of fewer samples (default false).
   * @throws LugeError BAD_ARGUMENT, also when these are batches already. BAD_SHAPE in the pass when
   *   samples of a batch are not alike.
   *
   * @example
   * ```ts
   * const pairs = data.fromArrays({ x: [[1], [2], [3]], y: [1, 2, 3] }).batch(2);
   * (await pairs.toArray()).map(({ y }) => y.toArray()); // => [[1, 2], [3]]
   * ```
   */
  batch(size: number, options: { dropRemainder?: boolean } = {}): Dataset<E> {
    checkCount('batch: size', size);
    checkOptions('batch', options, ['dropRemainder']);
    if (this.source.holds === 'batches') {
      throw new LugeError('BAD_ARGUMENT', 'batch: the data set is in batches already.');
    }
    return new Dataset(batched(this.source, size, options.dropRemainder ?? false));
  }

  /**
   * What a function makes of each sample, or after `batch` of each batch.
   *
   * @param fn takes `{ x, y }` of tensors and answers with `{ x, y }` of tensors or arrays, or with a
   *   promise of that. What it throws ends the pass.
   *
   * @example
   * ```ts
   * const doubled = data
   *   .fromArrays({ x: [[1], [2]], y: [1, 2] })
   *   .map(({ x, y }) => ({ x: ops.multiply(x, 2), y }));
   * (await doubled.toArray()).map(({ x }) => x.toArray()); // => [[2], [4]]
   * ```
   */
  map<R extends ElementLike>(fn: (element: E) => R | Promise<R>): Dataset<ElementOf<R>> {
    if (typeof fn !== 'function') {
      throw new LugeError('BAD_ARGUMENT', `map: expected a function, but got ${typeof fn}.`);
    }
    return new Dataset(
      mapped(this.source, async (element) => toElement('map', await fn(element as E))),
    );
  }

  /**
   * Random copies of images x [n, rows, columns, channels], other ones in each pass, made natively and
   * off the event loop while the model trains on those before. Best after `batch`.
   *
   * @throws LugeError BAD_ARGUMENT or UNKNOWN_NAME that names the option; in the pass BAD_SHAPE or
   *   BAD_DATA when x is no batch of images.
   *
   * @example
   * ```ts
   * const images = data.fromArrays({ x: ops.randomUniform([8, 28, 28, 1]), y: new Int32Array(8) });
   * const copies = images.batch(4).augment({ rotation: 15, translation: 0.1, elastic: true });
   * copies.size; // => 2
   * ```
   */
  augment(options: AugmentOptions): Dataset<E> {
    return new Dataset(augmented(this.source, options));
  }

  /**
   * Has up to `count` elements brought in while those before are in use. Put last, it keeps a model
   * from waiting for files or a slow generator.
   */
  prefetch(count: number): Dataset<E> {
    return new Dataset(prefetched(this.source, checkCount('prefetch: count', count)));
  }

  /** All of it `times` times; without `times` without end, to be trained on with `stepsPerEpoch`. */
  repeat(times: number = Number.POSITIVE_INFINITY): Dataset<E> {
    if (times !== Number.POSITIVE_INFINITY) checkCount('repeat: times', times, 0);
    return new Dataset(repeated(this.source, times));
  }

  /** The first `count` samples, or after `batch` batches. */
  take(count: number): Dataset<E> {
    return new Dataset(cut(this.source, 0, checkCount('take: count', count, 0)));
  }

  /** All but the first `count` samples, or after `batch` batches. */
  skip(count: number): Dataset<E> {
    const from = checkCount('skip: count', count, 0);
    return new Dataset(cut(this.source, from, Number.POSITIVE_INFINITY));
  }

  /** All elements in a list, for small data sets. */
  async toArray(): Promise<E[]> {
    const all: E[] = [];
    for await (const element of this) all.push(element);
    return all;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<E, void, void> {
    for await (const piece of this.source.open()) {
      if (this.source.holds === 'batches') {
        yield piece.element as E;
      } else {
        for (let row = 0; row < piece.count; row++) yield piece.sample(row) as E;
      }
    }
  }

  /** In batches: as it is, or when it holds single samples, so many in each. For `fit` and the like. */
  inBatches(size: number): Dataset<E> {
    return this.source.holds === 'samples' ? this.batch(size) : this;
  }
}
