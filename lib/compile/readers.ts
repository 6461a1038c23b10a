import type { Graph, Node, Value } from '../graph/ir.js';
import { rootOf } from './views.js';

/** Who reads what in a graph, views resolved, of the nodes that some result needs. */
export interface Readers {
  /** The nodes that read a value. */
  of(value: Value): readonly Node[];
  /** Whether a value must exist after the step. */
  isWanted(value: Value): boolean;
}

export function findReaders(graph: Graph): Readers {
  const readers = new Map<Value, Node[]>();
  for (const node of liveNodes(graph)) {
    for (const root of node.op.kind === 'view' ? [] : new Set(node.inputs.map(rootOf))) {
      const nodes = readers.get(root) ?? [];
      nodes.push(node);
      readers.set(root, nodes);
    }
  }
  const wanted = new Set(
    [...graph.results, ...graph.updates.map(({ value }) => value)].map(rootOf),
  );
  return {
    of: (value) => readers.get(rootOf(value)) ?? [],
    isWanted: (value) => wanted.has(rootOf(value)),
  };
}

/** Nodes that results and updates depend on, in topological order. */
export function liveNodes(graph: Graph): Node[] {
  const live = new Set<Node>();
  const stack = [...graph.results, ...graph.updates.map(({ value }) => value)].map((v) => v.node);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (live.has(node)) continue;
    live.add(node);
    for (const input of node.inputs) stack.push(input.node);
  }
  return [...live].sort((a, b) => a.id - b.id);
}
