import { broadcastShapes } from '../core/shape.js';
import type { OpDef, Spec, Value } from '../graph/ir.js';
import { commonType } from './binary.js';
import { readable } from './broadcast.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';

const selectOp: OpDef = {
  name: 'select',
  kind: 'map',
  infer: (inputs) => [
    {
      shape: broadcastShapes(
        inputs.map((input) => input.shape),
        'ops.where',
      ),
      dtype: (inputs[1] as Spec).dtype,
    },
  ],
  vjp: (node, [dy]) => {
    const condition = node.inputs[0] as Value;
    if (dy === undefined || dy.dtype !== 'float32') return [];
    return [undefined, where(condition, dy, 0), where(condition, 0, dy)];
  },
};

/**
 * `a` where the condition is not 0, else `b`; all three broadcast.
 *
 * @example
 * ```ts
 * ops.where(ops.greater([1, 2, 3], 2), 10, [1, 2, 3]); // => [1, 2, 10]
 * ```
 */
export const where = defineOp('where', 3, (condition: Value, a: Value, b: Value): Value => {
  const type = commonType(a, b);
  const shape = broadcastShapes([condition.shape, a.shape, b.shape], 'ops.where');
  const branches = [cast(condition, 'float32'), cast(a, type), cast(b, type)];
  return condition.node.graph.add(
    selectOp,
    branches.map((branch) => readable(branch, shape)),
  ).output;
});
