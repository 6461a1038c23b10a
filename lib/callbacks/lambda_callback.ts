import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { Callback, type CallbackHooks, hookNames } from './callback.js';

/** A callback made of functions (Keras's LambdaCallback). */
export class LambdaCallback extends Callback {
  constructor(hooks: CallbackHooks) {
    super();
    checkOptions('callback', hooks, hookNames);
    for (const name of hookNames) {
      const hook = hooks[name];
      if (hook === undefined) continue;
      if (typeof hook !== 'function') {
        throw new LugeError(
          'BAD_ARGUMENT',
          `A callback's ${name} must be a function, but got ${typeof hook}.`,
        );
      }
      Object.defineProperty(this, name, { value: hook.bind(hooks) });
    }
  }
}
