import { describe, expect, it } from 'vitest';
import { formatTick, linearScale, niceTicks } from '../../lib/plots/axis.js';

function labels(low: number, high: number, count: number, smallest?: number): string[] {
  const { values, step } = niceTicks(low, high, count, smallest);
  return values.map((value) => formatTick(value, step));
}

describe('niceTicks', () => {
  it.each([
    [0, 1, 6, ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']],
    [0.953, 0.992, 6, ['0.95', '0.96', '0.97', '0.98', '0.99', '1.00']],
    [-3, 4, 4, ['-5', '0', '5']],
    [0.1, 0.3, 3, ['0.1', '0.2', '0.3']],
    [1, 12, 8, ['0', '2', '4', '6', '8', '10', '12']],
    [0, 4e6, 3, ['0', '2e6', '4e6']],
    [1.2e7, 1.3e7, 3, ['1.20e7', '1.25e7', '1.30e7']],
    [0, 3e-6, 4, ['0', '1e-6', '2e-6', '3e-6']],
  ])('from %d to %d by about %i', (low, high, count, expected) => {
    expect(labels(low, high, count)).toEqual(expected);
  });

  it('has no step below the smallest', () => {
    expect(labels(1, 3, 8, 1)).toEqual(['1', '2', '3']);
    expect(labels(1, 1, 8, 1)).toEqual(['0', '1', '2']);
  });

  it('gives a flat line room on both sides', () => {
    for (const value of [0, 0.5, -20, 1e9]) {
      const { values } = niceTicks(value, value, 6);
      expect(values[0]).toBeLessThan(value);
      expect(values.at(-1)).toBeGreaterThan(value);
      expect(values.length).toBeLessThan(12);
    }
  });

  it('spans any interval with few, even steps of 1, 2 or 5', () => {
    for (let i = 0; i < 500; i++) {
      const low = Math.sin(i * 12.9898) * 10 ** ((i % 13) - 6);
      const high = low + Math.abs(Math.cos(i * 78.233)) * 10 ** ((i % 11) - 5) + 1e-9;
      const { values, step } = niceTicks(low, high, 6);
      const slack = Math.max(Math.abs(low), Math.abs(high)) * 1e-12 + step * 1e-8;
      expect(values[0]).toBeLessThanOrEqual(low + slack);
      expect(values.at(-1)).toBeGreaterThanOrEqual(high - slack);
      expect(values.length).toBeGreaterThanOrEqual(3);
      expect(values.length).toBeLessThanOrEqual(8);
      const lead = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
      expect([1, 2, 5].some((factor) => Math.abs(lead - factor) < 1e-6)).toBe(true);
    }
  });
});

describe('formatTick', () => {
  it('writes neither -0 nor rounding noise', () => {
    expect(formatTick(-0, 0.5)).toBe('0.0');
    expect(formatTick(-1e-17, 0.5)).toBe('0.0');
    expect(formatTick(0.1 + 0.2, 0.1)).toBe('0.3');
  });
});

describe('linearScale', () => {
  it('takes ends to ends, upside down too', () => {
    const y = linearScale([-1, 3], [200, 100]);
    expect([y(-1), y(1), y(3)]).toEqual([200, 150, 100]);
  });
});
