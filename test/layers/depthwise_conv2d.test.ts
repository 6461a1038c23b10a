import { describe, expect, it } from 'vitest';
import {
  type DepthwiseConv2DOptions,
  depthwiseConv2d,
  get,
  input,
  separableConv2d,
} from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';
import { convolveChannels, mixChannels, type Steps } from './images.js';

const withBias = (y: Real, bias: Real | undefined) =>
  bias === undefined ? y : Real.make(y.shape, (index) => y.at(index) + bias.at(index));

const cases: [title: string, options: DepthwiseConv2DOptions, steps: Steps][] = [
  ['valid', { kernelSize: 3 }, { pads: [0, 0], strides: [1, 1], out: [3, 4] }],
  [
    'same, with steps, 2 kernels a channel',
    { kernelSize: [3, 2], strides: 2, padding: 'same', depthMultiplier: 2 },
    { pads: [1, 0], strides: [2, 2], out: [3, 3] },
  ],
  [
    'dilated, without bias',
    { kernelSize: 2, dilationRate: [2, 3], useBias: false },
    { pads: [0, 0], strides: [1, 1], dilation: [2, 3], out: [3, 3] },
  ],
];

const bad: [[(number | null)[]], RegExp][] = [
  [[[null, 5, 6, 2]], /with 3 on axis -1 .* but got \[null, 5, 6, 2\]/],
  [[[null, 30]], /\[batch, rows, columns, channels\], of rank 4, but got \[null, 30\]/],
];

describe('depthwiseConv2d', () => {
  it.each(cases)('%s', (_, options, steps) => {
    checkLayer({
      layer: depthwiseConv2d(options),
      inputs: [floats([2, 5, 6, 3])],
      reference: ([x], [kernel, bias]) =>
        withBias(convolveChannels(x as Real, kernel as Real, steps), bias),
      length: 24,
      bad,
    });
  });

  it('takes relu6', () => {
    checkLayer({
      layer: depthwiseConv2d({ kernelSize: 2, activation: 'relu6' }),
      inputs: [floats([1, 3, 4, 2])],
      reference: ([x], [kernel, bias]) => {
        const steps: Steps = { pads: [0, 0], strides: [1, 1], out: [2, 3] };
        const y = withBias(convolveChannels(x as Real, kernel as Real, steps), bias);
        return y.map((value) => Math.min(Math.max(value, 0), 6));
      },
      length: 8,
    });
  });

  it('has the names that Keras writes', () => {
    const layer = get({
      class_name: 'DepthwiseConv2D',
      config: { kernel_size: [3, 3], depth_multiplier: 2, depthwise_initializer: 'he_normal' },
    });
    const output = layer.apply(input({ shape: [8, 8, 3] }));
    expect(output).toMatchObject({ shape: [null, 6, 6, 6] });
    expect(layer.weights.map(({ name, shape }) => [name.split('/')[1], shape])).toEqual([
      ['kernel', [3, 3, 3, 2]],
      ['bias', [6]],
    ]);
    expect(layer.getConfig()).toMatchObject({
      depth_multiplier: 2,
      depthwise_initializer: { class_name: 'HeNormal' },
      depthwise_regularizer: null,
    });
  });

  it('refuses options that make no sense', () => {
    const make = (options: object) => () => depthwiseConv2d({ kernelSize: 3, ...options } as never);
    expect(make({ depthMultiplier: 0 })).toThrow(/depthMultiplier must be a whole number/);
    expect(make({ kernelInitializer: 'zeros' })).toThrow(
      "Unknown DepthwiseConv2D option 'kernelInitializer'",
    );
    expect(make({ padding: 'sam' })).toThrow("Unknown padding 'sam'. Did you mean 'same'?");
    expect(make({ dataFormat: 'channels_first' })).toThrow(/dataFormat must be 'channelsLast'/);
  });
});

describe('separableConv2d', () => {
  it.each(cases)('%s', (_, options, steps) => {
    checkLayer({
      layer: separableConv2d({ filters: 4, ...options }),
      inputs: [floats([2, 5, 6, 3])],
      reference: ([x], [depthwise, pointwise, bias]) =>
        withBias(
          mixChannels(convolveChannels(x as Real, depthwise as Real, steps), pointwise as Real),
          bias,
        ),
      length: 40,
      bad,
    });
  });

  it('regularizes each kernel and has the names that Keras writes', () => {
    const layer = separableConv2d({
      filters: 5,
      kernelSize: 3,
      depthwiseRegularizer: 'l2',
      pointwiseRegularizer: 'l1',
    });
    layer.apply(input({ shape: [8, 8, 3] }));
    expect(layer.weights.map(({ name, shape }) => [name.split('/')[1], shape])).toEqual([
      ['depthwise_kernel', [3, 3, 3, 1]],
      ['pointwise_kernel', [1, 1, 3, 5]],
      ['bias', [5]],
    ]);
    expect(layer.getConfig()).toMatchObject({
      filters: 5,
      depthwise_regularizer: { class_name: 'L2' },
      pointwise_regularizer: { class_name: 'L1' },
      pointwise_initializer: { class_name: 'GlorotUniform' },
    });
  });
});
