import { sizeOf } from '../core/shape.js';
import type { Graph, Node, Value } from '../graph/ir.js';
import { rewrite } from '../graph/rewrite.js';
import { packedMatmul } from '../ops/packed_matmul.js';
import { weightsAlone } from './weights_alone.js';

/** A packed weight is a second copy: of so many elements at most, 4 MiB. */
const mostElements = 2 ** 20;
/** Packing pays for the rows that share it. */
const fewestRows = 32;

/**
 * Packs the weights of products once, not at every step, in a program that changes none; `hoist`
 * then moves the packing to the front.
 */
export function packWeights(graph: Graph): Graph {
  if (graph.updates.length > 0) return graph;
  const fixed = weightsAlone(graph);
  const pays = ({ op, inputs, attrs, outputs }: Node) => {
    if (op.name !== 'matmul' || attrs.transA === true) return false;
    const [a, b] = inputs as [Value, Value];
    const [batch, rows] = (outputs[0] as Value).shape as [number, number];
    const isShared = fixed.has(b) && !fixed.has(a) && batch === 1;
    return isShared && rows >= fewestRows && sizeOf(b.shape) <= mostElements;
  };
  if (!graph.nodes.some(pays)) return graph;
  return rewrite(graph, (node, [a, b]) =>
    pays(node) ? [packedMatmul(a as Value, b as Value, node.attrs.transB === true)] : undefined,
  );
}
