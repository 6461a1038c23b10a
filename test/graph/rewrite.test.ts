import { describe, expect, it } from 'vitest';
import { Tensor } from '../../lib/core/tensor.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import { rewrite } from '../../lib/graph/rewrite.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';

function sample() {
  const graph = new Graph();
  const weight = new Variable(new Tensor(new Float32Array(3), [3]), { name: 'weight' });
  withGraph(graph, () => {
    const x = graph.feed({ shape: [2, 3], dtype: 'float32' }, true);
    const scale = graph.feed({ shape: [], dtype: 'float32' });
    const y = graph.within('layer', () => ops.relu(ops.add(ops.multiply(x, scale), weight)));
    graph.result(ops.sum(y));
    graph.result(y);
    graph.update(weight, ops.multiply(weight, 2));
  });
  return { graph, weight };
}

const shown = ({ nodes }: Graph) =>
  nodes.map(
    ({ op, scope, outputs }) => `${scope}:${op.name}${outputs.map(({ shape }) => `[${shape}]`)}`,
  );

describe('rewrite', () => {
  it('copies what nothing replaces, with feeds, results, updates and scopes', () => {
    const { graph, weight } = sample();
    const copy = rewrite(graph, () => undefined);
    expect(shown(copy)).toEqual(shown(graph));
    expect(copy.feeds.map(({ indexed, value }) => [indexed, value.shape])).toEqual([
      [true, [2, 3]],
      [false, []],
    ]);
    expect(copy.results.map(({ shape }) => shape)).toEqual([[], [2, 3]]);
    expect(copy.updates[0]?.variable).toBe(weight);
    for (const { graph: owner } of copy.nodes) expect(owner).toBe(copy);
  });

  it('lets later nodes read what a node is replaced by', () => {
    const { graph } = sample();
    const relu = graph.nodes.find(({ op }) => op.name === 'relu');
    const changed = rewrite(graph, (node, [x]) =>
      node === relu ? [ops.tanh(x as Value)] : undefined,
    );
    const names = changed.nodes.map(({ op }) => op.name);
    expect(names).toContain('tanh');
    expect(names).not.toContain('relu');
    expect(changed.results[1]?.node.op.name).toBe('tanh');
  });
});
