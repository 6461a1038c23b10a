import { describe, expect, it } from 'vitest';
import { gradients } from '../../lib/compile/autodiff.js';
import type { Value } from '../../lib/graph/ir.js';
import type { Conv2dOptions } from '../../lib/ops/conv2d.js';
import * as ops from '../../lib/ops/index.js';
import { checkOp, floats } from '../support/check_op.js';
import { convolve, type Geometry, visitProducts } from '../support/convolution_reference.js';
import { Real } from '../support/op_reference.js';

interface Case {
  title: string;
  x: number[];
  weight: number[];
  options?: Conv2dOptions;
  /** What TensorFlow makes of the options, worked out by hand. */
  expected: Partial<Geometry> & Pick<Geometry, 'out'>;
}

const cases: Case[] = [
  { title: '3x3', x: [2, 5, 6, 3], weight: [3, 3, 3, 4], expected: { out: [3, 4] } },
  { title: '1x1', x: [2, 3, 4, 5], weight: [1, 1, 5, 9], expected: { out: [3, 4] } },
  { title: '5x5 of one channel', x: [1, 8, 8, 1], weight: [5, 5, 1, 5], expected: { out: [4, 4] } },
  { title: 'the whole image', x: [2, 3, 4, 2], weight: [3, 4, 2, 3], expected: { out: [1, 1] } },
  {
    title: '1x3 and 17 filters',
    x: [1, 3, 5, 2],
    weight: [1, 3, 2, 17],
    expected: { out: [3, 3] },
  },
  {
    title: '3x3, same',
    x: [1, 4, 5, 2],
    weight: [3, 3, 2, 3],
    options: { padding: 'same' },
    expected: { out: [4, 5], pads: [1, 1] },
  },
  {
    title: '4x2, same: the odd one below and on the right',
    x: [1, 5, 4, 2],
    weight: [4, 2, 2, 2],
    options: { padding: 'same' },
    expected: { out: [5, 4], pads: [1, 0] },
  },
  {
    title: '3x3 stride 2, same, even size',
    x: [1, 6, 4, 2],
    weight: [3, 3, 2, 2],
    options: { padding: 'same', strides: 2 },
    expected: { out: [3, 2], pads: [0, 0], strides: [2, 2] },
  },
  {
    title: '3x2 stride 2x3, same',
    x: [1, 5, 7, 2],
    weight: [3, 2, 2, 2],
    options: { padding: 'same', strides: [2, 3] },
    expected: { out: [3, 3], pads: [1, 0], strides: [2, 3] },
  },
  {
    title: '1x1 stride 2',
    x: [2, 5, 4, 3],
    weight: [1, 1, 3, 2],
    options: { strides: 2 },
    expected: { out: [3, 2], strides: [2, 2] },
  },
  {
    title: '2x2 stride 3: columns between are never seen',
    x: [1, 6, 7, 2],
    weight: [2, 2, 2, 3],
    options: { strides: 3 },
    expected: { out: [2, 2], strides: [3, 3] },
  },
  {
    title: 'dilation 2',
    x: [1, 7, 6, 2],
    weight: [3, 2, 2, 2],
    options: { dilationRate: 2 },
    expected: { out: [3, 4], dilation: [2, 2] },
  },
  {
    title: 'dilation 2x3, same',
    x: [1, 5, 6, 1],
    weight: [3, 2, 1, 3],
    options: { dilationRate: [2, 3], padding: 'same' },
    expected: { out: [5, 6], dilation: [2, 3], pads: [2, 1] },
  },
  {
    title: 'stride 2 and dilation 2',
    x: [1, 8, 7, 2],
    weight: [2, 3, 2, 2],
    options: { strides: 2, dilationRate: 2 },
    expected: { out: [3, 2], strides: [2, 2], dilation: [2, 2] },
  },
  {
    title: 'explicit padding on every side',
    x: [1, 4, 4, 2],
    weight: [3, 3, 2, 2],
    options: {
      padding: [
        [2, 0],
        [1, 2],
      ],
    },
    expected: { out: [4, 5], pads: [2, 1] },
  },
  {
    title: 'explicit padding 1x2',
    x: [1, 4, 3, 1],
    weight: [3, 3, 1, 2],
    options: { padding: [1, 2] },
    expected: { out: [4, 5], pads: [1, 2] },
  },
  {
    title: '2 groups',
    x: [1, 4, 5, 4],
    weight: [2, 3, 2, 6],
    options: { groups: 2 },
    expected: { out: [3, 3], groups: 2 },
  },
  {
    title: 'a group for each channel, same',
    x: [2, 3, 4, 3],
    weight: [3, 3, 1, 6],
    options: { groups: 3, padding: 'same' },
    expected: { out: [3, 4], groups: 3, pads: [1, 1] },
  },
];

function geometry({ expected }: Case): Geometry {
  return { strides: [1, 1], dilation: [1, 1], pads: [0, 0], groups: 1, ...expected };
}

describe('conv2d', () => {
  it.each(cases)('$title', (test) => {
    const g = geometry(test);
    checkOp({
      inputs: [floats(test.x), floats(test.weight, { seed: 2 })],
      op: (x: never, weight: never) => ops.conv2d(x, weight, test.options),
      reference: (x, weight) => convolve(x, weight, g),
      length: test.weight.slice(0, 3).reduce((size, dim) => size * dim, 2),
    });
  });

  it('carries bias and activation in its epilogue', () => {
    const test = cases[5] as Case;
    const g = geometry(test);
    checkOp({
      inputs: [floats(test.x), floats(test.weight, { seed: 2 }), floats([3], { seed: 3 })],
      op: (x: never, w: never, b: never) => ops.tanh(ops.add(ops.conv2d(x, w, test.options), b)),
      reference: (x, w, b) => {
        const y = convolve(x, w, g);
        return Real.make(y.shape, (index) => Math.tanh(y.at(index) + b.at(index)));
      },
      length: 40,
      magnitude: 8,
    });
  });

  it.each([cases[2], cases[8], cases[13], cases[16]] as Case[])(
    'has gradients of gradients: $title',
    (test) => {
      const g = geometry(test);
      const inputs = [
        floats(test.x),
        floats(test.weight, { seed: 2 }),
        floats([test.x[0] as number, ...g.out, test.weight[3] as number], { seed: 3 }),
      ];
      const gradient = (wrt: 0 | 1) => (x: Value, weight: Value, dy: Value) => {
        const y = ops.conv2d(x, weight, test.options);
        return gradients(ops.sum(ops.multiply(y, dy)), [wrt === 0 ? x : weight])[0];
      };
      const reference = (wrt: 0 | 1) => (x: Real, weight: Real, dy: Real) => {
        const result = Real.make((wrt === 0 ? x : weight).shape, () => 0);
        visitProducts(x.shape, weight.shape, g, (i, j, k) => {
          const [at, other] = wrt === 0 ? [i, weight.data[j]] : [j, x.data[i]];
          result.data[at] =
            (result.data[at] as number) + (other as number) * (dy.data[k] as number);
        });
        return result;
      };
      for (const wrt of [0, 1] as const) {
        checkOp({
          inputs,
          op: gradient(wrt),
          reference: reference(wrt),
          length: 60,
          atOnce: false,
        });
      }
    },
  );

  it('says what does not fit', () => {
    const x = floats([1, 4, 4, 3]);
    expect(() => ops.conv2d(floats([4, 4, 3]), floats([3, 3, 3, 2]))).toThrow(
      /ops\.conv2d: expected images of shape \[batch, rows, columns, channels\].*got \[4, 4, 3\]/,
    );
    expect(() => ops.conv2d(x, floats([3, 3, 2, 5]))).toThrow(
      /ops\.conv2d: expected a weight of shape \[rows, columns, 3, filters\].*got \[3, 3, 2, 5\]/,
    );
    expect(() => ops.conv2d(x, floats([5, 3, 3, 2]))).toThrow(
      /ops\.conv2d: a window of \[5, 3\].*does not fit into an image of \[4, 4\].*'same'/,
    );
    expect(() => ops.conv2d(x, floats([3, 3, 3, 2]), { strides: 0 })).toThrow(
      /ops\.conv2d: strides must be a whole number of at least 1.*got 0/,
    );
    expect(() => ops.conv2d(x, floats([3, 3, 3, 2]), { groups: 2 })).toThrow(
      /ops\.conv2d: groups must divide the 3 channels of x, but got 2/,
    );
    expect(() => ops.conv2d(x, floats([3, 3, 1, 4]), { groups: 3 })).toThrow(
      /ops\.conv2d: groups must divide the 4 filters of the weight, but got 3/,
    );
    expect(() => ops.conv2d(x, floats([3, 3, 3, 2]), { padding: 'full' as never })).toThrow(
      /ops\.conv2d: padding must be 'valid', 'same'.*got "full"/,
    );
    expect(() => ops.conv2d(x, floats([3, 3, 3, 2]), { padding: 3 })).toThrow(
      /ops\.conv2d: padding must be smaller than the window/,
    );
    expect(() => ops.conv2d(x, floats([3, 3, 3, 2]), { stride: 2 } as never)).toThrow(
      /Unknown ops\.conv2d option 'stride'\. Did you mean 'strides'\?/,
    );
  });
});
