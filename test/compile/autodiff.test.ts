import { describe, expect, it } from 'vitest';
import { gradients } from '../../lib/compile/autodiff.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import * as ops from '../../lib/ops/index.js';
import { Program } from '../../lib/runtime/program.js';

/** Runs a graph of feeds once and returns each result. */
function run(graph: Graph, feeds: number[][], results: Value[]): number[][] {
  for (const value of results) graph.result(value);
  const out = results.map((value) => new Float32Array(value.shape.reduce((a, b) => a * b, 1)));
  const program = new Program(graph);
  program.runSync({ steps: 1, feeds: feeds.map((f) => Float32Array.from(f)), results: out });
  return out.map((array) => [...array]);
}

const spec = (...shape: number[]) => ({ shape, dtype: 'float32' as const });

describe('gradients', () => {
  it('adds up every path through which a value is used', () => {
    const graph = new Graph();
    const x = graph.feed(spec(3));
    // d/dx sum(x * x + 3 x) = 2 x + 3
    const y = ops.sum(ops.add(ops.multiply(x, x), ops.multiply(x, 3)));
    const [dx] = gradients(y, [x]) as [Value];
    expect(run(graph, [[1, 2, -4]], [dx])).toEqual([[5, 7, -5]]);
  });

  it('sums the gradient of a broadcast operand over its copies', () => {
    const graph = new Graph();
    const x = graph.feed(spec(2, 3));
    const row = graph.feed(spec(3));
    const column = graph.feed(spec(2, 1));
    const y = ops.sum(ops.multiply(ops.add(x, row), column));
    const grads = gradients(y, [row, column]) as [Value, Value];
    expect(grads.map((value) => value.shape)).toEqual([[3], [2, 1]]);
    const x0 = [1, 2, 3, 4, 5, 6];
    expect(run(graph, [x0, [10, 20, 30], [1, -1]], grads)).toEqual([
      [0, 0, 0],
      [66, 75],
    ]);
  });

  it('is undefined for a value that does not matter', () => {
    const graph = new Graph();
    const x = graph.feed(spec(2));
    const other = graph.feed(spec(2));
    expect(gradients(ops.sum(ops.exp(x)), [other])).toEqual([undefined]);
  });

  it('ends at integers, which have no slope', () => {
    const graph = new Graph();
    const x = graph.feed(spec(2, 2));
    const y = ops.cast(ops.argmax(x, 1), 'float32');
    expect(gradients(ops.sum(y), [x])).toEqual([undefined]);
  });

  it('names the operation and the layer that have no gradient', () => {
    const graph = new Graph();
    const x = graph.feed(spec(2, 2));
    const y = graph.within('top', () => ops.relu(x));
    const [dx] = gradients(ops.sum(y), [x]) as [Value];
    expect(() => gradients(ops.sum(dx), [x])).toThrow(
      /relu_grad has no gradient \(in 'gradient\/top'\)/,
    );
  });
});
