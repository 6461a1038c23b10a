import { describe, expect, it } from 'vitest';
import * as layers from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { alongAxes, Real, total } from '../support/op_reference.js';
import { convolveVolumes, overVolumes, type Steps } from './volumes.js';

const ofRank = (rank: number) =>
  new RegExp(`\\[batch, depth, rows, columns, channels\\], of rank ${rank}`);

const convolutions: [title: string, options: object, steps: Steps, groups?: number][] = [
  ['valid', { kernelSize: 2 }, { out: [2, 2, 3] }],
  [
    'same, with strides and groups',
    { kernelSize: [1, 3, 2], strides: [1, 2, 1], padding: 'same', groups: 2, useBias: false },
    { pads: [0, 1, 0], strides: [1, 2, 1], out: [3, 2, 4] },
    2,
  ],
];

describe('conv3d', () => {
  it.each(convolutions)('%s', (_, options, steps, groups) => {
    checkLayer({
      layer: layers.conv3d({ filters: 4, ...options } as layers.Conv3DOptions),
      inputs: [floats([2, 3, 3, 4, 2])],
      reference: ([x], [kernel, bias]) => {
        const y = convolveVolumes(x as Real, kernel as Real, steps, groups);
        return Real.make(y.shape, (index) => y.at(index) + (bias?.at([index[4] as number]) ?? 0));
      },
      length: 24,
      bad: [
        [[[null, 3, 3, 4, 3]], /with 2 on axis -1 .* but got \[null, 3, 3, 4, 3\]/],
        [[[null, 3, 3, 4]], ofRank(5)],
      ],
    });
  });

  it('takes volumes of any size', () => {
    const x = layers.input({ shape: [null, null, 8, 3] });
    const y = layers.conv3d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(x);
    expect(y.shape).toEqual([null, null, null, 8, 4]);
  });

  it('refuses options that make no sense', () => {
    const make = (options: object) => () =>
      layers.conv3d({ filters: 4, kernelSize: 3, ...options } as never);
    expect(make({ kernelSize: [3, 3] })).toThrow(
      'kernelSize must be a number or [depth, rows, columns], but got [3,3].',
    );
    expect(make({ padding: 'causal' })).toThrow("Unknown padding 'causal'. Known: valid, same.");
    expect(make({ dataFormat: 'channels_first', name: 'c' })).toThrow(
      "Layer 'c' (Conv3D): dataFormat must be 'channelsLast', [batch, depth, rows, columns, channels], " +
        "but got 'channels_first'. Bring data of [batch, channels, depth, rows, columns] into this " +
        'order with ops.transpose(x, [0, 2,3,4, 1])',
    );
    expect(() => make({ groups: 2 })().apply(layers.input({ shape: [8, 8, 8, 3] }))).toThrow(
      /groups must divide the input's 3 channels/,
    );
  });
});

describe('conv3dTranspose', () => {
  it('is the gradient of a convolution', () => {
    checkLayer({
      layer: layers.conv3dTranspose({ filters: 3, kernelSize: [2, 1, 2], strides: 2 }),
      inputs: [floats([2, 2, 2, 2, 2])],
      // With strides as large as the kernel, each output has one place in each window.
      reference: ([x], [kernel, bias]) =>
        Real.make([2, 4, 4, 4, 3], ([n, d, h, w, filter]) => {
          const [i, j, k] = [d, h, w].map((at) => (at as number) % 2) as [number, number, number];
          const from = [d, h, w].map((at) => Math.floor((at as number) / 2));
          const products = [0, 1].map(
            (c) =>
              (x as Real).at([n as number, ...from, c]) *
              (kernel as Real).at([i, 0, k, filter as number, c]),
          );
          return (j === 0 ? total(products) : 0) + (bias as Real).at([filter as number]);
        }),
      length: 8,
      bad: [
        [[[null, 3, 3, 4, 3]], /with 2 on axis -1 .* but got \[null, 3, 3, 4, 3\]/],
        [[[null, 3, 3, 4]], ofRank(5)],
      ],
    });
  });

  it('refuses options that make no sense', () => {
    const extra = { outputPadding: 2, strides: 2 };
    expect(() => layers.conv3dTranspose({ filters: 3, kernelSize: 2, ...extra })).toThrow(
      /outputPadding must be a whole number of at least 0 and less than the strides \[2, 2, 2\]/,
    );
  });
});

const mean = (xs: number[]) => total(xs) / xs.length;
const largest = (xs: number[]) => Math.max(...xs);

describe.each([
  ['maxPooling3d', layers.maxPooling3d, largest],
  ['averagePooling3d', layers.averagePooling3d, mean],
] as const)('%s', (_, factory, f) => {
  it.each([
    [{}, [2, 2, 2], { strides: [2, 2, 2], out: [2, 1, 2] }],
    [
      { poolSize: [3, 2, 1], strides: [2, 1, 1], padding: 'same' },
      [3, 2, 1],
      { pads: [0, 0, 0], strides: [2, 1, 1], out: [2, 3, 4] },
    ],
  ] as const)('with %j', (options, size, steps) => {
    checkLayer({
      layer: factory(options),
      inputs: [floats([2, 4, 3, 4, 2])],
      reference: ([x]) =>
        overVolumes(x as Real, size, steps, 2, (places, sample, channel) =>
          f(places.map(({ at }) => (x as Real).at([sample, ...at, channel]))),
        ),
      length: 12,
      bad: [[[[null, 3, 4, 2]], ofRank(5)]],
    });
  });

  it('refuses options that make no sense', () => {
    expect(() => factory({ poolSize: [2, 2] as never })).toThrow(
      'poolSize must be a number or [depth, rows, columns], but got [2,2].',
    );
    expect(() => factory({ dataFormat: 'channelsFirst' as never })).toThrow(
      /must be 'channelsLast'/,
    );
  });
});

describe.each([
  ['globalMaxPooling3d', layers.globalMaxPooling3d, largest],
  ['globalAveragePooling3d', layers.globalAveragePooling3d, mean],
] as const)('%s', (_, factory, f) => {
  it.each([false, true])('keepdims %s', (keepdims) => {
    checkLayer({
      layer: factory({ keepdims }),
      inputs: [floats([2, 2, 3, 2, 2])],
      reference: ([x]) => alongAxes(x as Real, [1, 2, 3], f, keepdims),
      length: 16,
      bad: [[[[null, 3, 2]], ofRank(5)]],
    });
  });
});

describe('upSampling3d', () => {
  it.each([
    [{}, [2, 2, 2]],
    [{ size: [1, 3, 2] }, [1, 3, 2]],
  ] as const)('with %j', (options, by) => {
    checkLayer({
      layer: layers.upSampling3d(options),
      inputs: [floats([2, 2, 2, 3, 2])],
      reference: ([x]) =>
        Real.make([2, 2 * by[0], 2 * by[1], 3 * by[2], 2], ([n, d, h, w, c]) =>
          (x as Real).at([
            n as number,
            ...[d, h, w].map((at, i) => Math.floor((at as number) / (by[i] as number))),
            c as number,
          ]),
        ),
      length: 0,
      bad: [[[[null, 3, 4, 2]], ofRank(5)]],
    });
  });
});

/** x moved by `before` in a volume of that size, 0 where it does not reach. */
const moved = (x: Real, before: readonly number[], size: readonly number[]) =>
  Real.make([x.shape[0] as number, ...size, x.shape.at(-1) as number], (index) => {
    const at = index.map((i, axis) => i - (before[axis - 1] ?? 0));
    return at.every((i, axis) => i >= 0 && i < (x.shape[axis] as number)) ? x.at(at) : 0;
  });

describe('zeroPadding3d', () => {
  it.each([
    [{}, [1, 1, 1], [4, 5, 4]],
    [{ padding: [0, 2, [1, 3]] }, [0, 2, 1], [2, 7, 6]],
  ] as const)('with %j', (options, before, size) => {
    checkLayer({
      layer: layers.zeroPadding3d(options),
      inputs: [floats([2, 2, 3, 2, 2])],
      reference: ([x]) => moved(x as Real, before, size),
      length: 0,
      bad: [[[[null, 3, 4, 2]], ofRank(5)]],
    });
  });

  it('refuses options that make no sense', () => {
    expect(() => layers.zeroPadding3d({ padding: [1, 2] as never })).toThrow(
      'padding must be a number, [depth, rows, columns] or [[front, back], [top, bottom], [left, ' +
        'right]], but got [1,2].',
    );
  });
});

describe('cropping3d', () => {
  it.each([
    [{}, [1, 1, 1], [1, 2, 1]],
    [{ cropping: [0, 1, [1, 0]] }, [0, 1, 1], [3, 2, 2]],
  ] as const)('with %j', (options, before, size) => {
    checkLayer({
      layer: layers.cropping3d(options),
      inputs: [floats([2, 3, 4, 3, 2])],
      reference: ([x]) =>
        moved(
          x as Real,
          before.map((n) => -n),
          size,
        ),
      length: 0,
      bad: [[[[null, 3, 4, 2]], ofRank(5)]],
    });
  });
});

it('cropping3d refuses to leave nothing', () => {
  const layer = layers.cropping3d({ cropping: [0, 2, [1, 0]] });
  expect(() => layer.apply(layers.input({ shape: [3, 4, 3, 2] }))).toThrow(
    /cropping of \[\[0,0\],\[2,2\],\[1,0\]\] leaves nothing of .* \[null, 3, 4, 3, 2\]/,
  );
});

describe('zeroPadding1d', () => {
  it.each([
    [{}, 1, 5],
    [{ padding: 2 }, 2, 7],
    [{ padding: [0, 3] }, 0, 6],
  ] as const)('with %j', (options, before, size) => {
    const layer = layers.zeroPadding1d(options);
    checkLayer({
      layer,
      inputs: [floats([2, 3, 2])],
      reference: ([x]) => moved(x as Real, [before], [size]),
      length: 0,
      bad: [[[[null, 2]], /\[batch, time, channels\], of rank 3/]],
    });
    expect(layer.getConfig()).toMatchObject({ padding: [before, size - 3 - before] });
  });

  it('refuses options that make no sense', () => {
    expect(() => layers.zeroPadding1d({ padding: [1, 2, 3] as never })).toThrow(
      'padding must be a number, [first, last], but got [1,2,3].',
    );
  });
});

it('layers refuse channels in front', () => {
  const { spatialDropout2d, spatialDropout3d, zeroPadding1d, upSampling3d } = layers;
  const dataFormat = 'channels_first' as never;
  const axes = '[batch, depth, rows, columns, channels]';
  expect(() => spatialDropout2d({ rate: 0.5, dataFormat })).toThrow(
    '[batch, rows, columns, channels]',
  );
  expect(() => spatialDropout3d({ rate: 0.5, dataFormat })).toThrow(axes);
  expect(() => zeroPadding1d({ dataFormat })).toThrow(
    "'channelsLast', [batch, time, channels], but",
  );
  expect(() => upSampling3d({ dataFormat })).toThrow(axes);
  expect(spatialDropout3d({ rate: 0.5, dataFormat: 'channelsLast' }).getConfig()).toMatchObject({
    data_format: 'channels_last',
  });
});
