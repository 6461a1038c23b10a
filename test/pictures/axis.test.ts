import { describe, expect, it } from 'vitest';
import { formatTick, linearAxis, logAxis, niceTicks } from '../../lib/pictures/axis.js';

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

describe('linearAxis', () => {
  it('ends at the ticks around the values', () => {
    const axis = linearAxis(0.1, 0.9);
    expect(axis.ticks.map(({ label }) => label)).toEqual([
      '0.0',
      '0.2',
      '0.4',
      '0.6',
      '0.8',
      '1.0',
    ]);
    expect([axis.share(0), axis.share(0.5), axis.share(1)]).toEqual([0, 0.5, 1]);
  });

  it('with a margin has no tick outside the values', () => {
    const axis = linearAxis(1, 12, { count: 8, smallestStep: 1, margin: 0.5 });
    expect(axis.ticks.map(({ value }) => value)).toEqual([2, 4, 6, 8, 10, 12]);
    expect([axis.share(0.5), axis.share(12.5)]).toEqual([0, 1]);
  });
});

describe('logAxis', () => {
  it.each([
    [1e-7, 10, ['1e-7', '1e-6', '1e-5', '1e-4', '0.001', '0.01', '0.1', '1', '10']],
    [0.1, 10, ['0.1', '0.2', '0.5', '1', '2', '5', '10']],
    [0.3, 0.9, ['0.3', '0.4', '0.5', '0.6', '0.7', '0.8', '0.9']],
    [1e-12, 1e12, ['1e-12', '1e-9', '1e-6', '0.001', '1', '1000', '1e6', '1e9', '1e12']],
  ])('from %d to %d', (low, high, expected) => {
    expect(logAxis(low, high).ticks.map(({ label }) => label)).toEqual(expected);
  });

  it('has equal factors equally far apart, and no place for 0', () => {
    const axis = logAxis(0.01, 100);
    expect([0.01, 1, 100].map((value) => axis.share(value))).toEqual([0, 0.5, 1]);
    expect(axis.share(0.1)).toBeCloseTo(0.25);
    expect(Number.isFinite(axis.share(0))).toBe(false);
    expect(Number.isFinite(axis.share(-1))).toBe(false);
  });

  it('ends at ticks when asked to', () => {
    const axis = logAxis(0.013, 40, true);
    expect(axis.ticks.map(({ label }) => label)).toEqual(['0.01', '0.1', '1', '10', '100']);
    expect([axis.share(0.01), axis.share(100)]).toEqual([0, 1]);
  });

  it('gives a single value room on both sides', () => {
    expect(logAxis(5, 5).share(5)).toBeCloseTo(0.5);
  });
});
