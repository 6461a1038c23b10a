import { LugeError } from '../core/errors.js';
import { type PartialShape, sameShape, showShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { cast } from '../ops/cast.js';
import { reshape } from '../ops/reshape.js';

/** Labels and predictions as float32 of one shape; a last axis of size 1 may be missing in either. */
export function alignShapes(what: string, yTrue: Value, yPred: Value): [Value, Value] {
  const aligned = tryAlign(yTrue, yPred);
  if (aligned === undefined) {
    throw shapeError(what, `labels of the predictions' shape`, yTrue, yPred);
  }
  return aligned;
}

/** The same where the shapes fit; otherwise both as they are. */
export function fitShapes(yTrue: Value, yPred: Value): [Value, Value] {
  return tryAlign(yTrue, yPred) ?? [yTrue, yPred];
}

function tryAlign(yTrue: Value, yPred: Value): [Value, Value] | undefined {
  const short = yTrue.rank < yPred.rank ? yTrue.shape : yPred.shape;
  const long = yTrue.rank < yPred.rank ? yPred.shape : yTrue.shape;
  if (!sameShape(short, long) && !sameShape([...short, 1], long)) return undefined;
  return [reshape(cast(yTrue, 'float32'), long), reshape(cast(yPred, 'float32'), long)];
}

/** One-hot (or soft) labels of the predictions' shape [..., classes], as float32. */
export function checkOneHot(what: string, yTrue: Value, yPred: Value, sparse: string): Value {
  if (yPred.rank >= 2 && sameShape(yTrue.shape, yPred.shape)) return cast(yTrue, 'float32');
  const numbers = [[...yPred.shape.slice(0, -1), 1], yPred.shape.slice(0, -1)];
  const hint = numbers.some((shape) => sameShape(shape, yTrue.shape))
    ? `Labels that are class numbers go with ${sparse}; or make them one-hot with toCategorical.`
    : '';
  throw shapeError(
    what,
    'one-hot labels and predictions [batch, ..., classes]',
    yTrue,
    yPred,
    hint,
  );
}

/** Class numbers [...] for predictions [..., classes], as int32; a last axis of size 1 is dropped. */
export function checkClassNumbers(what: string, yTrue: Value, yPred: Value, oneHot: string): Value {
  const lead = yPred.shape.slice(0, -1);
  if (lead.length >= 1 && [lead, [...lead, 1]].some((shape) => sameShape(shape, yTrue.shape))) {
    return reshape(cast(yTrue, 'int32'), lead);
  }
  const hint = sameShape(yTrue.shape, yPred.shape) ? `One-hot labels go with ${oneHot}.` : '';
  const expected = 'class numbers [batch, ...] and predictions [batch, ..., classes]';
  throw shapeError(what, expected, yTrue, yPred, hint);
}

/** A BAD_SHAPE error that tells what was expected and what came. */
function shapeError(what: string, expected: string, yTrue: Value, yPred: Value, hint = '') {
  const [labels, predictions] = [yTrue, yPred].map(({ shape }) => showBatched(shape));
  return new LugeError(
    'BAD_SHAPE',
    `${what}: expected ${expected}, but got labels of shape ${labels} and predictions of shape ` +
      `${predictions}.${hint === '' ? '' : ` ${hint}`}`,
  );
}

function showBatched(shape: PartialShape): string {
  return showShape(shape.length === 0 ? shape : [null, ...shape.slice(1)]);
}
