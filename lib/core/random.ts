import { LugeError } from './errors.js';

// Every random thing takes the next number of one sequence unless it is given a seed of its own, so
// that one setSeed() at the start makes a whole program repeatable.
let seed = (Math.random() * 2 ** 32) >>> 0;
let drawn = 0;

/**
 * Starts the sequence from which weights, shuffles and dropout take their seeds.
 *
 * @example
 * ```ts
 * setSeed(42);
 * const first = initializers.glorotUniform().make([3]);
 * setSeed(42);
 * ops.equal(first, initializers.glorotUniform().make([3])); // => [1, 1, 1]
 * ```
 */
export function setSeed(value: number): void {
  if (!Number.isSafeInteger(value)) {
    throw new LugeError('BAD_ARGUMENT', `setSeed takes a whole number, but got ${value}.`);
  }
  seed = mix(mix(value | 0) ^ Math.floor(value / 2 ** 32));
  drawn = 0;
}

/** The next seed of the sequence: 32 bits. */
export function nextSeed(): number {
  drawn += 1;
  return mix(seed ^ mix(drawn));
}

/** A bijective scramble of 32 bits (the finalizer of MurmurHash3). */
function mix(x: number): number {
  let h = x >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A small random generator for work on the JavaScript side, such as shuffling. */
export class Random {
  private state: number;

  constructor(from: number = nextSeed()) {
    this.state = from >>> 0;
  }

  /** Where in its sequence it is: a generator made from that goes on in the same way. */
  get position(): number {
    return this.state;
  }

  /** A whole number in [0, bound), without bias for any bound below 2^32. */
  below(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const value = this.next();
      if (value < limit) return value % bound;
    }
  }

  /** A number in [0, 1). */
  uniform(): number {
    return this.next() / 2 ** 32;
  }

  /** 0 to count - 1 in random order (Fisher-Yates). */
  permutation(count: number): Int32Array {
    const order = Int32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = order[i] as number;
      order[i] = order[j] as number;
      order[j] = held;
    }
    return order;
  }

  /** 32 random bits (Weyl sequence through `mix`). */
  private next(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    return mix(this.state);
  }
}
