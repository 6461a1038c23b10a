import type { Random } from '../core/random.js';

/**
 * 0 to count - 1 in random order (Fisher-Yates), settled from the front as it is needed: shuffling
 * millions of samples at once would hold up the event loop.
 */
export class ShuffledOrder {
  private readonly order: Int32Array;
  private random: Random;
  private settled = 0;

  constructor(count: number, random: Random) {
    this.order = new Int32Array(count);
    this.random = random;
    this.restart(random);
  }

  /** How many there are. */
  get count(): number {
    return this.order.length;
  }

  /** A new order, in the same memory; slices of the old one are no longer valid. */
  restart(random: Random): void {
    this.random = random;
    for (let i = 0; i < this.order.length; i++) this.order[i] = i;
    this.settled = 0;
  }

  /** Places [from, to) of the order. */
  slice(from: number, to: number): Int32Array {
    const { order, random } = this;
    for (; this.settled < to; this.settled++) {
      const other = this.settled + random.below(order.length - this.settled);
      const held = order[this.settled] as number;
      order[this.settled] = order[other] as number;
      order[other] = held;
    }
    return order.subarray(from, to);
  }
}
