import type { Value } from '../graph/ir.js';

/** The value whose memory a chain of views shows. */
export function rootOf(value: Value): Value {
  let root = value;
  while (root.node.op.kind === 'view') root = root.node.inputs[0] as Value;
  return root;
}
