import { type Shape, sizeOf } from '../core/shape.js';
import type { Graph, Node, Value } from '../graph/ir.js';
import { rewrite } from '../graph/rewrite.js';
import { conv2dMaxPool2dGradient } from '../ops/conv2d_max_pool2d.js';
import { areDisjoint, maxPoolDxOp } from '../ops/pool2d.js';

/**
 * Computes the gradients of a convolution that feeds a max pooling from the maxima alone. All other
 * outputs have none, so that of windows of 2x2 elements a quarter of the work remains, and the
 * gradient by what was pooled need not be stored.
 *
 * Like Winograd's algorithm this adds up in another order than the plain one. The choice depends on
 * shapes alone.
 */
export function poolGradients(graph: Graph): Graph {
  return rewrite(graph, (node, inputs, _, find) => {
    const dy = outputGradient(node);
    if (dy?.node.op !== maxPoolDxOp || !pays(node, dy.node)) return undefined;
    const other = inputs.find((_, i) => node.inputs[i] !== dy) as Value;
    const [pooled, index] = dy.node.inputs.map(find) as [Value, Value];
    return [conv2dMaxPool2dGradient([pooled, index, other], { node, unpool: dy.node })];
  });
}

/** Of a gradient of a convolution, the gradient by the convolution's output that it is made of. */
function outputGradient({ op, inputs }: Node): Value | undefined {
  if (op.name === 'conv2d_dx') return inputs[0];
  return op.name === 'conv2d_dweight' ? inputs[1] : undefined;
}

/**
 * Whether the maxima alone take less time: where they are a quarter of the elements or less, images
 * stay in cache, and there are enough of them for threads to share.
 */
function pays(node: Node, unpool: Node): boolean {
  const { dilation, groups } = node.attrs as { dilation: Shape; groups: number };
  const elements = sizeOf(unpool.attrs.pool as Shape);
  const image = node.op.name === 'conv2d_dx' ? node.output.shape : (node.inputs[0] as Value).shape;
  const pooled = (unpool.inputs[0] as Value).shape;
  return (
    areDisjoint(unpool, unpool.output.shape, pooled) &&
    elements >= 4 &&
    elements <= 256 &&
    groups === 1 &&
    dilation[1] === 1 &&
    sizeOf(image.slice(1)) <= 1 << 16 &&
    sizeOf(unpool.output.shape.slice(1)) <= 1 << 16 &&
    (image[0] as number) >= 8
  );
}
