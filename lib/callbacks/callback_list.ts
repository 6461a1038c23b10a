import { LugeError } from '../core/errors.js';
import {
  Callback,
  type CallbackLike,
  type CallbackModel,
  type FitParams,
  type Logs,
} from './callback.js';
import { LambdaCallback } from './lambda_callback.js';

/** Several callbacks as one: each hook of each, in their order, one after the other. */
export class CallbackList {
  /** Whether any of them wants to hear of every batch. */
  readonly watchesBatches: boolean;
  private readonly callbacks: readonly Callback[];

  constructor(callbacks: readonly Callback[]) {
    this.callbacks = callbacks;
    this.watchesBatches = callbacks.some(
      ({ onTrainBatchBegin, onTrainBatchEnd }) =>
        onTrainBatchBegin !== Callback.prototype.onTrainBatchBegin ||
        onTrainBatchEnd !== Callback.prototype.onTrainBatchEnd,
    );
  }

  /** Tells the callbacks whom they follow. */
  attach(model: CallbackModel, params: FitParams): void {
    for (const callback of this.callbacks) {
      callback.model = model;
      callback.params = params;
    }
  }

  trainBegin = (): Promise<void> => this.each((callback) => callback.onTrainBegin({}));
  trainEnd = (logs: Logs): Promise<void> => this.each((callback) => callback.onTrainEnd(logs));
  epochBegin = (epoch: number): Promise<void> =>
    this.each((callback) => callback.onEpochBegin(epoch, {}));
  epochEnd = (epoch: number, logs: Logs): Promise<void> =>
    this.each((callback) => callback.onEpochEnd(epoch, logs));
  batchBegin = (batch: number): Promise<void> =>
    this.each((callback) => callback.onTrainBatchBegin(batch, {}));
  batchEnd = (batch: number, logs: Logs): Promise<void> =>
    this.each((callback) => callback.onTrainBatchEnd(batch, logs));
  chunkEnd = (batch: number, logs: Logs): Promise<void> =>
    this.each((callback) => callback.onTrainChunkEnd(batch, logs));

  private async each(call: (callback: Callback) => unknown): Promise<void> {
    for (const callback of this.callbacks) {
      const pending = call(callback);
      if (pending !== undefined) await pending;
    }
  }
}

/** Callbacks as `fit` takes them: one or a list, each an object of `Callback` or hooks alone. */
export function toCallbacks(given: CallbackLike | readonly CallbackLike[] = []): Callback[] {
  return [given].flat().map((callback) => {
    if (callback instanceof Callback) return callback;
    if (typeof callback === 'object' && callback !== null) return new LambdaCallback(callback);
    throw new LugeError(
      'BAD_ARGUMENT',
      'A callback must be an object made by luge.callbacks, of a class that extends Callback, or with hooks ' +
        `such as { onEpochEnd(epoch, logs) {} }, but got ${typeof callback === 'function' ? 'a function' : String(callback)}.`,
    );
  });
}
