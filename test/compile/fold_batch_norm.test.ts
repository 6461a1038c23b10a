import { describe, expect, it } from 'vitest';
import { foldBatchNorm } from '../../lib/compile/fold_batch_norm.js';
import { fuse } from '../../lib/compile/fuse.js';
import { linearize } from '../../lib/compile/linearize.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import '../../lib/runtime/evaluate.js';
import { Program } from '../../lib/runtime/program.js';
import { floats } from '../support/check_op.js';

const weight = (shape: number[], low: number, high: number, seed: number) =>
  new Variable(floats(shape, { low, high, seed }), { name: `weight${seed}` });

/** Batch normalization of x by running statistics. */
function normalized(x: Value, channels: number): Value {
  const [mean, variance, beta, gamma] = [
    weight([channels], -1, 1, 2),
    weight([channels], 0.5, 2, 3),
    weight([channels], -1, 1, 4),
    weight([channels], -1, 1, 5),
  ] as const;
  return ops.batchNormalization(x, mean, variance, beta, gamma);
}

const x = floats([2, 6, 6, 4]);
const rows = floats([7, 5]);
const filters = weight([3, 3, 4, 6], -0.2, 0.2, 1);
const grouped = weight([3, 3, 2, 6], -0.2, 0.2, 1);
const kernel = weight([5, 6], -0.5, 0.5, 1);
const bias = weight([6], -1, 1, 6);

type Build = (x: Value) => Value;

function build(input: typeof x, make: Build): Graph {
  const graph = new Graph();
  withGraph(graph, () => graph.result(make(graph.feed(input))));
  return graph;
}

function run(input: typeof x, make: Build, fold: boolean): Float32Array {
  const graph = build(input, make);
  const y = new Float32Array((graph.results[0] as Value).shape.reduce((a, b) => a * b, 1));
  new Program(graph, { fold }).runSync({
    steps: 1,
    feeds: [input.data],
    results: [y],
    guard: true,
  });
  return y;
}

/** The instruction that makes the product, with its epilogue. */
function products(graph: Graph): (number | undefined)[] {
  return linearize(fuse(graph))
    .filter(({ native }) => ['conv2d', 'matmul'].includes(native?.op.name ?? ''))
    .map(({ program }) => program?.instructions.length);
}

const same = { padding: 'same' as const };

describe('foldBatchNorm', () => {
  it.each<[string, typeof x, (number | undefined)[], Build]>([
    ['a convolution', x, [1], (v) => normalized(ops.conv2d(v, filters, same), 6)],
    ['groups', x, [1], (v) => normalized(ops.conv2d(v, grouped, { ...same, groups: 2 }), 6)],
    ['a bias', x, [1], (v) => normalized(ops.add(ops.conv2d(v, filters, same), bias), 6)],
    ['a dense layer', rows, [1], (v) => normalized(ops.add(ops.matmul(v, kernel), bias), 6)],
    ['relu behind', x, [2], (v) => ops.relu(normalized(ops.conv2d(v, filters, same), 6))],
    [
      'a sum of two',
      x,
      [undefined, 3],
      (v) =>
        ops.add(
          normalized(ops.conv2d(v, filters, same), 6),
          normalized(ops.conv2d(ops.relu(v), filters, same), 6),
        ),
    ],
  ])('leaves one addition of %s', (_, input, instructions, make) => {
    const graph = build(input, make);
    expect(products(foldBatchNorm(graph))).toEqual(instructions);
    const [folded, plain] = [run(input, make, true), run(input, make, false)];
    // Each of at most 36 products is rounded twice more by its factor, which like the offset is some
    // roundings off. Factors are below 1.5, weights 0.5 and x 2, all else on the way below 8.
    const tolerance = 2 ** -23 * ((36 + 8) * 36 * 2 * 0.5 * 1.5 + 8 * 8);
    folded.forEach((y, i) => {
      expect(Math.abs(y - (plain[i] as number))).toBeLessThanOrEqual(tolerance);
    });
  });

  it.each<[string, typeof x, Build]>([
    ['an activation comes between', x, (v) => normalized(ops.relu(ops.conv2d(v, filters)), 6)],
    [
      'another reads the product',
      x,
      (v) => {
        const y = ops.conv2d(v, filters);
        return ops.add(normalized(y, 6), ops.relu(y));
      },
    ],
    [
      'the factors depend on the input',
      x,
      (v) => {
        const y = ops.conv2d(v, filters);
        const { mean, variance } = ops.moments(y, [0, 1, 2]);
        return ops.batchNormalization(y, mean, variance);
      },
    ],
    ['only a bias is added', x, (v) => ops.add(ops.conv2d(v, filters), bias)],
    [
      'factors are not of the channels',
      x,
      (v) => ops.multiply(ops.conv2d(v, filters), weight([4, 1], 0, 1, 8)),
    ],
    ['the weights are fed', x, (v) => normalized(ops.conv2d(v, ops.reshape(v, [3, 3, 4, 8])), 8)],
  ])('leaves the graph alone where %s', (_, input, make) => {
    const graph = build(input, make);
    expect(foldBatchNorm(graph)).toBe(graph);
  });

  it('keeps products whose value is a result', () => {
    const graph = build(x, (v) => {
      const y = ops.conv2d(v, filters);
      v.node.graph.result(y);
      return normalized(y, 6);
    });
    expect(foldBatchNorm(graph)).toBe(graph);
  });

  it('shows NaN and infinities of x', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const bad = rows.data.slice();
      bad[0] = value;
      const y = run(
        { ...rows, data: bad } as never,
        (v) => normalized(ops.matmul(v, kernel), 6),
        true,
      );
      expect([...y.slice(0, 6)].every((element) => !Number.isFinite(element))).toBe(true);
      expect([...y.slice(6)].every(Number.isFinite)).toBe(true);
    }
  });
});
