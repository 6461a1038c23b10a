import { describe, expect, it } from 'vitest';
import { gradients } from '../../lib/compile/autodiff.js';
import { compile } from '../../lib/compile/compile.js';
import { poolConvolutions } from '../../lib/compile/pool_convolutions.js';
import { sizeOf } from '../../lib/core/shape.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import type { Conv2dOptions } from '../../lib/ops/conv2d.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import type { Pool2dOptions } from '../../lib/ops/pool2d.js';
import { Program } from '../../lib/runtime/program.js';
import { checkBits, floats } from '../support/check_op.js';

type Op = (x: Value, weight: Value, bias: Value) => Value;

const variable = (shape: number[]) => new Variable(floats(shape));

const sizes = { x: [16, 12, 12, 3], weight: [5, 5, 3, 6], bias: [6] };

const pooled =
  (activation: (x: Value) => Value, conv: Conv2dOptions = {}, pool: Pool2dOptions = {}): Op =>
  (x, weight, bias) =>
    ops.maxPool2d(activation(ops.add(ops.conv2d(x, weight, conv), bias)), pool);

/** The instructions of a step that computes `op`, and its gradients if so asked. */
function instructions(op: Op, { training = false } = {}): string[] {
  const graph = new Graph();
  withGraph(graph, () => {
    const x = graph.feed({ shape: sizes.x, dtype: 'float32' });
    const weight = graph.read(variable(sizes.weight));
    const bias = graph.read(variable(sizes.bias));
    const y = op(x, weight, bias);
    graph.result(y);
    if (!training) return;
    for (const value of gradients(ops.sum(ops.square(y)), [weight, bias])) {
      graph.result(value as Value);
    }
  });
  const opcodes = new Map<string, number>();
  return compile(graph, opcodes, { winograd: false }).placement.instructions.map((i) => i.op);
}

describe('poolConvolutions', () => {
  it.each([
    ['relu', ops.relu],
    ['sigmoid', ops.sigmoid],
    ['tanh', ops.tanh],
    ['nothing', (x: Value) => x],
  ])('makes one instruction of convolution, bias, %s and pooling', (_, activation) => {
    expect(instructions(pooled(activation))).toEqual(['conv2d_max_pool2d']);
  });

  it('does so in training, too, where the gradient needs no more than the index', () => {
    const names = instructions(pooled(ops.relu), { training: true });
    expect(names).toContain('conv2d_max_pool2d');
    expect(names).not.toContain('conv2d');
    expect(names).not.toContain('max_pool2d');
  });

  it.each<[string, Op]>([
    ['a function that does not rise', pooled(ops.square)],
    ['windows that overlap', pooled(ops.relu, {}, { poolSize: 3, strides: 2 })],
    ['windows that stick out', pooled(ops.relu, {}, { poolSize: 3, padding: 'same' })],
    ['average pooling', (x, weight) => ops.averagePool2d(ops.conv2d(x, weight))],
    [
      'a convolution that others read',
      (x, weight) => {
        const y = ops.conv2d(x, weight);
        return ops.concat([ops.flatten(ops.maxPool2d(y)), ops.flatten(y)], 1);
      },
    ],
  ])('leaves alone %s', (_, op) => {
    expect(instructions(op)).toContain('conv2d');
  });

  it('pools before what came of folding a batch normalization', () => {
    const graph = new Graph();
    withGraph(graph, () => {
      const x = graph.feed({ shape: sizes.x, dtype: 'float32' });
      const [weight, scale, shift] = [sizes.weight, [6], [6]].map((shape) =>
        graph.read(variable(shape)),
      ) as [Value, Value, Value];
      const normal = ops.add(ops.multiply(ops.conv2d(x, weight), scale), shift);
      graph.result(ops.maxPool2d(ops.relu(normal)));
    });
    const { placement } = compile(graph, new Map(), { winograd: false });
    const names = placement.instructions.map((i) => i.op);
    expect(names.filter((name) => name !== 'map')).toEqual(['conv2d_max_pool2d']);
    expect(names.length - placement.prologue).toBe(1);
  });

  it.each<[string, Conv2dOptions, Pool2dOptions]>([
    ['valid', {}, {}],
    ['same', { padding: 'same' }, {}],
    ['strides', { strides: [1, 2] }, { poolSize: [3, 2] }],
    ['dilation', { dilationRate: 2 }, { poolSize: 1, strides: 2 }],
  ])('changes no bit of results and gradients: %s', (_, conv, pool) => {
    const inputs = [sizes.x, sizes.weight].map((shape, seed) => floats(shape, { seed }));
    const op = (x: Value, weight: Value) =>
      ops.maxPool2d(ops.relu(ops.conv2d(x, weight, conv)), pool);
    checkBits({ inputs, op });
  });
});

describe('poolConvolutions with minimal filtering along lines', () => {
  type Shapes = { x?: number[]; weight?: number[]; conv?: Conv2dOptions; pool?: Pool2dOptions };
  const usual = { x: [8, 28, 28, 1], weight: [5, 5, 1, 6], conv: {}, pool: {} };

  function convolution(shapes: Shapes): Graph {
    const { x, weight, conv, pool } = { ...usual, ...shapes };
    const graph = new Graph();
    withGraph(graph, () => {
      const image = graph.feed({ shape: x, dtype: 'float32' });
      const filters = graph.feed({ shape: weight, dtype: 'float32' });
      graph.result(ops.maxPool2d(ops.conv2d(image, filters, conv), pool));
    });
    return graph;
  }

  const chosen = (graph: Graph, { winograd = true, fuse = true } = {}) =>
    poolConvolutions(graph, { winograd, fuse })
      .nodes.filter((node) => node.op.name === 'conv2d_max_pool2d')
      .map((node) => node.attrs.winograd);

  it.each<[string, Shapes]>([
    ['a gray image', {}],
    ['colours and padding', { x: [2, 32, 32, 3], weight: [5, 5, 3, 8], conv: { padding: 'same' } }],
    ['a number of columns that no tile divides', { x: [4, 23, 23, 1] }],
  ])('takes 5x5 of few channels: %s', (_, shapes) => {
    expect(chosen(convolution(shapes))).toEqual([true]);
  });

  it.each<[string, Shapes]>([
    ['3x3', { weight: [3, 3, 1, 6] }],
    ['more channels', { x: [8, 28, 28, 5], weight: [5, 5, 5, 6] }],
    ['few filters', { weight: [5, 5, 1, 3] }],
    ['strides', { x: [8, 56, 56, 1], conv: { strides: 2 } }],
    ['dilation', { x: [8, 56, 56, 1], conv: { dilationRate: 2 } }],
    ['other windows', { pool: { poolSize: 3 } }],
    ['short lines', { x: [64, 19, 19, 1] }],
  ])('leaves %s alone', (_, shapes) => {
    expect(chosen(convolution(shapes))).toEqual([false]);
  });

  it('is an algorithm, chosen whether operations are fused or not', () => {
    expect(chosen(convolution({}), { fuse: false })).toEqual([true]);
    expect(chosen(convolution({ pool: { poolSize: 3 } }), { fuse: false })).toEqual([]);
  });

  // Bias and relu are done on the way, everything else by the instruction's program.
  it.each<[string, (pooled: Value, bias: Value) => Value, number[], number?]>([
    ['relu', (pooled, bias) => ops.relu(ops.add(pooled, bias)), [7]],
    ['relu, bias first', (pooled, bias) => ops.relu(ops.add(bias, pooled)), [7]],
    ['relu where there is NaN', (pooled, bias) => ops.relu(ops.add(pooled, bias)), [7], Number.NaN],
    ['relu and one bias for all', (pooled, bias) => ops.relu(ops.add(pooled, bias)), [1]],
    ['relu of a product', (pooled, bias) => ops.relu(ops.multiply(pooled, bias)), [7]],
    ['no relu', (pooled, bias) => ops.add(pooled, bias), [7]],
    ['sigmoid', (pooled, bias) => ops.sigmoid(ops.add(pooled, bias)), [7]],
    ['twice the bias', (pooled, bias) => ops.relu(ops.add(pooled, ops.add(bias, bias))), [7]],
    ['relu without bias', (pooled) => ops.relu(ops.add(pooled, pooled)), [7]],
  ])('changes no bit of what follows: %s', (_, follow, bias, first) => {
    const x = floats([4, 28, 29, 2], { seed: 3 });
    if (first !== undefined) x.data[0] = first;
    const inputs = [x, floats([5, 5, 2, 7], { seed: 4 }), floats(bias, { seed: 5 })];
    const run = (fuse: boolean) => {
      const graph = new Graph();
      withGraph(graph, () => {
        const [image, weight, values] = inputs.map(({ shape, dtype }) =>
          graph.feed({ shape, dtype }),
        ) as [Value, Value, Value];
        const y = follow(ops.maxPool2d(ops.conv2d(image, weight)), values);
        for (const value of [y, ...gradients(ops.sum(ops.square(y)), [weight])]) {
          graph.result(value as Value);
        }
      });
      const results = graph.results.map(({ shape }) => new Float32Array(sizeOf(shape)));
      const feeds = inputs.map(({ data }) => data);
      new Program(graph, { fuse }).runSync({ steps: 1, feeds, results });
      return results.map(({ buffer }) => Buffer.from(buffer).toString('base64'));
    };
    expect(run(true)).toEqual(run(false));
  });

  it('is switched off with the other convolutions of the kind', () => {
    expect(chosen(convolution({}), { winograd: false })).toEqual([false]);
    const [x, weight] = [floats([8, 28, 28, 1]), floats([5, 5, 1, 6], { seed: 2 })];
    const run = (winograd: boolean) => {
      const graph = convolution({});
      const results = graph.results.map(({ shape }) => new Float32Array(sizeOf(shape)));
      const feeds = [x.data, weight.data];
      new Program(graph, { winograd }).runSync({ steps: 1, feeds, results });
      return results[0] as Float32Array;
    };
    const direct = run(false);
    const worst = run(true).reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (direct[i] as number))),
      0,
    );
    // The bound of test/native/conv2d_max_pool2d_test.cc for factors up to 2.
    expect(worst).toBeGreaterThan(0); // it is another algorithm
    expect(worst).toBeLessThan(2 ** -23 * 86.8 * Math.sqrt(5 * 17) * 4);
  });
});
