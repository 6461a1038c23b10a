import type { Graph, Value } from '../graph/ir.js';

/** Values that are the same in every step until a weight changes. */
export function weightsAlone({ nodes }: Graph): Set<Value> {
  const fixed = new Set<Value>();
  for (const { op, inputs, outputs } of nodes) {
    const isFixed =
      op.kind === 'leaf'
        ? op.name !== 'feed'
        : op.kind !== 'native' && inputs.every((x) => fixed.has(x));
    if (isFixed) for (const output of outputs) fixed.add(output);
  }
  return fixed;
}
