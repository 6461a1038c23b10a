import { Random } from '../core/random.js';
import type { Element } from './element.js';
import { gather, type Pick, Rows } from './rows.js';

/** Where the elements of a data set come from, and what they are. */
export interface Source {
  /** How many elements a pass gives; undefined when not known, Infinity when it does not end. */
  size(): number | undefined;
  /**
   * Whether elements are single samples or batches. A generator may give either: what it gives
   * counts as samples until `batch` is called, and is taken as it is when it is not.
   */
  readonly holds: 'samples' | 'batches' | 'either';
  /** A new pass: samples, several in a piece where they lie side by side, or a batch in each piece. */
  open(): AsyncGenerator<Rows, void, void>;
}

/** The samples of pieces that lie side by side, one by one or, of batches, each as a whole. */
export function elementsOf({ holds }: Source, piece: Rows): number {
  return holds === 'batches' ? 1 : piece.count;
}

export function batched(source: Source, size: number, dropRemainder: boolean): Source {
  async function* open(): AsyncGenerator<Rows, void, void> {
    let waiting: Pick[] = [];
    let held = 0;
    for await (const from of source.open()) {
      for (let row = 0; row < from.count; ) {
        const count = Math.min(size - held, from.count - row);
        waiting.push({ from, row, count });
        held += count;
        row += count;
        if (held < size) continue;
        yield gather('batch', waiting);
        waiting = [];
        held = 0;
      }
    }
    if (held > 0 && !dropRemainder) yield gather('batch', waiting);
  }
  const whole = dropRemainder ? Math.floor : Math.ceil;
  const count = () => {
    const samples = source.size();
    return samples === undefined ? undefined : whole(samples / size);
  };
  return { size: count, holds: 'batches', open };
}

const kPicksAtOnce = 256;

/**
 * Holds so many elements and gives one of them at random each time, taking the next in its place;
 * with all of them held, any order is as likely.
 */
export function shuffled(source: Source, buffer: number, seed: number): Source {
  const passes = new Random(seed);

  async function* open(): AsyncGenerator<Rows, void, void> {
    const random = new Random(passes.below(2 ** 32));
    const held: Pick[] = [];
    const pick = (put?: Pick): Pick => {
      const at = random.below(held.length);
      const found = held[at] as Pick;
      const last = put ?? (held.pop() as Pick);
      if (at < held.length) held[at] = last;
      return found;
    };
    const whole = source.holds === 'batches';
    let picked: Pick[] = [];
    for await (const from of source.open()) {
      const count = whole ? from.count : 1;
      for (let row = 0; row < from.count; row += count) {
        const one = { from, row, count };
        if (held.length < buffer) {
          held.push(one);
          continue;
        }
        picked.push(pick(one));
        if (!whole && picked.length < kPicksAtOnce) continue;
        yield gather('shuffle', picked);
        picked = [];
      }
      if (picked.length > 0) yield gather('shuffle', picked);
      picked = [];
    }
    while (held.length > 0) {
      const most = whole ? 1 : Math.min(held.length, kPicksAtOnce);
      yield gather(
        'shuffle',
        Array.from({ length: most }, () => pick()),
      );
    }
  }
  return { ...source, open };
}

/** Elements [from, to) of each pass. */
export function cut(source: Source, from: number, to: number): Source {
  async function* open(): AsyncGenerator<Rows, void, void> {
    if (to <= from) return;
    let before = 0;
    for await (const piece of source.open()) {
      const count = elementsOf(source, piece);
      const [first, last] = [Math.max(from - before, 0), Math.min(to - before, count)];
      if (first < last) yield source.holds === 'batches' ? piece : piece.slice(first, last);
      before += count;
      if (before >= to) return;
    }
  }
  const size = () => {
    const known = source.size();
    return known === undefined ? undefined : Math.max(0, Math.min(known, to) - from);
  };
  return { ...source, size, open };
}

/** All elements so many times. */
export function repeated(source: Source, times: number): Source {
  async function* open(): AsyncGenerator<Rows, void, void> {
    for (let pass = 0; pass < times; pass++) {
      let empty = true;
      for await (const piece of source.open()) {
        empty = false;
        yield piece;
      }
      if (empty) return;
    }
  }
  const size = () => {
    const known = source.size();
    if (known === undefined || known === 0) return known;
    return known * times;
  };
  return { ...source, size, open };
}

/** What `change` makes of each sample or batch. */
export function mapped(source: Source, change: (element: Element) => Promise<Element>): Source {
  async function* open(): AsyncGenerator<Rows, void, void> {
    for await (const piece of source.open()) {
      if (source.holds === 'batches') {
        yield new Rows('map', await change(piece.element));
        continue;
      }
      for (let row = 0; row < piece.count; row++) {
        yield Rows.one('map', await change(piece.sample(row)));
      }
    }
  }
  return { ...source, open };
}

/** Goes on for up to `ahead` pieces while those before are in use. */
export function prefetched(source: Source, ahead: number): Source {
  async function* open(): AsyncGenerator<Rows, void, void> {
    const pieces = source.open();
    const queue: Promise<IteratorResult<Rows, void>>[] = [];
    try {
      for (;;) {
        while (queue.length < ahead) {
          const next = pieces.next();
          next.catch(() => {}); // told when its turn comes
          queue.push(next);
        }
        const next = await (queue.shift() as (typeof queue)[0]);
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await pieces.return();
    }
  }
  return { ...source, open };
}
