import type { Shape } from '../core/shape.js';
import type { Node, OpDef, Spec, Value } from '../graph/ir.js';
import { cast } from './cast.js';
import { concat } from './concat.js';
import { applyOp, type Operand, type Out } from './define.js';
import { matmul } from './matmul.js';
import { defineNative } from './native.js';
import { checkOptions } from './options.js';
import { checkRecurrence, checkShapeOf, sequenceGradient, stepRows } from './recurrence.js';
import { sum } from './reduce.js';
import { slice } from './slice.js';

const real = (shape: Shape): Spec => ({ shape, dtype: 'float32' });
const words = ({ attrs }: Node): number[] => [Number(attrs.resetAfter)];

/**
 * xz [batch, time, 3 units], recurrent [units, 3 units], with resetAfter a bias [3 units], perhaps h0
 * [batch, units] -> hidden [batch, time, units], last_hidden [batch, units], and for the gradient
 * before [batch, time, units], gates [batch, time, 3 units] and inner [batch, time, units].
 */
const gruOp = defineNative(
  'gru',
  ['xz recurrent optional...', 'hidden last_hidden saved...', 'reset_after'],
  {
    infer: ([xz, recurrent]) => {
      const [batch, time] = (xz as Spec).shape as [number, number];
      const units = (recurrent as Spec).shape[0] as number;
      const sequence = real([batch, time, units]);
      return [sequence, real([batch, units]), sequence, xz as Spec, sequence];
    },
    vjp: (node, [dhidden, dlast]) => {
      const dh = sequenceGradient(node.output, dhidden, dlast);
      if (dh === undefined) return [];
      return node.attrs.resetAfter ? gradientsAfter(node, dh) : gradientsBefore(node, dh);
    },
    words,
    inPlace: [[3, 0]], // gates over xz
    leastOutputs: 2, // without what only the gradient reads
  },
);

/**
 * recurrent, before, gates, inner, dhidden [batch, time or 1, units] -> dxz [batch, time, 3 units],
 * with resetAfter the gradient of hidden state times kernel [batch, time, 3 units], perhaps dh0.
 */
const gruDxOp: OpDef = defineNative(
  'gru_dx',
  ['recurrent before gates inner dhidden', 'dxz others...', 'reset_after'],
  {
    infer: ([, before, gates], { resetAfter, initial }) => {
      const [batch, , units] = (before as Spec).shape as [number, number, number];
      const dxz = gates as Spec;
      return [dxz, ...(resetAfter ? [dxz] : []), ...(initial ? [real([batch, units])] : [])];
    },
    words,
    inPlace: [[0, 2]], // dxz over gates
  },
);

function dxOf(node: Node, dhidden: Value, initial: boolean): readonly Value[] {
  const recurrent = node.inputs[1] as Value;
  const { resetAfter } = node.attrs as { resetAfter: boolean };
  const operands = [recurrent, ...node.outputs.slice(2), dhidden];
  return node.graph.add(gruDxOp, operands, { resetAfter, initial }).outputs;
}

/** One product over all steps gives the gradient of the whole kernel. */
function gradientsAfter(node: Node, dhidden: Value): (Value | undefined)[] {
  const [dxz, dproduct, dh0] = dxOf(node, dhidden, node.inputs.length === 4) as [
    Value,
    Value,
    Value?,
  ];
  const before = stepRows(node.outputs[2] as Value);
  const drecurrent = matmul(before, stepRows(dproduct), { transposeA: true });
  return [dxz, drecurrent, sum(dproduct, [0, 1]), dh0];
}

/** What met the kernel of z and r was the state before, and that of h the state that was let in. */
function gradientsBefore(node: Node, dhidden: Value): (Value | undefined)[] {
  const [dxz, dh0] = dxOf(node, dhidden, node.inputs.length === 3) as [Value, Value?];
  const [before, , inner] = node.outputs.slice(2) as [Value, Value, Value];
  const rows = stepRows(dxz);
  const units = before.shape[2] as number;
  const dgates = slice(rows, [0, 0], [-1, 2 * units]);
  const dcandidate = slice(rows, [0, 2 * units]);
  const drecurrent = concat([
    matmul(stepRows(before), dgates, { transposeA: true }),
    matmul(stepRows(inner), dcandidate, { transposeA: true }),
  ]);
  return [dxz, drecurrent, dh0];
}

/** What a GRU may have beside its input and kernel. */
export interface GruOptions<T = Operand> {
  /**
   * [3 units], added to h recurrent: then the reset gate applies after that product (as in cuDNN).
   * Without one it applies to h before.
   */
  readonly bias?: T | undefined;
  /** h [batch, units] to start from; zeros by default. */
  readonly initial?: T | undefined;
}

/**
 * A gated recurrent unit over whole sequences (Cho et al. 2014), step by step with the gates z, r, g:
 *
 *     [z r g] = xz, z and r with h recurrent added,   h = sigmoid(z) h + (1 - sigmoid(z)) tanh(g')
 *
 * where g' is g + sigmoid(r) (h recurrent_g + bias), or g + (sigmoid(r) h) recurrent_g without a bias.
 *
 * @param xz [batch, time, 3 units]: the inputs times their kernel, plus the bias.
 * @param recurrent [units, 3 units]
 * @returns h after every step [batch, time, units], and after the last [batch, units].
 * @throws LugeError BAD_SHAPE when the shapes do not fit each other.
 * @example
 * ```ts
 * const xz = tensor(new Float32Array(2 * 5 * 12), [2, 5, 12]); // 5 steps for 4 units
 * const recurrent = tensor(new Float32Array(48), [4, 12]);
 * const [all, last] = ops.gru(xz, recurrent);
 * all.shape; // => [2, 5, 4]
 * last.shape; // => [2, 4]
 * ```
 */
export function gru<T extends Operand>(
  xz: T,
  recurrent: T,
  options: GruOptions<T> = {},
): [hidden: Out<T>, lastHidden: Out<T>] {
  checkOptions('gru', options, ['bias', 'initial']);
  const { bias, initial } = options;
  const resetAfter = bias !== undefined;
  const given = [xz, recurrent, bias, initial].filter((value) => value !== undefined);
  const build = (operands: Value[]) => {
    const reals = operands.map((value) => cast(value, 'float32'));
    const [x, r] = reals as [Value, Value];
    checkRecurrence('gru', x, r, 3);
    const units = r.shape[0] as number;
    if (resetAfter) checkShapeOf('gru', 'a bias', reals[2] as Value, [3 * units]);
    if (initial !== undefined) {
      checkShapeOf('gru', 'initial', reals.at(-1) as Value, [x.shape[0] as number, units]);
    }
    return x.node.graph.add(gruOp, reals, { resetAfter }).outputs.slice(0, 2);
  };
  return applyOp('gru', given, build, resetAfter) as [Out<T>, Out<T>];
}
