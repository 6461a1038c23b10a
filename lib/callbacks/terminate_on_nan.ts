import { Callback, type Logs } from './callback.js';

/**
 * Ends training when the loss is NaN or infinite (Keras's TerminateOnNaN).
 *
 * @example
 * ```ts
 * const model = sequential([layers.dense({ units: 1, inputShape: [1] })]);
 * model.compile({ optimizer: optimizers.sgd({ learningRate: 1e30 }), loss: 'mse' });
 * const options = { epochs: 50, callbacks: callbacks.terminateOnNaN(), verbose: 0 as const };
 * const { epoch } = await model.fit([[1], [2]], [1, 3], options);
 * epoch.length < 50; // => true
 * ```
 */
export class TerminateOnNaN extends Callback {
  override onTrainChunkEnd(_batch: number, logs: Logs): void {
    if (!Number.isFinite(logs.loss)) this.model.stopTraining = true;
  }
}
