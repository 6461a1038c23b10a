import { describe, expect, it } from 'vitest';
import { type Conv1DOptions, conv1d, input } from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { Real, total } from '../support/op_reference.js';

interface Steps {
  pad?: number;
  stride?: number;
  dilation?: number;
  groups?: number;
  time: number;
}

function convolve(x: Real, kernel: Real, bias: Real | undefined, steps: Steps): Real {
  const { pad = 0, stride = 1, dilation = 1, groups = 1 } = steps;
  const [batch, length] = x.shape as [number, number];
  const [size, depth, filters] = kernel.shape as [number, number, number];
  return Real.make([batch, steps.time, filters], (index) => {
    const [b, t, filter] = index as [number, number, number];
    const first = Math.floor((filter * groups) / filters) * depth;
    const products = Array.from({ length: size * depth }, (_, n) => {
      const [i, k] = [Math.floor(n / depth), n % depth];
      const at = t * stride + i * dilation - pad;
      if (at < 0 || at >= length) return 0;
      return x.at([b, at, first + k]) * kernel.at([i, k, filter]);
    });
    return total(products) + (bias?.at([filter]) ?? 0);
  });
}

const cases: [title: string, options: Omit<Conv1DOptions, 'filters'>, steps: Steps][] = [
  ['valid', { kernelSize: 3 }, { time: 5 }],
  ['same', { kernelSize: 3, strides: 2, padding: 'same' }, { pad: 1, stride: 2, time: 4 }],
  ['causal', { kernelSize: 3, padding: 'causal' }, { pad: 2, time: 7 }],
  [
    'causal, dilated, in groups',
    { kernelSize: 3, padding: 'causal', dilationRate: 2, groups: 2, useBias: false },
    { pad: 4, dilation: 2, groups: 2, time: 7 },
  ],
];

describe('conv1d', () => {
  it.each(cases)('%s', (_, options, steps) => {
    checkLayer({
      layer: conv1d({ filters: 4, ...options }),
      inputs: [floats([2, 7, 2])],
      reference: ([x], [kernel, bias]) => convolve(x as Real, kernel as Real, bias, steps),
      length: 12,
      bad: [
        [[[null, 7, 3]], /with 2 on axis -1 .* but got \[null, 7, 3\]/],
        [[[null, 30]], /\[batch, time, channels\], of rank 3, but got \[null, 30\]/],
      ],
    });
  });

  it('takes sequences of any length', () => {
    const y = conv1d({ filters: 4, kernelSize: 3, padding: 'causal' }).apply(
      input({ shape: [null, 2] }),
    );
    expect(y.shape).toEqual([null, null, 4]);
  });

  it('refuses options that make no sense', () => {
    const make = (options: object) => () =>
      conv1d({ filters: 4, kernelSize: 3, ...options } as never);
    expect(make({ kernelSize: [3, 3] })).toThrow(
      /kernelSize must be a number or \[time\], but got \[3,3\]/,
    );
    expect(make({ padding: 'casual' })).toThrow("Did you mean 'causal'?");
    expect(() => make({ groups: 2 })().apply(input({ shape: [8, 3] }))).toThrow(
      /groups must divide the input's 3 channels/,
    );
  });
});
