import { describe, expect, it } from 'vitest';
import { constant, glorotUniform } from '../../lib/initializers/index.js';
import { dense, input } from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { Real, total } from '../support/op_reference.js';

/** x w + b on the last axis. */
function affine(x: Real, kernel: Real, bias?: Real): Real {
  const [n, units] = kernel.shape as [number, number];
  return Real.make([...x.shape.slice(0, -1), units], (index) => {
    const unit = index.at(-1) as number;
    const row = index.slice(0, -1);
    const products = Array.from({ length: n }, (_, i) => x.at([...row, i]) * kernel.at([i, unit]));
    return total(products) + (bias?.at([unit]) ?? 0);
  });
}

describe('dense', () => {
  it('is an affine function of the last axis', () => {
    checkLayer({
      layer: dense({ units: 5 }),
      inputs: [floats([3, 7])],
      reference: ([x], [kernel, bias]) => affine(x as Real, kernel as Real, bias),
      length: 10,
      bad: [
        [[[null, 8]], /expected an input .* with 7 on axis -1 .* but got \[null, 8\]/],
        [[[null]], /of rank 2 or more, but got \[null\]/],
      ],
    });
  });

  it('takes inputs of any rank, and an activation', () => {
    checkLayer({
      layer: dense({
        units: 4,
        activation: 'tanh',
        kernelRegularizer: 'l2',
        biasInitializer: 'ones',
      }),
      inputs: [floats([2, 3, 5], { low: -1, high: 1 })],
      reference: ([x], [kernel, bias]) =>
        affine(x as Real, kernel as Real, bias).map((y) => Math.tanh(y)),
      length: 16,
    });
  });

  it('does without a bias', () => {
    checkLayer({
      layer: dense({ units: 3, useBias: false }),
      inputs: [floats([4, 6])],
      reference: ([x], [kernel]) => affine(x as Real, kernel as Real),
      length: 10,
    });
  });

  it('starts from its initializers', () => {
    const layer = dense({
      units: 3,
      kernelInitializer: glorotUniform({ seed: 1 }),
      biasInitializer: constant({ value: 0.5 }),
    });
    layer.apply(input({ shape: [4] }));
    const [kernel, bias] = layer.getWeights();
    expect(kernel?.data).toEqual(glorotUniform({ seed: 1 }).make([4, 3]).data);
    expect(bias?.toArray()).toEqual([0.5, 0.5, 0.5]);
    expect(layer.countParams()).toBe(15);
  });

  it('refuses options that make no sense', () => {
    const make = (options: object) => () => dense({ units: 2, ...options } as never);
    expect(make({ units: 0 })).toThrow(/units must be a whole number of at least 1, but got 0/);
    expect(make({ unit: 3 })).toThrow("Unknown Dense option 'unit'. Did you mean 'units'?");
    expect(make({ activation: 'rely' })).toThrow("Unknown activation 'rely'. Did you mean 'relu'?");
    expect(make({ kernelInitializer: 'he_normel' })).toThrow("Did you mean 'heNormal'?");
    expect(() => dense({ units: 2 }).apply(input({ shape: [null] }))).toThrow(/must be known/);
  });
});
