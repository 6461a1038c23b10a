import { sameShape, sizeOf } from '../core/shape.js';
import type { Graph, Node, Value } from '../graph/ir.js';
import { rewrite } from '../graph/rewrite.js';
import { add, multiply, subtract } from '../ops/binary.js';
import { broadcastPattern } from '../ops/broadcast.js';
import { withGraph } from '../ops/define.js';
import { reshape } from '../ops/reshape.js';
import { findReaders } from './readers.js';
import { rootOf } from './views.js';
import { weightsAlone } from './weights_alone.js';

/** A product and the element-wise nodes behind it that only add to its channels or scale them. */
interface Chain {
  readonly product: Node;
  readonly nodes: readonly Node[];
}

/**
 * Moves factors of a product's channels into its weights, and what is added into one offset, where
 * they depend on weights alone and nothing else reads the product: ((x w + b) - mean) * factor + beta
 * is x (w * factor) + ((b - mean) * factor + beta). So batch normalization costs nothing outside of
 * training but a bias.
 *
 * @returns the graph itself where there is nothing to fold.
 */
export function foldBatchNorm(graph: Graph): Graph {
  const ends = new Map(findChains(graph).map((chain) => [chain.nodes.at(-1), chain]));
  if (ends.size === 0) return graph;
  return rewrite(graph, (node, _, copy, find) => {
    const chain = ends.get(node);
    return chain && [withGraph(copy, () => fold(copy, chain, find))];
  });
}

function findChains(graph: Graph): Chain[] {
  const readers = findReaders(graph);
  const fixed = weightsAlone(graph);
  return graph.nodes.flatMap((product) => {
    if (!hasChannelWeights(product, fixed)) return [];
    const nodes: Node[] = [];
    for (let last = product; ; last = nodes.at(-1) as Node) {
      const [reader, ...others] = readers.of(last.output);
      if (reader === undefined || others.length > 0 || readers.isWanted(last.output)) break;
      if (!isAffine(reader, last.output, product, fixed)) break;
      nodes.push(reader);
    }
    const scales = nodes.some((node) => node.op.name === 'mul' && sizeOf(rowOf(node).shape) > 1);
    return scales ? [{ product, nodes }] : [];
  });
}

/** Whether the last axis of the product is the last of weights that are nothing but weights. */
function hasChannelWeights({ op, inputs, attrs }: Node, fixed: ReadonlySet<Value>): boolean {
  if (op.name !== 'conv2d' && op.name !== 'matmul') return false;
  const [x, weight] = inputs as [Value, Value];
  return attrs.transB !== true && fixed.has(weight) && !fixed.has(x);
}

/** Whether a node adds to the channels of `value`, or scales them. */
function isAffine(node: Node, value: Value, { output }: Node, fixed: ReadonlySet<Value>): boolean {
  if (!['add', 'sub', 'mul'].includes(node.op.name) || node.output.dtype !== 'float32')
    return false;
  if (sizeOf(node.output.shape) !== sizeOf(output.shape)) return false;
  if (node.op.name === 'sub' && rootOf(node.inputs[0] as Value) !== value) return false;
  const row = rowOf(node);
  const pattern = broadcastPattern(row.shape, node.output.shape);
  const isRow = pattern?.div === 1 && [1, output.shape.at(-1)].includes(pattern.mod);
  return fixed.has(row) && isRow;
}

/** The operand of an affine node that is not what it works on. */
function rowOf({ inputs }: Node): Value {
  const [a, b] = inputs as [Value, Value];
  return sizeOf(a.shape) < sizeOf(b.shape) ? a : b;
}

function fold(copy: Graph, { product, nodes }: Chain, of: (value: Value) => Value): Value {
  let factor: Value | undefined;
  let offset: Value | undefined;
  for (const node of nodes) {
    const row = of(rowOf(node));
    // Along the last axis, whatever the shape of the product had been.
    const size = sizeOf(row.shape);
    const channels = reshape(row, size === 1 ? [] : [size]);
    if (node.op.name === 'mul') {
      factor = factor && multiply(factor, channels);
      factor ??= channels;
      offset &&= multiply(offset, channels);
    } else if (node.op.name === 'add') {
      offset = offset === undefined ? channels : add(offset, channels);
    } else {
      offset = subtract(offset ?? 0, channels);
    }
  }
  const [x, weight] = product.inputs.map(of) as [Value, Value];
  const scaled = multiply(weight, factor as Value);
  const y = copy.add(product.op, [x, scaled], product.attrs).output;
  const moved = offset === undefined ? y : add(y, offset);
  const { shape } = (nodes.at(-1) as Node).output;
  return sameShape(moved.shape, shape) ? moved : reshape(moved, shape);
}
