import type { Shape } from '../core/shape.js';
import type { Graph, Node, Value } from '../graph/ir.js';
import { rewrite } from '../graph/rewrite.js';
import { conv2dMaxPool2d } from '../ops/conv2d_max_pool2d.js';
import { withGraph } from '../ops/define.js';
import { areDisjoint, maxPoolOp, risingFunction } from '../ops/pool2d.js';
import { prefersWinogradLines } from './choose_convolutions.js';
import { findReaders, type Readers } from './readers.js';

/**
 * Makes a convolution and the max pooling behind it one operation, which never stores all that the
 * convolution gives, where nothing else reads that. What stands between the two and can follow the
 * pooling does: `ops.maxPool2d` has seen to that already, but for what came of folding a batch
 * normalization.
 *
 * @param options.winograd whether Winograd's algorithm may be used.
 * @param options.fuse whether to do so also where nothing but the memory it takes changes.
 */
export function poolConvolutions(
  graph: Graph,
  { winograd, fuse }: { winograd: boolean; fuse: boolean },
): Graph {
  const readers = findReaders(graph);
  const found = graph.nodes.flatMap((node) => {
    const pooled = pooledConvolution(node, readers, winograd);
    return pooled !== undefined && (fuse || pooled.winograd) ? [[node, pooled] as const] : [];
  });
  if (found.length === 0) return graph;
  const pooledBy = new Map(found);
  return rewrite(graph, (pool, _, made, find) => {
    const pooled = pooledBy.get(pool);
    if (pooled === undefined) return undefined;
    const { conv, between, index, winograd } = pooled;
    made.scope = conv.scope;
    const operands = conv.inputs.map(find) as [Value, Value];
    const [y, ...rest] = conv2dMaxPool2d(operands, { conv, pool, index, winograd });
    const of = (x: Value, value: Value) => risingFunction(value)?.of(x, find) as Value;
    return [withGraph(made, () => between.reduceRight(of, y as Value)), ...rest];
  });
}

interface Pooled {
  readonly conv: Node;
  /** Functions of the convolution that can follow the pooling, last first. */
  readonly between: readonly Value[];
  /** Whether someone reads where the maxima were. */
  readonly index: boolean;
  /** Whether it is computed by minimal filtering along lines. */
  readonly winograd: boolean;
}

/** The convolution that a max pooling works on, if the two can be one. */
function pooledConvolution(pool: Node, readers: Readers, winograd: boolean): Pooled | undefined {
  if (pool.op !== maxPoolOp) return undefined;
  if (!areDisjoint(pool, (pool.inputs[0] as Value).shape, pool.output.shape)) return undefined;
  const isRead = (value: Value) => readers.of(value).length > 0 || readers.isWanted(value);
  const index = isRead(pool.outputs[1] as Value);
  const between: Value[] = [];
  let x = pool.inputs[0] as Value;
  for (;;) {
    if (readers.of(x).length > 1 || readers.isWanted(x)) return undefined;
    const rising = risingFunction(x);
    if (rising === undefined) break;
    between.push(x);
    x = rising.x;
  }
  const conv = x.node;
  const isPlain = conv.op.name === 'conv2d' && conv.attrs.groups === 1;
  if (!isPlain || !hasEnoughPixels(x.shape)) return undefined;
  return { conv, between, index, winograd: winograd && prefersLines(conv, pool) };
}

function prefersLines(conv: Node, pool: Node): boolean {
  const { pool: size, strides } = pool.attrs as Record<string, Shape>;
  return prefersWinogradLines(conv, pool.output.shape, [...(size as Shape), ...(strides as Shape)]);
}

/** Pixels are what threads share; where there are few, a convolution alone shares out filters. */
function hasEnoughPixels([n, rows, columns]: Shape): boolean {
  return (n as number) * (rows as number) * (columns as number) >= 1024;
}
