import { describe, expect, it } from 'vitest';
import { gradients } from '../../lib/compile/autodiff.js';
import { fuse } from '../../lib/compile/fuse.js';
import { tensor } from '../../lib/core/tensor.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import * as ops from '../../lib/ops/index.js';
import type { Pool2dOptions } from '../../lib/ops/pool2d.js';
import { checkOp, floats } from '../support/check_op.js';
import { Real, total } from '../support/op_reference.js';
import { overWindows, type Windows } from '../support/pooling_reference.js';

const mean = (xs: number[]) => total(xs) / xs.length;
const kinds = [
  ['maxPool2d', ops.maxPool2d, (xs: number[]) => Math.max(...xs)],
  ['averagePool2d', ops.averagePool2d, mean],
  ['l2Pool2d', ops.l2Pool2d, (xs: number[]) => Math.sqrt(mean(xs.map((x) => x * x)))],
] as const;

const cases: [title: string, x: number[], options: Pool2dOptions | undefined, Windows][] = [
  [
    '2 by default',
    [2, 4, 6, 3],
    undefined,
    { pool: [2, 2], strides: [2, 2], pads: [0, 0], out: [2, 3] },
  ],
  [
    '2, and a row and column left over',
    [1, 5, 7, 17],
    { poolSize: 2 },
    { pool: [2, 2], strides: [2, 2], pads: [0, 0], out: [2, 3] },
  ],
  [
    '3 stride 1: overlapping',
    [2, 5, 4, 2],
    { poolSize: 3, strides: 1 },
    { pool: [3, 3], strides: [1, 1], pads: [0, 0], out: [3, 2] },
  ],
  [
    '3 stride 2, same, odd size',
    [1, 7, 8, 2],
    { poolSize: 3, strides: 2, padding: 'same' },
    { pool: [3, 3], strides: [2, 2], pads: [1, 0], out: [4, 4] },
  ],
  [
    '2x3 stride 1x2, same',
    [1, 4, 7, 5],
    { poolSize: [2, 3], strides: [1, 2], padding: 'same' },
    { pool: [2, 3], strides: [1, 2], pads: [0, 1], out: [4, 4] },
  ],
  [
    '2 stride 3: columns between are never seen',
    [1, 7, 8, 1],
    { poolSize: 2, strides: 3, padding: 'same' },
    { pool: [2, 2], strides: [3, 3], pads: [0, 0], out: [3, 3] },
  ],
  [
    'explicit padding',
    [1, 4, 5, 9],
    {
      poolSize: 3,
      strides: 2,
      padding: [
        [1, 2],
        [2, 0],
      ],
    },
    { pool: [3, 3], strides: [2, 2], pads: [1, 2], out: [3, 3] },
  ],
  [
    'the whole image',
    [2, 3, 4, 8],
    { poolSize: [3, 4] },
    { pool: [3, 4], strides: [3, 4], pads: [0, 0], out: [1, 1] },
  ],
];

describe.each(kinds)('%s', (name, op, f) => {
  it.each(cases)('%s', (_, shape, options, g) => {
    checkOp({
      inputs: [floats(shape)],
      op: (x: never) => op(x, options),
      reference: (x) => overWindows(x, g, f),
      length: name === 'maxPool2d' ? 0 : g.pool[0] * g.pool[1] + 4,
    });
  });

  it('says what does not fit', () => {
    expect(() => op(floats([4, 4, 1]))).toThrow(
      new RegExp(`ops\\.${name}: expected images of shape .* but got \\[4, 4, 1\\]`),
    );
    expect(() => op(floats([1, 4, 4, 1]), { poolSize: 5 })).toThrow(/does not fit.*\[4, 4\]/);
    expect(() => op(floats([1, 4, 4, 1]), { poolSize: 1.5 })).toThrow(/poolSize must be.*got 1\.5/);
    expect(() => op(floats([1, 4, 4, 1]), { poolsize: 2 } as never)).toThrow(
      /Did you mean 'poolSize'\?/,
    );
  });

  it('shows NaN', () => {
    const x = tensor([1, Number.NaN, 3, 4, 1, 2, 3, 4], [1, 2, 4, 1]);
    expect([...op(x).data].map(Number.isNaN)).toEqual([true, false]);
  });
});

describe('the gradient', () => {
  it('of a maximum goes to the first of equals, of negative ones too', () => {
    const image = [-1, -1, -1, -1];
    const first = (xs: Real) => new Real([1, 1, 1, 1], Float64Array.of(xs.data[0] as number));
    checkOp({
      inputs: [tensor(image, [1, 2, 2, 1])],
      op: ops.maxPool2d,
      reference: first,
    });
  });

  it('passes relu and a bias before the maximum', () => {
    const image = floats([2, 4, 6, 3]);
    const bias = floats([3], { seed: 2 });
    checkOp({
      inputs: [image, bias],
      op: (x: Value, b: Value) => ops.maxPool2d(ops.relu(ops.add(x, b))),
      reference: (x: Real, b: Real) =>
        Real.make([2, 2, 3, 3], ([n, y, z, c]) => {
          const window = [0, 1, 2, 3].map((k) =>
            x.at([n, 2 * (y as number) + (k >> 1), 2 * (z as number) + (k & 1), c] as number[]),
          );
          return Math.max(0, Math.max(...window) + b.at([c as number]));
        }),
      atOnce: false,
    });
  });

  it('needs no more than the maxima for a bias before relu', () => {
    const graph = new Graph();
    const bias = graph.feed({ shape: [3], dtype: 'float32' });
    const x = ops.add(graph.feed({ shape: [2, 4, 6, 3], dtype: 'float32' }), bias);
    const [gradient] = gradients(ops.sum(ops.square(ops.maxPool2d(ops.relu(x)))), [bias]);
    graph.result(gradient as Value);
    const names = fuse(graph).map(({ native }) => native?.op.name);
    expect(names).not.toContain('max_pool2d_dx');
  });

  it('of l2 pooling is 0 where everything is', () => {
    const zero = (x: Real) => Real.make([x.shape[0] as number, 1, 1, 1], () => 0);
    const inputs = [tensor(new Float32Array(8), [2, 2, 2, 1])];
    checkOp({ inputs, op: ops.l2Pool2d, reference: zero });
  });
});
