import { describe, expect, it } from 'vitest';
import type { Value } from '../../lib/graph/ir.js';
import * as ops from '../../lib/ops/index.js';
import { convolveVolumes, overVolumes, type Steps } from '../layers/volumes.js';
import { checkOp, floats } from '../support/check_op.js';
import { Real, total } from '../support/op_reference.js';

const convolutions: [title: string, options: ops.Conv3dOptions, steps: Steps][] = [
  ['valid', {}, { out: [2, 2, 3] }],
  ['same', { padding: 'same' }, { pads: [0, 0, 0], out: [3, 3, 4] }],
  [
    'same, with strides',
    { padding: 'same', strides: [2, 1, 2] },
    { strides: [2, 1, 2], out: [2, 3, 2] },
  ],
  ['with strides', { strides: [1, 1, 2] }, { strides: [1, 1, 2], out: [2, 2, 2] }],
  [
    'dilated',
    { dilationRate: [2, 1, 2], padding: 'same' },
    { dilation: [2, 1, 2], pads: [1, 0, 1], out: [3, 3, 4] },
  ],
];

describe('ops.conv3d', () => {
  it.each(convolutions)('%s', (_, options, steps) => {
    checkOp({
      inputs: [floats([2, 3, 3, 4, 2]), floats([2, 2, 2, 2, 3], { seed: 2 })],
      op: (x: Value, weight: Value) => ops.conv3d(x, weight, options),
      reference: (x, weight) => convolveVolumes(x, weight, steps),
      length: 24,
    });
  });

  it('in groups', () => {
    checkOp({
      inputs: [floats([2, 4, 3, 3, 4]), floats([3, 2, 2, 2, 6], { seed: 2 })],
      op: (x: Value, weight: Value) => ops.conv3d(x, weight, { groups: 2 }),
      reference: (x, weight) => convolveVolumes(x, weight, { out: [2, 2, 2] }, 2),
      length: 40,
    });
  });

  it('refuses what does not fit', () => {
    const x = floats([2, 3, 3, 4, 2]);
    const weight = floats([2, 2, 2, 2, 3]);
    expect(() => ops.conv3d(floats([3, 3, 4, 2]), weight)).toThrow(
      'ops.conv3d: expected volumes of shape [batch, depth, rows, columns, channels]',
    );
    expect(() => ops.conv3d(x, floats([2, 2, 2, 3, 3]))).toThrow(
      'expected a weight of shape [depth, rows, columns, 2, filters] for x with 2 channels',
    );
    expect(() => ops.conv3d(x, floats([4, 2, 2, 2, 3]))).toThrow(
      /a window of \[4, 2, 2\] .* does not fit into a volume of \[3, 3, 4\]/,
    );
    expect(() => ops.conv3d(x, weight, { groups: 2 })).toThrow(
      '[depth, rows, columns, 1, filters]',
    );
    expect(() => ops.conv3d(x, weight, { strides: [1, 2] as never })).toThrow(
      'strides must be a whole number of at least 1 or three, [depth, rows, columns], but got [1,2]',
    );
    expect(() => ops.conv3d(x, weight, { padding: 'smae' as never })).toThrow(/padding must be/);
  });
});

const transposed: [title: string, options: ops.Conv3dTransposeOptions, size: Size][] = [
  ['valid', {}, [3, 4, 3]],
  ['same', { padding: 'same' }, [2, 2, 2]],
  ['with wide strides', { strides: [3, 1, 2] }, [6, 4, 4]],
  ['dilated', { dilationRate: [2, 1, 1] }, [4, 4, 3]],
  ['padded', { strides: [2, 1, 2], padding: 'same', outputPadding: [1, 0, 1] }, [3, 2, 3]],
];
type Size = [number, number, number];

describe('ops.conv3dTranspose', () => {
  // What a convolution's gradient by its input is: each product goes where it would have come from.
  it.each(transposed)('%s', (_, options, size) => {
    const { strides = 1, dilationRate = 1, padding } = options;
    const kernel = [2, 3, 2] as const;
    const each = (value: ops.Triple) => (typeof value === 'number' ? [value, value, value] : value);
    const pads = size.map((length, i) => {
      const [stride, apart] = [each(strides)[i] as number, each(dilationRate)[i] as number];
      const reach = ((kernel[i] as number) - 1) * apart + 1;
      if (padding !== 'same') return 0;
      return Math.floor(
        Math.max((Math.ceil(length / stride) - 1) * stride + reach - length, 0) / 2,
      );
    });
    checkOp({
      inputs: [floats([2, 2, 2, 2, 2]), floats([...kernel, 3, 2], { seed: 2 })],
      op: (x: Value, weight: Value) => ops.conv3dTranspose(x, weight, options),
      reference: (x, weight) => {
        const y = Real.make([2, ...size, 3], () => 0);
        const flat = (index: readonly number[]) =>
          index.reduce((at, i, axis) => at * (y.shape[axis] as number) + i, 0);
        Real.make([...x.shape, ...kernel, 3], (all) => {
          const [sample, channel, filter] = [all[0], all[4], all[8]] as [number, number, number];
          const [from, inside] = [all.slice(1, 4), all.slice(5, 8)];
          const to = from.map(
            (o, i) =>
              o * (each(strides)[i] as number) +
              (inside[i] as number) * (each(dilationRate)[i] as number) -
              (pads[i] as number),
          );
          if (to.some((at, i) => at < 0 || at >= (size[i] as number))) return 0;
          const at = flat([sample, ...to, filter]);
          const product =
            x.at([sample, ...from, channel]) * weight.at([...inside, filter, channel]);
          y.data[at] = (y.data[at] as number) + product;
          return 0;
        });
        return y;
      },
      length: 24,
    });
  });

  it('refuses what does not fit', () => {
    const x = floats([2, 2, 2, 2, 2]);
    expect(() => ops.conv3dTranspose(x, floats([2, 2, 2, 3, 3]))).toThrow(
      'expected a weight of shape [depth, rows, columns, filters, 2] for x with 2 channels',
    );
    expect(() => ops.conv3dTranspose(x, floats([2, 2, 2, 3, 2]), { outputPadding: 1 })).toThrow(
      'outputPadding must be less than the strides [1, 1, 1], but got 1.',
    );
  });
});

const mean = (xs: number[]) => total(xs) / xs.length;
const largest = (xs: number[]) => Math.max(...xs);

describe.each([
  ['maxPool3d', ops.maxPool3d, largest],
  ['averagePool3d', ops.averagePool3d, mean],
] as const)('ops.%s', (_, op, f) => {
  it.each([
    [{}, [2, 2, 2], { strides: [2, 2, 2], out: [2, 1, 2] }],
    [
      { poolSize: [3, 2, 1], strides: [1, 2, 1], padding: 'same' },
      [3, 2, 1],
      { pads: [1, 0, 0], strides: [1, 2, 1], out: [4, 2, 5] },
    ],
  ] as const)('with %j', (options, size, steps) => {
    checkOp({
      inputs: [floats([2, 4, 3, 5, 2])],
      op: (x: Value) => op(x, options),
      reference: (x) =>
        overVolumes(x, size, steps, 2, (places, sample, channel) =>
          f(places.map(({ at }) => x.at([sample, ...at, channel]))),
        ),
      length: 12,
    });
  });

  it('refuses what does not fit', () => {
    expect(() => op(floats([2, 4, 3, 5]))).toThrow(/expected volumes/);
    expect(() => op(floats([2, 1, 3, 5, 2]))).toThrow(/does not fit into a volume/);
    expect(() => op(floats([2, 4, 3, 5, 2]), { poolSize: 0 })).toThrow(/poolSize must be/);
  });
});

it('the gradient of ops.maxPool3d goes to the first of equals', () => {
  checkOp({
    inputs: [floats([1, 2, 2, 2, 1], { low: 1, high: 1 })],
    op: (x: Value) => ops.multiply(ops.maxPool3d(x), 2),
    // Beside it the others do not rise.
    reference: (x) => new Real([1, 1, 1, 1, 1], Float64Array.of(2 * (x.data[0] as number))),
  });
});

it('ops.upSample3d repeats elements', () => {
  checkOp({
    inputs: [floats([2, 2, 3, 2, 2])],
    op: (x: Value) => ops.upSample3d(x, { size: [2, 1, 3] }),
    reference: (x) =>
      Real.make([2, 4, 3, 6, 2], (index) => {
        const [n, d, h, w, c] = index as [number, number, number, number, number];
        return x.at([n, Math.floor(d / 2), h, Math.floor(w / 3), c]);
      }),
    length: 0,
  });
  expect(() => ops.upSample3d(floats([1, 2, 2, 2, 1]), { size: [1, 2] as never })).toThrow(
    /size must be a whole number of at least 1 or three/,
  );
});
