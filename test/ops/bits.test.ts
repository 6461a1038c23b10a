import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import type { Value } from '../../lib/graph/ir.js';
import * as ops from '../../lib/ops/index.js';
import { checkBits, floats, integers } from '../support/check_op.js';

// Inputs large enough to be shared out among threads; the results themselves are checked elsewhere.
type Case = [string, (...xs: never[]) => unknown, number[][]];

const cases: Case[] = [
  ['an element-wise chain', (x: never) => ops.gelu(ops.add(ops.exp(x), 1)), [[257, 1025]]],
  [
    'rows and columns',
    (a: never, b: never) => ops.multiply(a, b),
    [
      [1500, 1],
      [1, 190],
    ],
  ],
  [
    'turns',
    (a: never, b: never) => ops.add(a, b),
    [
      [40, 1, 33, 1],
      [40, 50, 1, 7],
    ],
  ],
  ['sum of all', (x: never) => ops.sum(x), [[700, 431]]],
  ['sum over rows', (x: never) => ops.sum(x, 0), [[5000, 33]]],
  ['sum over columns', (x: never) => ops.sum(x, 1), [[333, 1000]]],
  ['sum in the middle', (x: never) => ops.sum(x, 1), [[20, 300, 45]]],
  ['max', (x: never) => ops.max(x, [0, 2]), [[50, 30, 90]]],
  ['variance', (x: never) => ops.variance(x, [0, 1]), [[64, 64, 17]]],
  [
    'matmul',
    (a: never, b: never) => ops.matmul(a, b),
    [
      [300, 257],
      [257, 129],
    ],
  ],
  [
    'tall matmul',
    (a: never, b: never) => ops.relu(ops.matmul(a, b)),
    [
      [3000, 20],
      [20, 10],
    ],
  ],
  [
    'batches of matmul',
    (a: never, b: never) => ops.matmul(a, b),
    [
      [30, 33, 40],
      [30, 40, 35],
    ],
  ],
  [
    'conv2d',
    (x: never, w: never) => ops.conv2d(x, w),
    [
      [16, 28, 28, 3],
      [5, 5, 3, 20],
    ],
  ],
  [
    'strided conv2d',
    (x: never, w: never) => ops.conv2d(x, w, { strides: 2, padding: 'same' }),
    [
      [8, 33, 31, 8],
      [3, 3, 8, 12],
    ],
  ],
  ['maxPool2d', (x: never) => ops.maxPool2d(x), [[16, 24, 24, 20]]],
  [
    'overlapping pools',
    (x: never) =>
      ops.add(
        ops.averagePool2d(x, { poolSize: 3, strides: 2 }),
        ops.l2Pool2d(x, { poolSize: 3, strides: 2 }),
      ),
    [[8, 25, 25, 20]],
  ],
  ['transpose', (x: never) => ops.transpose(x, [2, 0, 1]), [[65, 70, 75]]],
  [
    'concat',
    (a: never, b: never) => ops.concat([a, b]),
    [
      [1500, 33],
      [1500, 70],
    ],
  ],
  [
    'slice and pad',
    (x: never) =>
      ops.pad(ops.slice(x, [3, 5], [900, 90]), [
        [1, 2],
        [3, 4],
      ]),
    [[1000, 100]],
  ],
  ['softmax', (x: never) => ops.softmax(x), [[3000, 33]]],
  ['logSoftmax', (x: never) => ops.logSoftmax(x, 1), [[30, 33, 100]]],
  [
    'softmaxCrossEntropy',
    (x: never, z: never) => ops.softmaxCrossEntropy(x, z),
    [
      [4000, 10],
      [4000, 10],
    ],
  ],
  [
    'sigmoidCrossEntropy',
    (x: never, z: never) => ops.sigmoidCrossEntropy(x, z),
    [
      [400, 200],
      [400, 200],
    ],
  ],
  [
    'batchNormalization',
    (x: never) => {
      const { mean, variance } = ops.moments(x, 0);
      return ops.batchNormalization(x, mean, variance);
    },
    [[2000, 65]],
  ],
];

describe('no bit depends on threads, memory plan or fusion', () => {
  it.each(cases)('%s', (_, op, shapes) => {
    const inputs = shapes.map((shape, i) => floats(shape, { low: -1, high: 1, seed: i + 1 }));
    // Fused or not, moments that are taken at once are the same sums.
    const { y } = checkBits({ inputs, op });
    expect(y.every(Number.isFinite)).toBe(true);
  });

  it('gather', () => {
    const indices = integers([5000], 0, 300);
    checkBits({ inputs: [floats([300, 65])], op: (x: never) => ops.gather(x, indices) });
    checkBits({ inputs: [floats([20, 300, 9])], op: (x: never) => ops.gather(x, indices, 1) });
  });

  it('a whole network', () => {
    const labels = integers([32], 0, 10);
    const network = (...values: never[]) => {
      const [x, w1, b1, w2, b2, w3, b3] = values as unknown as Value[] as [
        Value,
        Value,
        Value,
        Value,
        Value,
        Value,
        Value,
      ];
      const scaled = ops.multiply(ops.subtract(x, 0.5), 2);
      const first = ops.maxPool2d(ops.relu(ops.add(ops.conv2d(scaled, w1), b1)));
      const { mean, variance } = ops.moments(first, [0, 1, 2]);
      const normal = ops.batchNormalization(first, mean, variance);
      const second = ops.tanh(ops.add(ops.matmul(ops.flatten(ops.dropout(normal, 0.3)), w2), b2));
      const joined = ops.concat([second, ops.square(second)]);
      return ops.softmaxCrossEntropy(ops.add(ops.matmul(joined, w3), b3), labels);
    };
    const shapes = [[32, 20, 20, 1], [5, 5, 1, 8], [8], [512, 33], [33], [66, 10], [10]];
    const inputs = shapes.map((shape, seed) => floats(shape, { low: -0.2, high: 0.2, seed }));
    const { y, gradients } = checkBits({ inputs, op: network, atOnce: false });
    expect(y.every(Number.isFinite)).toBe(true);
    for (const gradient of gradients) expect(gradient.some((v) => v !== 0)).toBe(true);
  });

  it('integers', () => {
    const inputs = [integers([300, 400], -1000, 1000), integers([400], 1, 9)];
    checkBits({ inputs, op: (a: never, b: never) => ops.sum(ops.floorDivide(a, b), 0) });
    const bytes = tensor(
      new Uint8Array(100_000).map((_, i) => i % 251),
      [100, 1000],
    );
    checkBits({ inputs: [bytes], op: (x: never) => ops.multiply(x, 1 / 255) });
  });
});
