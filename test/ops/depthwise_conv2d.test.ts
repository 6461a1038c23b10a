import { describe, expect, it } from 'vitest';
import * as ops from '../../lib/ops/index.js';
import { convolveChannels, mixChannels, type Steps } from '../layers/images.js';
import { checkOp, floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

interface Case {
  title: string;
  x: number[];
  weight: number[];
  options?: ops.DepthwiseConv2dOptions;
  /** What TensorFlow makes of the options, worked out by hand. */
  steps: Steps;
}

const steps = (given: Partial<Steps> & Pick<Steps, 'out'>): Steps => ({
  pads: [0, 0],
  strides: [1, 1],
  ...given,
});

const cases: Case[] = [
  { title: '3x3', x: [2, 5, 6, 3], weight: [3, 3, 3, 1], steps: steps({ out: [3, 4] }) },
  { title: 'one channel', x: [1, 4, 4, 1], weight: [2, 2, 1, 3], steps: steps({ out: [3, 3] }) },
  {
    title: '17 channels, same',
    x: [1, 4, 5, 17],
    weight: [3, 3, 17, 1],
    options: { padding: 'same' },
    steps: steps({ out: [4, 5], pads: [1, 1] }),
  },
  {
    title: '2 kernels a channel, stride 2, same',
    x: [1, 6, 5, 3],
    weight: [3, 2, 3, 2],
    options: { padding: 'same', strides: 2 },
    steps: steps({ out: [3, 3], pads: [0, 0], strides: [2, 2] }),
  },
  {
    title: 'stride 2x3 and dilation 2x1',
    x: [1, 7, 8, 4],
    weight: [3, 3, 4, 1],
    options: { strides: [2, 3], dilationRate: [2, 1] },
    steps: steps({ out: [2, 2], strides: [2, 3], dilation: [2, 1] }),
  },
];

describe('depthwiseConv2d', () => {
  it.each(cases)('$title', ({ x, weight, options, steps }) => {
    checkOp({
      inputs: [floats(x), floats(weight, { seed: 2 })],
      op: (a: never, b: never) => ops.depthwiseConv2d(a, b, options),
      reference: (a, b) => convolveChannels(a, b, steps),
      // A weight's gradient adds up the positions.
      length: Math.max(9, (x[0] as number) * steps.out[0] * steps.out[1]),
    });
  });

  it('carries bias and relu6 in its epilogue', () => {
    const { x, weight, options, steps } = cases[3] as Case;
    checkOp({
      inputs: [floats(x), floats(weight, { seed: 2 }), floats([6], { seed: 3 })],
      op: (a: never, b: never, c: never) =>
        ops.relu6(ops.add(ops.depthwiseConv2d(a, b, options), c)),
      reference: (a, b, c) => {
        const y = convolveChannels(a, b, steps);
        return Real.make(y.shape, (index) => Math.min(Math.max(y.at(index) + c.at(index), 0), 6));
      },
      length: 16,
    });
  });

  it('says what does not fit', () => {
    const x = floats([1, 4, 4, 3]);
    expect(() => ops.depthwiseConv2d(floats([4, 4, 3]), floats([3, 3, 3, 1]))).toThrow(
      /ops\.depthwiseConv2d: expected images .* but got \[4, 4, 3\]/,
    );
    expect(() => ops.depthwiseConv2d(x, floats([3, 3, 1, 3]))).toThrow(
      /ops\.depthwiseConv2d: expected a weight of shape \[rows, columns, 3, multiplier\].*got \[3, 3, 1, 3\]/,
    );
    expect(() => ops.depthwiseConv2d(x, floats([3, 3, 3, 1]), { groups: 3 } as never)).toThrow(
      /Unknown ops\.depthwiseConv2d option 'groups'/,
    );
  });
});

describe('separableConv2d', () => {
  it('is a depthwise convolution and one of 1x1', () => {
    const { x, weight, options, steps } = cases[3] as Case;
    checkOp({
      inputs: [floats(x), floats(weight, { seed: 2 }), floats([1, 1, 6, 5], { seed: 3 })],
      op: (a: never, b: never, c: never) => ops.separableConv2d(a, b, c, options),
      reference: (a, b, c) => mixChannels(convolveChannels(a, b, steps), c),
      length: 6 + 9,
    });
  });

  it('says what does not fit', () => {
    const x = floats([1, 4, 4, 3]);
    const depthwise = floats([3, 3, 3, 2]);
    expect(() => ops.separableConv2d(x, floats([3, 3, 2, 2]), floats([1, 1, 6, 4]))).toThrow(
      /ops\.separableConv2d: expected a weight of shape \[rows, columns, 3, multiplier\]/,
    );
    expect(() => ops.separableConv2d(x, depthwise, floats([1, 1, 3, 4]))).toThrow(
      /expected a pointwise weight of shape \[1, 1, 6, filters\], but got \[1, 1, 3, 4\]/,
    );
  });
});
