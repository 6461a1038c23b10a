import { describe, expect, it } from 'vitest';
import { dot } from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { alongAxes, Real, total } from '../support/op_reference.js';

const indices = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('dot', () => {
  it('of two vectors is one number', () => {
    checkLayer({
      layer: dot({ axes: 1 }),
      inputs: [floats([3, 4]), floats([3, 4], { seed: 2 })],
      reference: ([a, b]) =>
        Real.make([3, 1], ([s]) =>
          total(
            indices(4).map(
              (i) => (a as Real).at([s as number, i]) * (b as Real).at([s as number, i]),
            ),
          ),
        ),
      length: 8,
      bad: [
        [
          [
            [null, 4],
            [null, 5],
          ],
          /expected 2 inputs of equal size on axes \[1, 1\], but got \[null, 4\] and \[null, 5\]/,
        ],
        [[[null, 4]], /expected 2 inputs/],
      ],
    });
  });

  it('of matrices leaves the other axes', () => {
    checkLayer({
      layer: dot({ axes: [1, 2] }),
      inputs: [floats([2, 4, 3]), floats([2, 5, 4, 2], { seed: 2 })],
      reference: ([a, b]) =>
        Real.make([2, 3, 5, 2], (index) => {
          const [s, i, j, k] = index as [number, number, number, number];
          return total(
            indices(4).map((n) => (a as Real).at([s, n, i]) * (b as Real).at([s, j, n, k])),
          );
        }),
      length: 8,
    });
  });

  it('gives the cosine when told to normalize', () => {
    const unit = (x: Real) => {
      const squares = alongAxes(x, [2], (xs) => total(xs.map((v) => v * v)), true);
      return Real.make(x.shape, (index) => x.at(index) / Math.sqrt(squares.at(index)));
    };
    checkLayer({
      layer: dot({ axes: -1, normalize: true }),
      inputs: [floats([2, 3, 4]), floats([2, 5, 4], { seed: 2 })],
      reference: ([a, b]) => {
        const [left, right] = [unit(a as Real), unit(b as Real)];
        return Real.make([2, 3, 5], (index) => {
          const [s, i, j] = index as [number, number, number];
          return total(indices(4).map((n) => left.at([s, i, n]) * right.at([s, j, n])));
        });
      },
      length: 48,
      magnitude: 1,
    });
  });

  it('refuses the batch axis', () => {
    expect(() => dot({ axes: 0 })).toThrow(/other than 0, which is the batch/);
    expect(() => dot({ axes: [1, 2, 3] as never })).toThrow(/axes must be a whole number/);
  });
});
