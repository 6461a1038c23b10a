import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions, checkRange } from '../core/options.js';
import { Callback, type CallbackState, type Logs } from './callback.js';
import { Monitor, type MonitorMode } from './monitor.js';

export interface ReduceLROnPlateauOptions {
  /** What to watch: a key of the history. Default 'val_loss'. */
  monitor?: string;
  /** What the learning rate is multiplied by, below 1. Default 0.1. */
  factor?: number;
  /** Epochs without improvement before that. Default 10. */
  patience?: number;
  /** Say on the console when it happens: 1. Default 0. */
  verbose?: 0 | 1;
  /** Whether less or more is better; 'auto' tells from the name. Default 'auto'. */
  mode?: MonitorMode;
  /** How much better counts as better. Default 1e-4. */
  minDelta?: number;
  /** Epochs to wait afterwards before looking again. Default 0. */
  cooldown?: number;
  /** The learning rate does not fall below it. Default 0. */
  minLr?: number;
}

const known = [
  ...['monitor', 'factor', 'patience', 'verbose', 'mode', 'minDelta', 'cooldown', 'minLr'],
];

/**
 * Lowers the learning rate when a value no longer gets better (Keras's ReduceLROnPlateau).
 *
 * @example
 * ```ts
 * const zero = { units: 1, kernelInitializer: 'zeros', inputShape: [1] };
 * const model = sequential([layers.dense(zero)]);
 * model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'mse' });
 * const slower = callbacks.reduceLROnPlateau({ monitor: 'loss', factor: 0.5, patience: 1 });
 * await model.fit([[0]], [0], { epochs: 3, callbacks: slower, verbose: 0 });
 * model.optimizer.learningRate; // => 0.025
 * ```
 */
export class ReduceLROnPlateau extends Callback {
  private readonly monitor: Monitor;
  private readonly factor: number;
  private readonly patience: number;
  private readonly minDelta: number;
  private readonly cooldown: number;
  private readonly minLr: number;
  private readonly verbose: 0 | 1;
  private best = Number.NaN;
  private wait = 0;
  private cooling = 0;

  constructor(options: ReduceLROnPlateauOptions = {}) {
    super();
    checkOptions('ReduceLROnPlateau', options, known);
    const { monitor = 'val_loss', factor = 0.1, patience = 10, verbose = 0, mode } = options;
    const { minDelta = 1e-4, cooldown = 0, minLr = 0 } = options;
    this.monitor = new Monitor('ReduceLROnPlateau', monitor, mode);
    if (!(factor >= 0 && factor < 1)) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `ReduceLROnPlateau: factor must be a number in [0, 1), but got ${factor}.`,
      );
    }
    this.factor = factor;
    this.patience = checkCount('ReduceLROnPlateau: patience', patience, 0);
    this.minDelta = checkRange('ReduceLROnPlateau: minDelta', minDelta, 0);
    this.cooldown = checkCount('ReduceLROnPlateau: cooldown', cooldown, 0);
    this.minLr = checkRange('ReduceLROnPlateau: minLr', minLr, 0);
    this.verbose = verbose;
  }

  override onTrainBegin(): void {
    this.best = Number.NaN;
    this.wait = 0;
    this.cooling = 0;
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    const value = this.monitor.read(logs);
    logs.learning_rate = this.model.optimizer.learningRate;
    if (this.cooling > 0) {
      this.cooling -= 1;
      this.wait = 0;
    }
    if (this.monitor.isBetter(value, this.best, this.minDelta)) {
      this.best = value;
      this.wait = 0;
    } else if (this.cooling === 0) {
      this.wait += 1;
      if (this.wait >= this.patience) this.reduce(epoch);
    }
  }

  override getState(): CallbackState {
    const { best, wait, cooling } = this;
    return { best, wait, cooling };
  }

  override setState({ best, wait, cooling }: CallbackState): void {
    this.best = best as number;
    this.wait = wait as number;
    this.cooling = cooling as number;
  }

  private reduce(epoch: number): void {
    const { optimizer } = this.model;
    if (optimizer.learningRate <= this.minLr) return;
    optimizer.learningRate = Math.max(optimizer.learningRate * this.factor, this.minLr);
    this.cooling = this.cooldown;
    this.wait = 0;
    if (this.verbose === 1) {
      console.log(`Epoch ${epoch + 1}: the learning rate is now ${optimizer.learningRate}`);
    }
  }
}
