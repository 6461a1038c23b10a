import { describe, expect, it } from 'vitest';
import { elu, input, leakyReLU, prelu, reLU, softmax } from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { alongAxes, elementwise, Real, total } from '../support/op_reference.js';

describe('reLU', () => {
  it.each([
    [{}, (x: number) => Math.max(x, 0)],
    [{ maxValue: 1 }, (x: number) => Math.min(Math.max(x, 0), 1)],
    [{ negativeSlope: 0.25 }, (x: number) => (x > 0 ? x : 0.25 * x)],
    [{ threshold: 0.25 }, (x: number) => (x > 0.25 ? x : 0)],
    [
      { maxValue: 1, negativeSlope: 0.25, threshold: 0.125 },
      (x: number) => (x > 0.125 ? Math.min(x, 1) : 0.25 * (x - 0.125)),
    ],
  ])('with %o', (options, f) => {
    checkLayer({
      layer: reLU(options),
      inputs: [floats([5, 7], { low: -0.25, high: 1.25 })],
      reference: ([x]) => (x as Real).map(f),
    });
  });

  it('refuses numbers below 0', () => {
    expect(() => reLU({ maxValue: -1 })).toThrow(/maxValue must be a finite number of at least 0/);
    expect(() => reLU({ negativeSlope: -1 })).toThrow(/negativeSlope must be/);
    expect(() => reLU({ threshold: Number.NaN })).toThrow(/threshold must be/);
  });
});

describe('leakyReLU', () => {
  it('has a slope of 0.3 by default', () => {
    checkLayer({
      layer: leakyReLU(),
      inputs: [floats([3, 7])],
      reference: ([x]) => (x as Real).map((v) => (v > 0 ? v : 0.3 * v)),
    });
  });
});

describe('elu', () => {
  it('tends to -alpha', () => {
    checkLayer({
      layer: elu({ alpha: 0.5 }),
      inputs: [floats([3, 7])],
      reference: ([x]) => (x as Real).map((v) => (v > 0 ? v : 0.5 * Math.expm1(v))),
      length: 8,
    });
  });
});

describe('prelu', () => {
  const slope = elementwise(
    (x, alpha) => ((x as number) > 0 ? x : (alpha as number) * x) as number,
  );

  it('has a slope for each place', () => {
    checkLayer({
      layer: prelu({ alphaInitializer: 'ones' }),
      inputs: [floats([4, 3, 2])],
      reference: ([x], [alpha]) => slope(x as Real, alpha as Real),
      bad: [
        [[[null, 3]], /expected an input \[batch, ...\], of rank 3/],
        [[[null, 3, 3]], /with 2 on axis 2/],
      ],
    });
  });

  it('shares slopes along axes', () => {
    const layer = prelu({ sharedAxes: [1, 2] });
    checkLayer({
      layer,
      inputs: [floats([2, 3, 4, 2])],
      reference: ([x], [alpha]) => slope(x as Real, alpha as Real),
      bad: [[[[null, 3, 4, 3]], /with 2 on axis 3/]],
    });
    expect(layer.weights[0]?.shape).toEqual([1, 1, 2]);
  });

  it('refuses axes that are not there', () => {
    expect(() => prelu({ sharedAxes: 0 })).toThrow(/sharedAxes must be a whole number/);
    expect(() => prelu({ sharedAxes: 3 }).apply(input({ shape: [2, 2] }))).toThrow(
      /sharedAxes must lie in \[1, 2\] for an input of rank 3/,
    );
  });
});

describe('softmax', () => {
  it.each([1, -1])('along axis %i', (axis) => {
    checkLayer({
      layer: softmax({ axis }),
      inputs: [floats([2, 3, 4])],
      reference: ([x]) => {
        const sums = alongAxes(
          x as Real,
          [axis + (axis < 0 ? 3 : 0)],
          (xs) => total(xs.map(Math.exp)),
          true,
        );
        return Real.make([2, 3, 4], (index) => Math.exp((x as Real).at(index)) / sums.at(index));
      },
      length: 16,
    });
  });

  it('refuses a list of axes', () => {
    expect(() => softmax({ axis: [1, 2] as never })).toThrow(/axis must be a whole number/);
  });
});
