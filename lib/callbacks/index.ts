import type { CallbackHooks } from './callback.js';
import { EarlyStopping, type EarlyStoppingOptions } from './early_stopping.js';
import { LambdaCallback } from './lambda_callback.js';
import { TerminateOnNaN } from './terminate_on_nan.js';

export {
  Callback,
  type CallbackHooks,
  type CallbackLike,
  type CallbackModel,
  type FitParams,
  type Logs,
} from './callback.js';
export { EarlyStopping, type EarlyStoppingOptions } from './early_stopping.js';
export { LambdaCallback } from './lambda_callback.js';
export { TerminateOnNaN } from './terminate_on_nan.js';

/** Ends training when a value no longer gets better. */
export const earlyStopping = (options?: EarlyStoppingOptions) => new EarlyStopping(options);
/** A callback made of functions. */
export const lambdaCallback = (hooks: CallbackHooks) => new LambdaCallback(hooks);
/** Ends training when the loss is NaN or infinite. */
export const terminateOnNaN = () => new TerminateOnNaN();
