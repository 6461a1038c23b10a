import { Callback, type Logs } from './callback.js';

/** Ends training when the loss is NaN or infinite (Keras's TerminateOnNaN). */
export class TerminateOnNaN extends Callback {
  override onTrainChunkEnd(_batch: number, logs: Logs): void {
    if (!Number.isFinite(logs.loss)) this.model.stopTraining = true;
  }
}
