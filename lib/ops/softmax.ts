import { LugeError } from '../core/errors.js';
import { normalizeAxis, sizeOf } from '../core/shape.js';
import type { OpDef, Spec, Value } from '../graph/ir.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';
import { defineNative } from './native.js';
import { reshape } from './reshape.js';
import { moveAxis } from './transpose.js';

// x, y, dy, dx [rows, classes]
function rowwise(name: string, inputs: string, output: string, vjp?: OpDef['vjp']) {
  return defineNative(name, [inputs, output, ''], {
    infer: ([x]) => [x as Spec],
    ...(vjp === undefined ? {} : { vjp }),
  });
}

const fromResult =
  (gradient: () => OpDef): OpDef['vjp'] =>
  (node, [dy]) => [dy && node.graph.add(gradient(), [dy, node.output]).output];

const softmaxOp = rowwise(
  'softmax',
  'x',
  'y',
  fromResult(() => softmaxDxOp),
);
const softmaxDxOp = rowwise('softmax_dx', 'dy y', 'dx');
const logSoftmaxOp = rowwise(
  'log_softmax',
  'x',
  'y',
  fromResult(() => logSoftmaxDxOp),
);
const logSoftmaxDxOp = rowwise('log_softmax_dx', 'dy y', 'dx');

function define(name: string, op: OpDef) {
  return defineOp(name, 1, (x: Value, axis: number = -1): Value => {
    if (x.rank === 0) {
      throw new LugeError(
        'BAD_SHAPE',
        `ops.${name}: expected at least one axis, but got a scalar.`,
      );
    }
    const at = normalizeAxis(axis, x.rank, `ops.${name}: axis`);
    const moved = moveAxis(cast(x, 'float32'), at, x.rank - 1);
    const y = x.node.graph.add(op, [asRows(moved)]).output;
    return moveAxis(y.rank === moved.rank ? y : reshape(y, moved.shape), x.rank - 1, at);
  });
}

/** x as [rows, classes], where classes is the last axis. */
export function asRows(x: Value): Value {
  if (x.rank === 2) return x;
  return reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1) as number]);
}

/**
 * e^x / sum(e^x) along an axis (the last by default), without overflow: probabilities.
 *
 * @example
 * ```ts
 * ops.softmax([[0, 0], [1000, 0]]); // => [[0.5, 0.5], [1, 0]]
 * ```
 */
export const softmax = define('softmax', softmaxOp);
/**
 * log(softmax(x)) along an axis (the last by default), exact for small probabilities too.
 *
 * @example
 * ```ts
 * ops.logSoftmax([0, -100]); // => [0, -100]
 * ```
 */
export const logSoftmax = define('logSoftmax', logSoftmaxOp);

/** What a softmax over the last axis was taken of; undefined when y is nothing of the kind. */
export function softmaxLogits(y: Value): Value | undefined {
  const made = y.node.op.name === 'reshape' ? (y.node.inputs[0] as Value) : y;
  if (made.node.op !== softmaxOp || made.shape.at(-1) !== y.shape.at(-1)) return undefined;
  const logits = made.node.inputs[0] as Value;
  return made === y ? logits : reshape(logits, y.shape);
}
