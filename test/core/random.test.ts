import { afterEach, describe, expect, it } from 'vitest';
import { nextSeed, Random, setSeed } from '../../lib/core/random.js';

describe('setSeed', () => {
  afterEach(() => setSeed(0));

  it('makes the sequence of seeds repeatable', () => {
    setSeed(42);
    const first = [nextSeed(), nextSeed()];
    setSeed(42);
    expect([nextSeed(), nextSeed()]).toEqual(first);
    setSeed(43);
    expect(nextSeed()).not.toBe(first[0]);
  });

  it('takes whole numbers beyond 32 bits and refuses others', () => {
    setSeed(2 ** 40 + 1);
    const far = nextSeed();
    setSeed(1);
    expect(nextSeed()).not.toBe(far);
    expect(() => setSeed(0.5)).toThrow(/whole number/);
  });
});

describe('Random', () => {
  it('draws every whole number below the bound about equally often', () => {
    const random = new Random(1);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) {
      const drawn = random.below(7);
      counts[drawn] = (counts[drawn] as number) + 1;
    }
    // Each count is binomial with mean 10,000 and standard deviation 93.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * 93);
  });

  it('shuffles: a permutation, different by seed, the same for the same', () => {
    const order = new Random(5).permutation(1000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(new Random(5).permutation(1000)).toEqual(order);
    expect(new Random(6).permutation(1000)).not.toEqual(order);
    expect(order[0] === 0 && order[1] === 1 && order[2] === 2).toBe(false);
  });

  it('is uniform in [0, 1)', () => {
    const random = new Random(2);
    let sum = 0;
    for (let i = 0; i < 10_000; i++) sum += random.uniform();
    // Standard error of the mean: sqrt(1 / 12 / 10,000) = 0.0029.
    expect(Math.abs(sum / 10_000 - 0.5)).toBeLessThan(5 * 0.0029);
  });
});
