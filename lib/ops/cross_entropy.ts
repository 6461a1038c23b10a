import { LugeError } from '../core/errors.js';
import { type Shape, sameShape, showShape, sizeOf } from '../core/shape.js';
import type { OpDef, Spec, Value } from '../graph/ir.js';
import { add, greaterEqual, multiply, subtract } from './binary.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';
import { defineNative } from './native.js';
import { reshape } from './reshape.js';
import { asRows, logSoftmax } from './softmax.js';
import { negative, softplus } from './unary.js';
import { where } from './where.js';

/** logits [rows, classes], labels [rows, classes] float32 or [rows] integers -> loss [rows] */
const crossEntropyOp = defineNative('softmax_cross_entropy', ['logits labels', 'loss', ''], {
  infer: ([logits]) => [{ shape: (logits as Spec).shape.slice(0, 1), dtype: 'float32' }],
  vjp: (node, [dloss]) => {
    const [logits, labels] = node.inputs as [Value, Value];
    if (dloss === undefined) return [];
    const dlogits = node.graph.add(dlogitsOp, [logits, labels, dloss]).output;
    const dlabels =
      labels.dtype === 'float32'
        ? negative(multiply(reshape(dloss, [...dloss.shape, 1]), logSoftmax(logits)))
        : undefined;
    return [dlogits, dlabels];
  },
});

const dlogitsOp: OpDef = defineNative(
  'softmax_cross_entropy_dlogits',
  ['logits labels dloss', 'dlogits', ''],
  { infer: ([logits]) => [logits as Spec] },
);

/**
 * -sum(labels * log(softmax(logits))) over the last axis, in one step, which neither overflows nor
 * loses small probabilities.
 *
 * @param logits [..., classes]
 * @param labels probabilities [..., classes], such as one-hot rows, or class numbers [...].
 * @returns the loss of each row, [...]
 * @throws LugeError BAD_SHAPE when the shapes do not go together.
 * @example
 * ```ts
 * const logits = [[2, 1, 0], [0, 0, 0]];
 * ops.softmaxCrossEntropy(logits, [[1, 0, 0], [0, 1, 0]]); // => [0.4076, 1.0986]
 * ops.softmaxCrossEntropy(logits, tensor([0, 1], [2], 'int32')); // => [0.4076, 1.0986]
 * ```
 */
export const softmaxCrossEntropy = defineOp(
  'softmaxCrossEntropy',
  2,
  (logits: Value, labels: Value): Value => {
    const lead = logits.shape.slice(0, -1);
    const dense = sameShape(labels.shape, logits.shape);
    if (logits.rank === 0 || !(dense || sameShape(labels.shape, lead))) {
      throw mismatch(logits.shape, labels.shape);
    }
    const rows = asRows(cast(logits, 'float32'));
    const truth = dense
      ? asRows(cast(labels, 'float32'))
      : reshape(labels.dtype === 'float32' ? cast(labels, 'int32') : labels, [sizeOf(lead)]);
    const loss = logits.node.graph.add(crossEntropyOp, [rows, truth]).output;
    return lead.length === 1 ? loss : reshape(loss, lead);
  },
);

function mismatch(logits: Shape, labels: Shape): LugeError {
  return new LugeError(
    'BAD_SHAPE',
    `ops.softmaxCrossEntropy: for logits of shape ${showShape(logits)} expected labels of shape ` +
      `${showShape(logits)} (probabilities) or ${showShape(logits.slice(0, -1))} (class numbers), ` +
      `but got ${showShape(labels)}.`,
  );
}

/**
 * -z * log(p) - (1 - z) * log(1 - p) where p = sigmoid(logits) and z = labels, element by element,
 * as max(x, 0) - x * z + log(1 + e^-|x|), which never overflows.
 *
 * @example
 * ```ts
 * ops.sigmoidCrossEntropy([0, 100], [1, 1]); // => [0.6931, 0]
 * ```
 */
export const sigmoidCrossEntropy = defineOp(
  'sigmoidCrossEntropy',
  2,
  (logits: Value, labels: Value): Value => {
    const x = cast(logits, 'float32');
    // Written with `where`, both halves have the same side's slope at 0, and add up to 1/2.
    const positive = greaterEqual(x, 0);
    const large = subtract(where(positive, x, 0), multiply(x, labels));
    return add(large, softplus(where(positive, negative(x), x)));
  },
);
