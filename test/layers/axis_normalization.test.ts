import { describe, expect, it } from 'vitest';
import {
  groupNormalization,
  input,
  layerNormalization,
  rmsNormalization,
  unitNormalization,
} from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { alongAxes, Real, total } from '../support/op_reference.js';

const mean = (xs: readonly number[]) => total(xs) / xs.length;
const variance = (xs: readonly number[]) => mean(xs.map((x) => (x - mean(xs)) ** 2));

/** (x - mean) / sqrt(variance + epsilon) over the axes. */
function normalized(x: Real, axes: readonly number[], epsilon: number): Real {
  const center = alongAxes(x, axes, mean, true);
  const spread = alongAxes(x, axes, variance, true);
  return Real.make(x.shape, (index) => {
    return (x.at(index) - center.at(index)) / Math.sqrt(spread.at(index) + epsilon);
  });
}

/** x * gamma + beta, each [...] of the sizes of the axes. */
function scaled(x: Real, axes: readonly number[], gamma?: Real, beta?: Real): Real {
  return Real.make(x.shape, (index) => {
    const place = axes.map((axis) => index[axis] as number);
    return x.at(index) * (gamma?.at(place) ?? 1) + (beta?.at(place) ?? 0);
  });
}

describe('layerNormalization', () => {
  it.each([
    [{}, [2]],
    [{ axis: [1, 2], epsilon: 0.01 }, [1, 2]],
    [{ axis: 1 }, [1]],
    [{ center: false, scale: false }, [2]],
  ] as const)('with %o', (options, axes) => {
    checkLayer({
      layer: layerNormalization(options as object),
      inputs: [floats([3, 4, 5])],
      reference: ([x], [gamma, beta]) => {
        const { epsilon = 1e-3 } = options as { epsilon?: number };
        return scaled(normalized(x as Real, axes, epsilon), axes, gamma, beta);
      },
      length: 48,
      magnitude: 2,
      bad:
        'center' in options
          ? []
          : [[[[null, 6, 7]], /with \d on axis \d \(the layer was built for that\)/]],
    });
  });

  it('refuses axes that are not there', () => {
    expect(() => layerNormalization({ axis: 3 }).apply(input({ shape: [2, 2] }))).toThrow(
      /\(LayerNormalization\): axis must be a whole number in \[-3, 2\]/,
    );
    expect(() => layerNormalization({ epsilon: -1 })).toThrow(/epsilon must be a finite number/);
    expect(() => layerNormalization().apply(input({ shape: [2, null] }))).toThrow(
      /axis 2 of its input must be known/,
    );
  });
});

describe('groupNormalization', () => {
  it.each([2, 6, 1, -1])('in %i groups', (groups) => {
    const inGroup = groups === -1 ? 1 : 6 / groups;
    checkLayer({
      layer: groupNormalization({ groups }),
      inputs: [floats([2, 3, 2, 6])],
      reference: ([x], [gamma, beta]) => {
        const split = new Real([2, 3, 2, 6 / inGroup, inGroup], (x as Real).data);
        const y = normalized(split, [1, 2, 4], 1e-3);
        return scaled(new Real([2, 3, 2, 6], y.data), [3], gamma, beta);
      },
      length: 64,
      magnitude: 2,
      bad: [[[[null, 3, 2, 4]], /with 6 on axis 3/]],
    });
  });

  it('finds the channels on another axis', () => {
    checkLayer({
      layer: groupNormalization({ groups: 2, axis: 1 }),
      inputs: [floats([2, 4, 3])],
      reference: ([x], [gamma, beta]) => {
        const y = normalized(new Real([2, 2, 2, 3], (x as Real).data), [2, 3], 1e-3);
        return scaled(new Real([2, 4, 3], y.data), [1], gamma, beta);
      },
      length: 48,
      magnitude: 2,
    });
  });

  it('wants groups that divide the channels', () => {
    expect(() => groupNormalization({ groups: 0 })).toThrow(/groups must be a whole number/);
    expect(() => groupNormalization().apply(input({ shape: [8] }))).toThrow(
      /groups must divide the input's 8 channels, but got 32/,
    );
  });
});

describe('unitNormalization', () => {
  it.each([
    [-1, [2]] as const,
    [
      [1, 2],
      [1, 2],
    ] as const,
  ])('over %j', (axis, axes) => {
    checkLayer({
      layer: unitNormalization({ axis }),
      inputs: [floats([2, 3, 4])],
      reference: ([x]) => {
        const squares = alongAxes(x as Real, axes, (xs) => total(xs.map((v) => v * v)), true);
        return Real.make(
          [2, 3, 4],
          (index) => (x as Real).at(index) / Math.sqrt(squares.at(index)),
        );
      },
      length: 32,
    });
  });
});

describe('rmsNormalization', () => {
  it.each([[-1, [2]] as const, [1, [1]] as const])('over %j', (axis, axes) => {
    checkLayer({
      layer: rmsNormalization({ axis, epsilon: 0.01 }),
      inputs: [floats([2, 3, 4])],
      reference: ([x], [factor]) => {
        const squares = alongAxes(x as Real, axes, (xs) => mean(xs.map((v) => v * v)), true);
        const y = Real.make([2, 3, 4], (index) => {
          return (x as Real).at(index) / Math.sqrt(squares.at(index) + 0.01);
        });
        return scaled(y, axes, factor);
      },
      length: 32,
      magnitude: 1,
    });
  });
});
