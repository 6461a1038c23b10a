import type { Random } from '../core/random.js';

/**
 * 0 to count - 1 in random order (Fisher-Yates), settled from the front as it is needed: shuffling
 * millions of samples at once would hold up the event loop.
 */
export class ShuffledOrder {
  private readonly order: Int32Array;
  private readonly random: Random;
  private settled = 0;

  constructor(count: number, random: Random) {
    this.order = new Int32Array(count);
    for (let i = 0; i < count; i++) this.order[i] = i;
    this.random = random;
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
