import { BackupAndRestore } from './backup_and_restore.js';
import {
  Callback,
  type CallbackModel,
  type CallbackState,
  type FitParams,
  type Logs,
  type TrainingUnderWay,
} from './callback.js';

/**
 * Several callbacks as one: each hook of each, in their order, one after the other. Backups come
 * last, so that they hold what the others have done.
 */
export class CallbackList {
  /** Whether any of them wants to hear of every batch. */
  readonly watchesBatches: boolean;
  private readonly callbacks: readonly Callback[];

  constructor(callbacks: readonly Callback[]) {
    const isBackup = (callback: Callback) => callback instanceof BackupAndRestore;
    this.callbacks = [
      ...callbacks.filter((callback) => !isBackup(callback)),
      ...callbacks.filter(isBackup),
    ];
    this.watchesBatches = callbacks.some(
      ({ onTrainBatchBegin, onTrainBatchEnd }) =>
        onTrainBatchBegin !== Callback.prototype.onTrainBatchBegin ||
        onTrainBatchEnd !== Callback.prototype.onTrainBatchEnd,
    );
  }

  /** Tells the callbacks whom they follow. */
  attach(model: CallbackModel, params: FitParams, training: TrainingUnderWay): void {
    for (const callback of this.callbacks) {
      callback.model = model;
      callback.params = params;
      callback.training = training;
    }
  }

  /** What each remembers, by its class, with a number from the second on. */
  get states(): Map<string, CallbackState> {
    const states = [...this.byName()].map(
      ([name, callback]) => [name, callback.getState()] as const,
    );
    return new Map(states);
  }

  /** Gives their memory back to those that are found again. */
  restore(states: ReadonlyMap<string, CallbackState>): void {
    for (const [name, callback] of this.byName()) {
      const state = states.get(name);
      if (state !== undefined) callback.setState(state);
    }
  }

  private byName(): Map<string, Callback> {
    const found = new Map<string, Callback>();
    for (const callback of this.callbacks) {
      const { name } = callback.constructor;
      let free = name;
      for (let i = 1; found.has(free); i++) free = `${name}_${i}`;
      found.set(free, callback);
    }
    return found;
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
