import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { Callback, type Logs } from './callback.js';

export interface TerminateOnNaNOptions {
  /**
   * Reject `fit` with BAD_DATA, so that no hook of an end is called and a backup stays. Default
   * false: `fit` ends as if it were through.
   */
  raiseError?: boolean;
}

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
  private readonly raises: boolean;

  constructor(options: TerminateOnNaNOptions = {}) {
    super();
    checkOptions('TerminateOnNaN', options, ['raiseError']);
    this.raises = options.raiseError ?? false;
  }

  override onTrainChunkEnd(batch: number, { loss }: Logs): void {
    if (Number.isFinite(loss)) return;
    if (this.raises) {
      throw new LugeError(
        'BAD_DATA',
        `TerminateOnNaN: the loss is ${loss} up to batch ${batch}. Try a smaller learning rate, and look for ` +
          'NaN in the data.',
      );
    }
    if (this.params.verbose > 0)
      console.log(`Batch ${batch}: the loss is ${loss}, ending training`);
    this.model.stopTraining = true;
  }
}
