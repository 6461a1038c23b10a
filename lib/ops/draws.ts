import type { Value } from '../graph/ir.js';
import type { Entry } from './affine.js';
import { randomUniform, type SeedOptions } from './random.js';

/** Most that one operation draws; seeds of that many operations in a row never meet. */
const kMost = 16;

/** What a random operation on n images draws, each thing from a stream of its own. */
export class Draws {
  private readonly n: number;
  private readonly seed: number | undefined;
  private count = 0;

  constructor(n: number, seed: number | undefined) {
    this.n = n;
    this.seed = seed;
  }

  /** For the next thing to draw. */
  next(): SeedOptions {
    if (this.seed === undefined) return {};
    return { seed: (this.seed % 2 ** 26) * kMost + this.count++ };
  }

  /** A number in [low, high) for each image, [n, 1]; or the one that there is. */
  between([low, high]: readonly [number, number]): Entry {
    if (low === high) return low;
    return randomUniform<Value>([this.n, 1], { minval: low, maxval: high, ...this.next() });
  }
}
