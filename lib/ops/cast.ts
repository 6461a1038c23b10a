import { checkDType, type DType } from '../core/dtype.js';
import { dtypeCode, dtypeFromCode, type OpDef, type Spec, type Value } from '../graph/ir.js';
import { defineOp } from './define.js';

export const castOp: OpDef = {
  name: 'cast',
  kind: 'map',
  infer: ([x], attrs) => [{ shape: (x as Spec).shape, dtype: dtypeFromCode(attrs.dtype) }],
  vjp: (node, [dy]) => [node.inputs[0]?.dtype === 'float32' ? dy : undefined],
};

/**
 * The same numbers in another element type. Floats are cut towards zero, and what does not fit is
 * clamped (NaN to 0).
 *
 * @example
 * ```ts
 * const whole = ops.cast([1.7, -1.7], 'int32');
 * whole; // => [1, -1]
 * whole.dtype; // => 'int32'
 * ```
 */
export const cast = defineOp('cast', 1, (x: Value, dtype: DType): Value => {
  if (x.dtype === checkDType(dtype)) return x;
  return x.node.graph.add(castOp, [x], { dtype: dtypeCode(dtype) }).output;
});
