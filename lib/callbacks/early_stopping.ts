import { checkCount, checkOptions, checkRange } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { Callback, type CallbackState, type Logs } from './callback.js';
import { Monitor, type MonitorMode } from './monitor.js';

export interface EarlyStoppingOptions {
  /** What to watch: a key of the history. Default 'val_loss'. */
  monitor?: string;
  /** How much better counts as better. Default 0. */
  minDelta?: number;
  /** Epochs without improvement before training ends. Default 0. */
  patience?: number;
  /** Whether less or more is better; 'auto' tells from the name. Default 'auto'. */
  mode?: MonitorMode;
  /** Epochs without improvement count only if the value is worse than this, too. */
  baseline?: number;
  /** Go back to the weights of the best epoch at the end. Default false. */
  restoreBestWeights?: boolean;
  /** The first epoch to look at. Default 0. */
  startFromEpoch?: number;
  /** Say on the console when training is ended: 1. Default 0. */
  verbose?: 0 | 1;
}

const known = [
  'monitor',
  'minDelta',
  'patience',
  'mode',
  'baseline',
  'restoreBestWeights',
  'startFromEpoch',
  'verbose',
] as const;

/**
 * Ends training when a value no longer gets better (Keras's EarlyStopping).
 *
 * @example
 * ```ts
 * const zero = { units: 1, kernelInitializer: 'zeros', inputShape: [1] };
 * const model = sequential([layers.dense(zero)]);
 * model.compile({ optimizer: 'sgd', loss: 'mse' });
 * const stop = callbacks.earlyStopping({ monitor: 'loss', patience: 2 });
 * const { epoch } = await model.fit([[0]], [0], { epochs: 50, callbacks: stop, verbose: 0 });
 * epoch.length; // => 3
 * ```
 */
export class EarlyStopping extends Callback {
  /** The epoch at whose end training stopped; 0 when it did not. */
  stoppedEpoch = 0;
  /** The best value and its epoch. */
  best = Number.NaN;
  /** The epoch of the best value. */
  bestEpoch = 0;
  private readonly watched: Monitor;
  private readonly minDelta: number;
  private readonly patience: number;
  private readonly baseline: number | undefined;
  private readonly restores: boolean;
  private readonly startFromEpoch: number;
  private readonly verbose: 0 | 1;
  private wait = 0;
  private bestWeights: Tensor[] | undefined;

  constructor(options: EarlyStoppingOptions = {}) {
    super();
    checkOptions('EarlyStopping', options, known);
    this.watched = new Monitor('EarlyStopping', options.monitor ?? 'val_loss', options.mode);
    this.minDelta = checkRange('EarlyStopping: minDelta', Math.abs(options.minDelta ?? 0), 0);
    this.patience = checkCount('EarlyStopping: patience', options.patience ?? 0, 0);
    this.startFromEpoch = checkCount(
      'EarlyStopping: startFromEpoch',
      options.startFromEpoch ?? 0,
      0,
    );
    this.baseline = options.baseline;
    this.verbose = options.verbose ?? 0;
    this.restores = options.restoreBestWeights ?? false;
  }

  /** The key of the history that is watched. */
  get monitor(): string {
    return this.watched.key;
  }

  override onTrainBegin(): void {
    this.wait = 0;
    this.stoppedEpoch = 0;
    this.best = Number.NaN;
    this.bestEpoch = 0;
    this.bestWeights = undefined;
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    const value = this.watched.read(logs);
    if (epoch < this.startFromEpoch) return;
    this.wait += 1;
    if (this.isBetter(value, this.best)) {
      this.best = value;
      this.bestEpoch = epoch;
      if (this.restores) this.bestWeights = this.model.getWeights();
      if (this.baseline === undefined || this.isBetter(value, this.baseline)) this.wait = 0;
    } else if (this.wait >= this.patience && epoch > 0) {
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
      if (this.verbose === 1) {
        console.log(
          `Epoch ${epoch + 1}: ending, as ${this.monitor} was best (${this.best}) in epoch ${this.bestEpoch + 1}`,
        );
      }
    }
  }

  override onTrainEnd(): void {
    if (this.bestWeights !== undefined) this.model.setWeights(this.bestWeights);
    this.bestWeights = undefined;
  }

  override getState(): CallbackState {
    const { wait, stoppedEpoch, best, bestEpoch, bestWeights } = this;
    return { wait, stoppedEpoch, best, bestEpoch, ...(bestWeights && { bestWeights }) };
  }

  override setState(state: CallbackState): void {
    this.wait = state.wait as number;
    this.stoppedEpoch = state.stoppedEpoch as number;
    this.best = state.best as number;
    this.bestEpoch = state.bestEpoch as number;
    this.bestWeights = state.bestWeights as Tensor[] | undefined;
  }

  private isBetter(value: number, than: number): boolean {
    return this.watched.isBetter(value, than, this.minDelta);
  }
}
