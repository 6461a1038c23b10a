import { describe, expect, it } from 'vitest';
import { type Conv2DOptions, conv2d, input } from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { type Real, total } from '../support/op_reference.js';
import { overWindows, type Steps } from './images.js';

function convolve(x: Real, kernel: Real, bias: Real | undefined, steps: Steps, groups = 1): Real {
  const [rows, columns, depth, filters] = kernel.shape as [number, number, number, number];
  return overWindows(x, [rows, columns], steps, filters, (places, image, filter) => {
    const first = Math.floor((filter * groups) / filters) * depth;
    const products = places.flatMap(({ row, column, i, j }) =>
      Array.from(
        { length: depth },
        (_, k) => x.at([image, row, column, first + k]) * kernel.at([i, j, k, filter]),
      ),
    );
    return total(products) + (bias?.at([filter]) ?? 0);
  });
}

const cases: [title: string, options: Omit<Conv2DOptions, 'filters'>, steps: Steps][] = [
  ['valid', { kernelSize: 3 }, { pads: [0, 0], strides: [1, 1], out: [3, 4] }],
  [
    'same, with steps',
    { kernelSize: [3, 2], strides: [2, 1], padding: 'same', useBias: false },
    { pads: [1, 0], strides: [2, 1], out: [3, 6] },
  ],
  [
    'dilated, in groups',
    { kernelSize: 2, dilationRate: [2, 3], groups: 2 },
    { pads: [0, 0], strides: [1, 1], dilation: [2, 3], out: [3, 3] },
  ],
];

describe('conv2d', () => {
  it.each(cases)('%s', (_, options, steps) => {
    checkLayer({
      layer: conv2d({ filters: 4, ...options }),
      inputs: [floats([2, 5, 6, 2])],
      reference: ([x], [kernel, bias]) =>
        convolve(x as Real, kernel as Real, bias, steps, options.groups),
      length: 24,
      bad: [
        [[[null, 5, 6, 3]], /with 2 on axis -1 .* but got \[null, 5, 6, 3\]/],
        [[[null, 30]], /\[batch, rows, columns, channels\], of rank 4, but got \[null, 30\]/],
      ],
    });
  });

  it('takes an activation', () => {
    checkLayer({
      layer: conv2d({ filters: 3, kernelSize: 2, activation: 'relu' }),
      inputs: [floats([1, 3, 4, 2])],
      reference: ([x], [kernel, bias]) =>
        convolve(x as Real, kernel as Real, bias, {
          pads: [0, 0],
          strides: [1, 1],
          out: [2, 3],
        }).map((y) => Math.max(y, 0)),
      length: 16,
    });
  });

  it('refuses options that make no sense', () => {
    const make = (options: object) => () =>
      conv2d({ filters: 4, kernelSize: 3, ...options } as never);
    expect(make({ kernelSize: [3] })).toThrow(/kernelSize must be a number or \[rows, columns\]/);
    expect(make({ strides: 0 })).toThrow(/strides must be a whole number of at least 1, but got 0/);
    expect(make({ padding: 'sam' })).toThrow("Unknown padding 'sam'. Did you mean 'same'?");
    expect(make({ dataFormat: 'channels_first' })).toThrow(/dataFormat must be 'channelsLast'/);
    const three = input({ shape: [8, 8, 3] });
    expect(() => conv2d({ filters: 4, kernelSize: 3, groups: 2 }).apply(three)).toThrow(
      /groups must divide the input's 3 channels/,
    );
    expect(() => conv2d({ filters: 4, kernelSize: 9 }).apply(three)).toThrow(/does not fit/);
  });
});
