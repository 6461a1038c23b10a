import { LugeError } from '../core/errors.js';
import type { Shape } from '../core/shape.js';
import type { Node, OpDef, Spec, Value } from '../graph/ir.js';
import { broadcastTo } from './broadcast.js';
import { cast } from './cast.js';
import { applyOp, type Operand, type Out } from './define.js';
import { matmul } from './matmul.js';
import { defineNative } from './native.js';
import { checkRecurrence, checkShapeOf, sequenceGradient, stepRows } from './recurrence.js';

const real = (shape: Shape): Spec => ({ shape, dtype: 'float32' });

/**
 * xz [batch, time, 4 units], recurrent [units, 4 units], perhaps h0 and c0 [batch, units] ->
 * hidden [batch, time, units], last_hidden and last_cell [batch, units], and for the gradient
 * before and cells [batch, time, units] and gates [batch, time, 4 units].
 */
const lstmOp = defineNative(
  'lstm',
  ['xz recurrent initial...', 'hidden last_hidden last_cell saved...', ''],
  {
    infer: ([xz, recurrent]) => {
      const [batch, time] = (xz as Spec).shape as [number, number];
      const units = (recurrent as Spec).shape[0] as number;
      const [sequence, state] = [real([batch, time, units]), real([batch, units])];
      return [sequence, state, state, sequence, sequence, xz as Spec];
    },
    vjp: (node, [dhidden, dlastHidden, dlastCell]) => {
      const [hidden, , , before] = node.outputs as [Value, Value, Value, Value];
      const dh =
        sequenceGradient(hidden, dhidden, dlastHidden) ??
        broadcastTo(node.graph.constant(0), hidden.shape.with(1, 1));
      const [dxz, ...dinitial] = dxOf(node, dh, dlastCell);
      // One product over all steps: the states that met the kernel, times what came of it.
      const drecurrent = matmul(stepRows(before), stepRows(dxz), { transposeA: true });
      return [dxz, drecurrent, ...dinitial];
    },
    inPlace: [[5, 0]], // gates over xz
    leastOutputs: 3, // without what only the gradient reads
  },
);

/**
 * recurrent, cells, gates, dhidden [batch, time or 1, units], perhaps c0, perhaps dlast_cell
 * [batch, units] -> dxz [batch, time, 4 units], and dh0 and dc0 if there is a c0.
 */
const lstmDxOp: OpDef = defineNative(
  'lstm_dx',
  ['recurrent cells gates dhidden states...', 'dxz dinitial...', ''],
  {
    infer: ([, cells, gates], { initial }) => {
      const [batch, , units] = (cells as Spec).shape as [number, number, number];
      const state = real([batch, units]);
      return [gates as Spec, ...(initial ? [state, state] : [])];
    },
    inPlace: [[0, 2]], // dxz over gates
  },
);

function dxOf(node: Node, dhidden: Value, dlastCell: Value | undefined) {
  const [, recurrent, , c0] = node.inputs;
  const [cells, gates] = node.outputs.slice(4);
  const operands = [recurrent, cells, gates, dhidden, c0, dlastCell];
  const given = operands.filter((value) => value !== undefined);
  return node.graph.add(lstmDxOp, given, { initial: c0 !== undefined }).outputs as [
    Value,
    ...Value[],
  ];
}

/**
 * A long short-term memory over whole sequences (Hochreiter and Schmidhuber 1997; Gers et al. 2000),
 * step by step with the gates i, f, g, o:
 *
 *     [i f g o] = xz + h recurrent,   c = sigmoid(f) c + sigmoid(i) tanh(g),   h = sigmoid(o) tanh(c)
 *
 * @param xz [batch, time, 4 units]: the inputs times their kernel, plus the bias.
 * @param recurrent [units, 4 units]
 * @param initial h and c [batch, units] to start from; zeros by default.
 * @returns h after every step [batch, time, units], and h and c after the last [batch, units].
 * @throws LugeError BAD_SHAPE when the shapes do not fit each other.
 * @example
 * ```ts
 * const xz = tensor(new Float32Array(2 * 5 * 16), [2, 5, 16]); // 5 steps for 4 units
 * const recurrent = tensor(new Float32Array(64), [4, 16]);
 * const [all, h, c] = ops.lstm(xz, recurrent);
 * all.shape; // => [2, 5, 4]
 * [h.shape, c.shape]; // => [[2, 4], [2, 4]]
 * ```
 */
export function lstm<T extends Operand>(
  xz: T,
  recurrent: T,
  initial: readonly T[] = [],
): [hidden: Out<T>, lastHidden: Out<T>, lastCell: Out<T>] {
  return applyOp('lstm', [xz, recurrent, ...initial], (operands) => {
    const [x, r, ...states] = operands.map((value) => cast(value, 'float32')) as [Value, Value];
    checkRecurrence('lstm', x, r, 4);
    if (initial.length !== 0 && initial.length !== 2) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `ops.lstm: initial must be [h, c], but got ${initial.length} states.`,
      );
    }
    const state = [x.shape[0] as number, r.shape[0] as number];
    for (const value of states) checkShapeOf('lstm', 'initial states', value, state);
    return x.node.graph.add(lstmOp, [x, r, ...states]).outputs.slice(0, 3);
  }) as [Out<T>, Out<T>, Out<T>];
}
