import { describe, expect, it } from 'vitest';
import { type Conv2DTransposeOptions, conv2dTranspose, input } from '../../lib/layers/index.js';
import * as ops from '../../lib/ops/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

interface Steps {
  pads: readonly [number, number];
  strides: readonly [number, number];
  dilation?: readonly [number, number];
  out: readonly [number, number];
}

type Seven = [number, number, number, number, number, number, number];

/** Each element of x, times the kernel, added to the places that it reaches. */
function scatter(x: Real, kernel: Real, bias: Real | undefined, steps: Steps): Real {
  const { pads, strides, dilation = [1, 1], out } = steps;
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const [kh, kw, filters] = kernel.shape as [number, number, number];
  const y = Real.make([n, ...out, filters], ([, , , f]) => bias?.at([f as number]) ?? 0);
  Real.make([n, h, w, kh, kw, c, filters], (index) => {
    const [b, row, column, i, j, k, f] = index as Seven;
    const r = row * strides[0] + i * dilation[0] - pads[0];
    const s = column * strides[1] + j * dilation[1] - pads[1];
    if (r < 0 || r >= out[0] || s < 0 || s >= out[1]) return 0;
    const place = ((b * out[0] + r) * out[1] + s) * filters + f;
    const product = x.at([b, row, column, k]) * kernel.at([i, j, f, k]);
    y.data[place] = (y.data[place] as number) + product;
    return 0;
  });
  return y;
}

const cases: [title: string, options: Omit<Conv2DTransposeOptions, 'filters'>, steps: Steps][] = [
  ['valid', { kernelSize: 3 }, { pads: [0, 0], strides: [1, 1], out: [5, 6] }],
  [
    'same, with steps',
    { kernelSize: [3, 2], strides: [2, 1], padding: 'same', useBias: false },
    { pads: [0, 0], strides: [2, 1], out: [6, 4] },
  ],
  [
    'steps larger than the kernel',
    { kernelSize: 2, strides: 3 },
    { pads: [0, 0], strides: [3, 3], out: [9, 12] },
  ],
  [
    'dilated',
    { kernelSize: 2, dilationRate: [2, 3] },
    { pads: [0, 0], strides: [1, 1], dilation: [2, 3], out: [5, 7] },
  ],
  [
    'padded after',
    { kernelSize: 3, strides: 2, padding: 'same', outputPadding: [0, 1] },
    { pads: [1, 0], strides: [2, 2], out: [5, 8] },
  ],
];

describe('conv2dTranspose', () => {
  it.each(cases)('%s', (_, options, steps) => {
    checkLayer({
      layer: conv2dTranspose({ filters: 3, ...options }),
      inputs: [floats([2, 3, 4, 2])],
      reference: ([x], [kernel, bias]) => scatter(x as Real, kernel as Real, bias, steps),
      length: 24,
      bad: [
        [[[null, 3, 4, 3]], /with 2 on axis -1 .* but got \[null, 3, 4, 3\]/],
        [[[null, 30]], /of rank 4, but got \[null, 30\]/],
      ],
    });
  });

  it('knows the shape of images of any size', () => {
    const y = conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2 }).apply(
      input({ shape: [null, 4, 2] }),
    );
    expect(y.shape).toEqual([null, null, 9, 3]);
  });

  it('refuses options that make no sense', () => {
    const make = (options: object) => () =>
      conv2dTranspose({ filters: 4, kernelSize: 3, ...options } as never);
    expect(make({ strides: 2, outputPadding: 2 })).toThrow(
      /outputPadding must be a whole number of at least 0 and less than the strides \[2, 2\]/,
    );
    expect(make({ padding: 'causal' })).toThrow(/Unknown padding 'causal'/);
    expect(() => ops.conv2dTranspose(floats([1, 2, 2, 3]), floats([2, 2, 3, 4]))).toThrow(
      /expected a weight of shape \[rows, columns, filters, 3\]/,
    );
    const more = () =>
      ops.conv2dTranspose(floats([1, 2, 2, 3]), floats([2, 2, 4, 3]), { outputPadding: 1 });
    expect(more).toThrow(/outputPadding must be less than the strides \[1, 1\]/);
  });
});
