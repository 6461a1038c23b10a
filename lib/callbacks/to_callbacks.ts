import { LugeError, unknownName } from '../core/errors.js';
import { Callback, type CallbackLike } from './callback.js';
import { EarlyStopping } from './early_stopping.js';
import { LambdaCallback } from './lambda_callback.js';
import { ReduceLROnPlateau } from './reduce_lr_on_plateau.js';
import { TensorBoard } from './tensor_board.js';
import { TerminateOnNaN } from './terminate_on_nan.js';

const byName: Readonly<Record<string, new () => Callback>> = {
  earlyStopping: EarlyStopping,
  reduceLROnPlateau: ReduceLROnPlateau,
  tensorBoard: TensorBoard,
  terminateOnNaN: TerminateOnNaN,
};

/** Callbacks as `fit` takes them: one or a list, each a name, a `Callback` or hooks alone. */
export function toCallbacks(given: CallbackLike | readonly CallbackLike[] = []): Callback[] {
  return [given].flat().map((callback) => {
    if (callback instanceof Callback) return callback;
    if (typeof callback === 'string') return named(callback);
    if (typeof callback === 'object' && callback !== null) return new LambdaCallback(callback);
    throw new LugeError(
      'BAD_ARGUMENT',
      'A callback must be an object made by luge.callbacks, its name, of a class that extends Callback, or ' +
        `with hooks such as { onEpochEnd(epoch, logs) {} }, but got ${typeof callback === 'function' ? 'a function' : String(callback)}.`,
    );
  });
}

function named(name: string): Callback {
  const patience = /^no-improvement-in-(\d+)$/.exec(name)?.[1];
  if (patience !== undefined) return new EarlyStopping({ patience: Number(patience) });
  const found = Object.hasOwn(byName, name) ? byName[name] : undefined;
  if (found === undefined) {
    throw unknownName('callback', name, [...Object.keys(byName), 'no-improvement-in-10']);
  }
  return new found();
}
