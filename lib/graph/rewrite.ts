import { feedOp, Graph, type Node, type Value } from './ir.js';

/**
 * What a node becomes: its outputs, made in `graph` of the inputs there, or undefined to copy it.
 * `find` tells what any earlier value has become.
 */
export type Replace = (
  node: Node,
  inputs: readonly Value[],
  graph: Graph,
  find: (value: Value) => Value,
) => readonly Value[] | undefined;

/** The same computation with some nodes replaced; feeds, results and updates keep their order. */
export function rewrite(graph: Graph, replace: Replace): Graph {
  const made = new Graph();
  const values = new Map<Value, Value>();
  const find = (value: Value) => values.get(value) as Value;
  const copy = (node: Node): readonly Value[] => {
    if (node.variable !== undefined) return [made.read(node.variable)];
    if (node.op === feedOp) {
      return [made.feed(node.output, graph.feeds[node.attrs.feed as number]?.indexed)];
    }
    const inputs = node.inputs.map(find);
    return replace(node, inputs, made, find) ?? made.add(node.op, inputs, node.attrs).outputs;
  };
  for (const node of graph.nodes) {
    made.scope = node.scope;
    copy(node).forEach((output, i) => {
      values.set(node.outputs[i] as Value, output);
    });
  }
  made.scope = '';
  made.results.push(...graph.results.map(find));
  for (const { variable, value } of graph.updates) made.update(variable, find(value));
  return made;
}
