import type { Config } from '../core/registry.js';
import { Adam, type AdamOptions } from './adam.js';

/**
 * Adam that also takes a share of the weights away at each step, apart from the gradient's running
 * means: w -= learningRate * weightDecay * w (Loshchilov and Hutter 2017). Options as of Adam, but `weightDecay` is 0.004 by default.
 *
 * @example
 * ```ts
 * const weight = { units: 1, useBias: false, kernelInitializer: 'ones' };
 * const model = sequential([layers.dense({ ...weight, inputShape: [1] })]);
 * const optimizer = optimizers.adamW({ learningRate: 0.1, weightDecay: 0.5 });
 * model.compile({ optimizer, loss: 'mse' });
 * await model.trainOnBatch([[1]], [[0]]); // the gradient is 2
 * model.getWeights()[0]; // => [[0.85]]
 * ```
 */
export class AdamW extends Adam {
  static override className = 'AdamW';

  constructor(options: AdamOptions = {}) {
    super({ ...options, weightDecay: options.weightDecay ?? 0.004 });
  }

  override getConfig(): Config {
    // Written even when it is 0, which is not the default.
    return { ...super.getConfig(), weight_decay: this.settings.weightDecay ?? 0 };
  }
}
