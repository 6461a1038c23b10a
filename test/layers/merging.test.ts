import { describe, expect, it } from 'vitest';
import {
  add,
  average,
  concatenate,
  input,
  maximum,
  minimum,
  multiply,
  subtract,
} from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { elementwise, Real, total } from '../support/op_reference.js';

describe.each([
  ['add', add, (...xs: number[]) => total(xs)],
  ['multiply', multiply, (...xs: number[]) => xs.reduce((a, b) => a * b)],
  ['average', average, (...xs: number[]) => total(xs) / xs.length],
  ['maximum', maximum, (...xs: number[]) => Math.max(...xs)],
  ['minimum', minimum, (...xs: number[]) => Math.min(...xs)],
] as const)('%s', (_, factory, f) => {
  it('takes several inputs', () => {
    checkLayer({
      layer: factory(),
      inputs: [1, 2, 3].map((seed) => floats([2, 3, 4], { seed })),
      reference: (xs) => elementwise(f)(...xs),
      length: 8,
      bad: [
        [
          [
            [null, 3],
            [null, 4],
          ],
          /sizes are equal or 1, but got \[null, 3\] and \[null, 4\]/,
        ],
        [[[null, 3]], /a list of at least 2 inputs/],
      ],
    });
  });

  it('repeats sizes of 1 and missing axes', () => {
    checkLayer({
      layer: factory(),
      inputs: [floats([2, 3, 4]), floats([2, 4], { seed: 2 })],
      reference: ([a, b]) => elementwise(f)(a as Real, new Real([2, 1, 4], (b as Real).data)),
      length: 8,
    });
  });
});

describe('subtract', () => {
  it('takes two inputs', () => {
    checkLayer({
      layer: subtract(),
      inputs: [floats([2, 3]), floats([2, 3], { seed: 2 })],
      reference: (xs) => elementwise((a, b) => (a as number) - (b as number))(...xs),
      bad: [
        [
          [
            [null, 3],
            [null, 3],
            [null, 3],
          ],
          /exactly 2 inputs/,
        ],
      ],
    });
  });
});

describe('concatenate', () => {
  it.each([-1, 1])('along axis %i', (axis) => {
    const second = axis === 1 ? [2, 1, 2] : [2, 3, 5];
    checkLayer({
      layer: concatenate({ axis }),
      inputs: [floats([2, 3, 2]), floats(second, { seed: 2 })],
      reference: ([a, b]) =>
        Real.make(axis === 1 ? [2, 4, 2] : [2, 3, 7], (index) => {
          const at = axis === 1 ? 1 : 2;
          const from = (a as Real).shape[at] as number;
          const place = index[at] as number;
          if (place < from) return (a as Real).at(index);
          return (b as Real).at(index.map((i, place2) => (place2 === at ? i - from : i)));
        }),
      bad: [
        [
          [
            [null, 2, 3],
            [null, 4],
          ],
          /differ on axis -?1 only, but got \[null, 2, 3\] and \[null, 4\]/,
        ],
      ],
    });
  });

  it('refuses the batch axis', () => {
    expect(() => concatenate({ axis: 0 })).toThrow(/other than 0, which is the batch/);
    expect(() => concatenate().apply(input({ shape: [2] }))).toThrow(/a list of at least 2/);
  });
});
