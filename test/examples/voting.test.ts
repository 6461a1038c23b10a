import { describe, expect, it } from 'vitest';
import { expandByShifts } from '../../examples/expand.js';
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

it('expandByShifts moves by a pixel and fills with zeros', () => {
  const x = tensor(Uint8Array.of(1, 2, 3, 4, 5, 6), [1, 2, 3, 1]);
  const expanded = expandByShifts({ x, y: tensor(Int32Array.of(7)) });
  expect(expanded.y.toArray()).toEqual([7, 7, 7, 7, 7]);
  expect(expanded.x.reshape([5, 2, 3]).toArray()).toEqual([
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    [
      [4, 5, 6],
      [0, 0, 0],
    ],
    [
      [0, 0, 0],
      [1, 2, 3],
    ],
    [
      [2, 3, 0],
      [5, 6, 0],
    ],
    [
      [0, 1, 2],
      [0, 4, 5],
    ],
  ]);
});
