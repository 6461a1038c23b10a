import { LugeError } from '../core/errors.js';
import { type Shape, sameShape } from '../core/shape.js';
import type { Node, Value } from '../graph/ir.js';
import { add } from '../ops/binary.js';
import { broadcastTo } from '../ops/broadcast.js';
import { sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';

/**
 * The gradients of the sum of `y` with respect to each of `wrt`; undefined where `y` does not
 * depend on it. One reverse walk over the graph: the chain rule, with each operation's own rule
 * (`op.vjp`) and the sum over every path. It knows no operation by name.
 *
 * @throws LugeError UNSUPPORTED when a path leads through an operation without a gradient.
 */
export function gradients(y: Value, wrt: readonly Value[]): (Value | undefined)[] {
  const { graph } = y.node;
  const order = graph.nodes.slice(0, y.node.id + 1);
  const needed = dependents(order, wrt);
  const adjoints = new Map<Value, Value>();
  graph.within('gradient', () => {
    adjoints.set(y, broadcastTo(graph.constant(1), y.shape));
    for (const node of order.reverse()) {
      const dys = node.outputs.map((output) => adjoints.get(output));
      if (!needed.has(node) || dys.every((dy) => dy === undefined)) continue;
      if (node.inputs.length === 0) continue;
      graph.within(node.scope, () => accumulate(node, dys, needed, adjoints));
    }
  });
  return wrt.map((value) => adjoints.get(value));
}

/** Adds to the adjoints of a node's inputs what its rule gives. */
function accumulate(
  node: Node,
  dys: readonly (Value | undefined)[],
  needed: ReadonlySet<Node>,
  adjoints: Map<Value, Value>,
): void {
  if (node.op.vjp === undefined) {
    throw new LugeError(
      'UNSUPPORTED',
      `ops.${node.op.name} has no gradient${node.scope === '' ? '' : ` (in '${node.scope}')`}.`,
    );
  }
  const parts = node.op.vjp(node, dys);
  node.inputs.forEach((input, i) => {
    const part = parts[i];
    if (part === undefined || !needed.has(input.node)) return;
    const dx = unbroadcast(part, input.shape);
    const before = adjoints.get(input);
    adjoints.set(input, before === undefined ? dx : add(before, dx));
  });
}

/** The nodes through which `wrt` reaches later nodes, and the nodes of `wrt` themselves. */
function dependents(order: readonly Node[], wrt: readonly Value[]): Set<Node> {
  const reached = new Set<Node>(wrt.map((value) => value.node));
  for (const node of order) {
    if (node.inputs.some((input) => reached.has(input.node))) reached.add(node);
  }
  return reached;
}

/** The gradient of a tensor that was broadcast: the sum over its copies. */
function unbroadcast(dy: Value, shape: Shape): Value {
  if (sameShape(dy.shape, shape)) return dy;
  const lead = dy.rank - shape.length;
  const axes = dy.shape.flatMap((dim, i) =>
    i < lead || (shape[i - lead] === 1 && dim !== 1) ? [i] : [],
  );
  const summed = axes.length === 0 ? dy : sum(dy, axes, true);
  // A rule may also answer with fewer copies than the input has.
  return broadcastTo(reshape(summed, summed.shape.slice(lead)), shape);
}
