import { describe, expect, it } from 'vitest';
import { vote } from '../../examples/vote.js';
import { tensor } from '../../lib/core/tensor.js';

describe('vote', () => {
  const networks = (...rows: number[][]) => rows.map((row) => tensor([row]));

  it('takes what most choose', () => {
    expect(vote(networks([0.6, 0.4, 0], [0.6, 0.4, 0], [0, 0.01, 0.99]))).toEqual([0]);
  });

  it('takes what they are surest of among equals', () => {
    expect(vote(networks([0.6, 0.4, 0], [0, 0.9, 0.1]))).toEqual([1]);
    expect(vote(networks([0.9, 0.1, 0], [0, 0.6, 0.4]))).toEqual([0]);
  });
});
