import { describe, expect, it } from 'vitest';
import { gradients } from '../../lib/compile/autodiff.js';
import { compile } from '../../lib/compile/compile.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import type { Conv2dOptions } from '../../lib/ops/conv2d.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import type { Pool2dOptions } from '../../lib/ops/pool2d.js';
import { checkOp, floats } from '../support/check_op.js';
import { convolve, type Geometry } from '../support/convolution_reference.js';
import { overWindows, type Windows } from '../support/pooling_reference.js';

const plain = { strides: [1, 1], dilation: [1, 1], pads: [0, 0], groups: 1 } satisfies Omit<
  Geometry,
  'out'
>;

interface Case {
  n?: number;
  size?: number;
  conv?: Conv2dOptions;
  pool?: Pool2dOptions;
}

/** The operations of a step that computes the gradients of pool(conv(x)) by x and weight. */
function operations({ n = 16, size = 12, conv = {}, pool = {} }: Case): string[] {
  const graph = new Graph();
  withGraph(graph, () => {
    const x = graph.read(new Variable(floats([n, size, size, 2])));
    const weight = graph.read(new Variable(floats([3, 3, 2 / (conv.groups ?? 1), 4])));
    const y = ops.maxPool2d(ops.conv2d(x, weight, conv), pool);
    for (const value of gradients(ops.sum(ops.square(y)), [x, weight])) {
      graph.result(value as Value);
    }
  });
  return compile(graph, new Map(), { winograd: false }).placement.instructions.map((i) => i.op);
}

describe('poolGradients', () => {
  it.each<[string, Case]>([
    ['2x2 windows', {}],
    ['padding', { conv: { padding: 'same' } }],
    ['strides', { conv: { strides: 2 }, pool: { poolSize: [4, 1] } }],
    ['lines apart', { conv: { dilationRate: [2, 1] } }],
  ])('computes both gradients from the maxima: %s', (_, options) => {
    const found = operations(options);
    expect(found).toContain('conv2d_max_pool2d_dx');
    expect(found).toContain('conv2d_max_pool2d_dweight');
    expect(found).not.toContain('max_pool2d_dx');
  });

  it.each<[string, Case]>([
    ['windows that overlap', { pool: { poolSize: 3, strides: 2 } }],
    ['windows of two elements', { pool: { poolSize: [1, 2] } }],
    ['few images', { n: 4 }],
    ['large images', { n: 8, size: 200 }],
    ['groups', { conv: { groups: 2 } }],
    ['columns apart', { conv: { dilationRate: 2 } }],
  ])('leaves alone %s', (_, options) => {
    expect(operations(options)).toContain('max_pool2d_dx');
  });

  it('keeps the gradient of what was pooled where others read it', () => {
    const graph = new Graph();
    withGraph(graph, () => {
      const x = graph.read(new Variable(floats([16, 12, 12, 2])));
      const weight = graph.read(new Variable(floats([3, 3, 2, 4])));
      const z = ops.conv2d(x, weight);
      const found = gradients(ops.sum(ops.maxPool2d(z)), [weight, z]);
      for (const value of found) graph.result(value as Value);
    });
    const { instructions } = compile(graph, new Map(), { winograd: false }).placement;
    const found = instructions.map((i) => i.op);
    expect(found).toContain('conv2d_max_pool2d_dweight');
    expect(found).toContain('max_pool2d_dx');
  });

  it.each<[string, Conv2dOptions, Geometry, Pool2dOptions, Windows]>([
    [
      '2x2 windows',
      {},
      { ...plain, out: [4, 4] },
      {},
      { pool: [2, 2], strides: [2, 2], pads: [0, 0], out: [2, 2] },
    ],
    [
      'padding',
      { padding: 'same' },
      { ...plain, pads: [1, 1], out: [6, 6] },
      { poolSize: 3 },
      { pool: [3, 3], strides: [3, 3], pads: [0, 0], out: [2, 2] },
    ],
    [
      'strides and lines apart',
      { strides: [1, 2], dilationRate: [2, 1] },
      { ...plain, strides: [1, 2], dilation: [2, 1], out: [2, 2] },
      {},
      { pool: [2, 2], strides: [2, 2], pads: [0, 0], out: [1, 1] },
    ],
  ])('agrees with a float64 reference and finite differences: %s', (_, conv, g, pool, windows) => {
    checkOp({
      inputs: [floats([8, 6, 6, 2]), floats([3, 3, 2, 3], { seed: 2 })],
      op: (x: never, weight: never) => ops.maxPool2d(ops.conv2d(x, weight, conv), pool),
      reference: (x, weight) =>
        overWindows(convolve(x, weight, g), windows, (xs) => Math.max(...xs)),
      length: 20,
      atOnce: false,
    });
  });
});
