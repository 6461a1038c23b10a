import { LugeError } from '../core/errors.js';
import { Callback, type Logs } from './callback.js';

/** The learning rate of an epoch (counted from 0), from the one before. */
export type LearningRateSchedule = (epoch: number, learningRate: number) => number;

/**
 * Sets the learning rate at the beginning of each epoch (Keras's LearningRateScheduler).
 *
 * @example
 * ```ts
 * const model = sequential([layers.dense({ units: 1, inputShape: [1] })]);
 * model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'mse' });
 * const halve = callbacks.learningRateScheduler((epoch, rate) => rate / (epoch === 0 ? 1 : 2));
 * await model.fit([[0]], [0], { epochs: 3, callbacks: halve, verbose: 0 });
 * model.optimizer.learningRate; // => 0.025
 * ```
 */
export class LearningRateScheduler extends Callback {
  private readonly schedule: LearningRateSchedule;
  private readonly verbose: 0 | 1;

  constructor(schedule: LearningRateSchedule, options: { verbose?: 0 | 1 } = {}) {
    super();
    if (typeof schedule !== 'function') {
      throw new LugeError(
        'BAD_ARGUMENT',
        'LearningRateScheduler takes a function (epoch, learningRate) => number, but got ' +
          `${JSON.stringify(schedule)}.`,
      );
    }
    this.schedule = schedule;
    this.verbose = options.verbose ?? 0;
  }

  override onEpochBegin(epoch: number): void {
    const { optimizer } = this.model;
    optimizer.learningRate = this.schedule(epoch, optimizer.learningRate);
    if (this.verbose === 1) {
      console.log(`Epoch ${epoch + 1}: the learning rate is ${optimizer.learningRate}`);
    }
  }

  override onEpochEnd(_epoch: number, logs: Logs): void {
    logs.learning_rate = this.model.optimizer.learningRate;
  }
}
