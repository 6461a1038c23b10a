import { describe, expect, it } from 'vitest';
import { compile } from '../../lib/compile/compile.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import { Program } from '../../lib/runtime/program.js';
import { floats } from '../support/check_op.js';

/** tanh(x weight), and what the step does beside it. */
function product(x: number[], weight: Variable, beside?: (graph: Graph) => void): Graph {
  const graph = new Graph();
  withGraph(graph, () => {
    const fed = graph.feed({ shape: x, dtype: 'float32' });
    graph.result(ops.tanh(ops.matmul(fed, graph.read(weight))));
    beside?.(graph);
  });
  return graph;
}

const matrix = (rows: number, columns: number) => new Variable(floats([rows, columns]));

const compiled = (graph: Graph) => {
  const { placement } = compile(graph, new Map());
  return { ...placement, names: placement.instructions.map(({ op }) => op) };
};

describe('packWeights', () => {
  it('packs a weight once for all steps', () => {
    const { names, prologue } = compiled(product([64, 300], matrix(300, 20)));
    expect(names).toEqual(['pack_matrix', 'packed_matmul']);
    expect(prologue).toBe(1);
  });

  it.each<[string, Graph]>([
    ['few rows', product([8, 300], matrix(300, 20))],
    ['a weight too large to have twice', product([64, 2000], matrix(2000, 1000))],
    [
      'a program that changes weights',
      product([64, 300], matrix(300, 20), (graph) => {
        const other = matrix(2, 2);
        graph.update(other, ops.multiply(graph.read(other), 2));
      }),
    ],
  ])('leaves alone %s', (_, graph) => {
    expect(compiled(graph).names).toContain('matmul');
  });

  it('leaves alone what is fed', () => {
    const graph = new Graph();
    withGraph(graph, () => {
      const [a, b] = [
        [64, 30],
        [30, 20],
      ].map((shape) => graph.feed({ shape, dtype: 'float32' })) as [Value, Value];
      graph.result(ops.matmul(a, b));
    });
    expect(compiled(graph).names).toEqual(['matmul']);
  });

  it('gives the product, of the weight as it is now', () => {
    const weight = matrix(5, 3);
    const program = new Program(product([32, 5], weight));
    const x = floats([32, 5], { seed: 3 });
    for (const factor of [1, -2]) {
      weight.assign(ops.multiply(floats([5, 3]), factor));
      const y = new Float32Array(32 * 3);
      program.runSync({ steps: 1, feeds: [x.data], results: [y] });
      const expected = ops.tanh(ops.matmul(x, weight.value));
      y.forEach((value, i) => {
        expect(value).toBeCloseTo(expected.data[i] as number, 5);
      });
    }
  });
});
