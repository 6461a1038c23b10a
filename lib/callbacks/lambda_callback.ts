import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { Callback, type CallbackHooks, hookNames } from './callback.js';

/**
 * A callback made of functions (Keras's LambdaCallback).
 *
 * @example
 * ```ts
 * const seen: number[] = [];
 * const watch = callbacks.lambdaCallback({ onEpochEnd: (epoch) => void seen.push(epoch) });
 * const model = sequential([layers.dense({ units: 1, inputShape: [1] })]);
 * model.compile({ optimizer: 'sgd', loss: 'mse' });
 * await model.fit([[0], [1]], [0, 1], { epochs: 3, callbacks: watch, verbose: 0 });
 * seen; // => [0, 1, 2]
 * ```
 */
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
