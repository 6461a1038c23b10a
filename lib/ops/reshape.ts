import { resolveReshape, type Shape } from '../core/shape.js';
import type { OpDef, Spec, Value } from '../graph/ir.js';
import { defineOp } from './define.js';

export const reshapeOp: OpDef = {
  name: 'reshape',
  kind: 'view',
  infer: ([x], attrs) => [{ shape: attrs.shape as Shape, dtype: (x as Spec).dtype }],
  vjp: (node, [dy]) => [dy && reshape(dy, (node.inputs[0] as Value).shape)],
};

/**
 * The same elements in the same order under another shape; one size may be -1. Moves nothing.
 *
 * @example
 * ```ts
 * ops.reshape([1, 2, 3, 4], [2, -1]); // => [[1, 2], [3, 4]]
 * ```
 */
export const reshape = defineOp('reshape', 1, (x: Value, shape: Shape): Value => {
  const resolved = resolveReshape(x.shape, shape, 'ops.reshape');
  return x.node.graph.add(reshapeOp, [x], { shape: resolved }).output;
});
