import type { OpDef, Spec, Value } from '../graph/ir.js';
import { defineOp } from './define.js';

const stopGradientOp: OpDef = {
  name: 'stop_gradient',
  kind: 'view',
  infer: ([x]) => [x as Spec],
  vjp: () => [],
};

/**
 * x, but for the gradient a constant.
 *
 * @example
 * ```ts
 * // A straight-through estimator: rounded on the way forward, unchanged on the way back.
 * const rounded = layers.lambda({
 *   function: (x) => ops.add(x, ops.stopGradient(ops.subtract(ops.round(x), x))),
 * });
 * ```
 */
export const stopGradient = defineOp(
  'stopGradient',
  1,
  (x: Value): Value => x.node.graph.add(stopGradientOp, [x]).output,
);
