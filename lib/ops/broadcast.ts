import { LugeError } from '../core/errors.js';
import { broadcastShapes, type Shape, sameShape, showShape } from '../core/shape.js';
import type { OpDef, Spec, Value } from '../graph/ir.js';
import { defineOp } from './define.js';
import { defineNative } from './native.js';

/** Element i of an operand is its element (i / div) % mod. */
export interface MapPattern {
  readonly div: number;
  readonly mod: number;
}

/** How `from` repeats inside `to`, or undefined when it is no single run of axes. */
export function broadcastPattern(from: Shape, to: Shape): MapPattern | undefined {
  const lead = to.length - from.length;
  let div = 1;
  let mod = 1;
  let state: 'before' | 'inside' | 'after' = 'before';
  // From the last axis to the first: repeated axes, then kept ones, then repeated ones again.
  for (let axis = to.length - 1; axis >= 0; axis--) {
    const size = to[axis] as number;
    if (size === 1) continue;
    const kept = axis >= lead && from[axis - lead] === size;
    if (kept && state === 'after') return undefined;
    if (kept) {
      state = 'inside';
      mod *= size;
    } else if (state === 'before') {
      div *= size;
    } else {
      state = 'after';
    }
  }
  return mod === 1 ? { div: 1, mod: 1 } : { div, mod };
}

const rules: Pick<OpDef, 'infer' | 'vjp'> = {
  infer: ([x], attrs) => [{ shape: attrs.shape as Shape, dtype: (x as Spec).dtype }],
  // The caller sums over the copies.
  vjp: (_, [dy]) => [dy],
};

/** An operand that the vector machine repeats as it reads. */
export const broadcastOp: OpDef = { name: 'broadcast', kind: 'map', ...rules };

/** For axes that repeat in turns with others, such as [N, 1, C] to [N, H, C]: a real copy. */
const broadcastNative = defineNative('broadcast', ['x', 'y', ''], rules);

/** `x` as an element-wise operation with a result of this shape can read it. */
export function readable(x: Value, shape: Shape): Value {
  if (broadcastPattern(x.shape, shape) !== undefined) return x;
  return x.node.graph.add(broadcastNative, [x], { shape }).output;
}

/**
 * The tensor repeated along axes of size 1, or along new leading axes, up to `shape`.
 *
 * @example
 * ```ts
 * ops.broadcastTo([1, 2], [2, 2]); // => [[1, 2], [1, 2]]
 * ```
 */
export const broadcastTo = defineOp('broadcastTo', 1, (x: Value, shape: Shape): Value => {
  if (!sameShape(broadcastShapes([x.shape, shape], 'ops.broadcastTo'), shape)) {
    throw new LugeError(
      'BAD_SHAPE',
      `ops.broadcastTo: ${showShape(x.shape)} does not broadcast to ${showShape(shape)}.`,
    );
  }
  if (sameShape(x.shape, shape)) return x;
  const near = readable(x, shape);
  return near === x ? x.node.graph.add(broadcastOp, [x], { shape }).output : near;
});
