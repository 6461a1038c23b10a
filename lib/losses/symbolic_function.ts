import { LugeError } from '../core/errors.js';
import { Value } from '../graph/ir.js';

/**
 * What a user's function makes of symbolic labels and predictions. One that was meant for real tensors
 * gets an error that says so.
 *
 * @param what it is, such as "Loss 'mine'".
 * @param forTensors what takes functions of real tensors.
 */
export function callSymbolic(
  what: string,
  forTensors: string,
  compute: (yTrue: Value, yPred: Value) => Value,
  yTrue: Value,
  yPred: Value,
): Value {
  const wrong = (found: string, cause?: unknown) =>
    new LugeError(
      'BAD_ARGUMENT',
      `${what}: expected a function written with ops, which is called once with symbolic values, but ` +
        `it ${found}. For a plain JavaScript function of real tensors there is ${forTensors}.`,
      { cause },
    );
  let made: unknown;
  try {
    made = compute(yTrue, yPred);
  } catch (error) {
    if (error instanceof TypeError) throw wrong(`failed with "${error.message}"`, error);
    throw error;
  }
  if (made instanceof Value) return made;
  throw wrong(`gave ${made instanceof Promise ? 'a promise' : typeof made}`);
}
