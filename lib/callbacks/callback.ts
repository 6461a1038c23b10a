import type { Tensor } from '../core/tensor.js';
import type { Layer } from '../layers/layer.js';
import type { Optimizer } from '../optimizers/optimizer.js';

/** Values by name, such as `{ loss: 0.1, accuracy: 0.97 }`. */
export type Logs = Record<string, number>;

/** What a hook may answer with: nothing, or a promise that training waits for. */
export type HookResult = void | Promise<void>;

/** What a callback can do with the model in training. */
export interface CallbackModel {
  /** Set to true to end training after the batches under way. */
  stopTraining: boolean;
  /** The optimizer, whose learning rate can be set. */
  readonly optimizer: Optimizer;
  /** The layers of the model, in order. */
  readonly layers: readonly Layer[];
  /** The architecture in Keras's words. */
  toJSON(): object;
  /** Copies of all weights. */
  getWeights(): Tensor[];
  /** Replaces all weights. */
  setWeights(weights: readonly Tensor[]): void;
  /** Writes the whole model to a file. */
  save(path: string): Promise<void>;
  /** Writes the weights to a file. */
  saveWeights(path: string): Promise<void>;
}

/** What a callback remembers, by name: numbers and lists of tensors. */
export type CallbackState = Readonly<Record<string, number | readonly Tensor[]>>;

/** The training under way, as a whole. */
export interface TrainingUnderWay {
  /**
   * Writes to a file, whole or not at all, what training goes on from: weights, the optimizer's and
   * the callbacks' memory, the epoch, and where shuffling and dropout are.
   */
  save(path: string): Promise<void>;
  /**
   * Goes on where such a file ends. For `onTrainBegin`.
   *
   * @returns the epoch (from 0), and how many of its batches are done.
   * @throws LugeError BAD_DATA when the file does not fit; nothing is changed then.
   */
  resume(path: string): Promise<{ epoch: number; batch: number }>;
}

/** How training was called. */
export interface FitParams {
  /** The epoch to end with. */
  readonly epochs: number;
  /** Batches in an epoch; undefined when the data does not tell. */
  readonly steps: number | undefined;
  /** How much `fit` prints. */
  readonly verbose: 0 | 1 | 2;
}

/**
 * Follows training. Extend it and override the hooks of interest, or pass an object with those hooks
 * to `fit`. A hook may be async: training waits for it. What it throws ends training and rejects
 * `fit`; the model keeps the weights that it has then.
 *
 * In the hooks of batches, `logs` are the means over the epoch so far, as in Keras. A hook of single
 * batches makes every batch a call of its own; `onTrainChunkEnd` tells of progress without that.
 *
 * @example
 * ```ts
 * class Best extends Callback {
 *   best = Number.POSITIVE_INFINITY;
 *   override onEpochEnd(_epoch: number, logs: Logs): void {
 *     this.best = Math.min(this.best, logs.loss as number);
 *   }
 * }
 * const callback = new Best();
 * const model = sequential([layers.dense({ units: 1, inputShape: [1] })]);
 * model.compile({ optimizer: 'sgd', loss: 'mse' });
 * const options = { epochs: 3, callbacks: callback, verbose: 0 as const };
 * const { history } = await model.fit([[0], [1]], [0, 1], options);
 * callback.best === Math.min(...(history.loss as number[])); // => true
 * ```
 */
export class Callback {
  /** The model in training. */
  model!: CallbackModel;
  /** How training was called. */
  params!: FitParams;
  /** The training under way. */
  training!: TrainingUnderWay;

  /** Before the first epoch. */
  onTrainBegin(_logs: Logs): HookResult {}
  /** After the last epoch. */
  onTrainEnd(_logs: Logs): HookResult {}
  /** Before an epoch, counted from 0. */
  onEpochBegin(_epoch: number, _logs: Logs): HookResult {}
  /** After validation; `logs` are what the history gets. */
  onEpochEnd(_epoch: number, _logs: Logs): HookResult {}
  /** Before a batch, counted from 0 in each epoch. */
  onTrainBatchBegin(_batch: number, _logs: Logs): HookResult {}
  /** After a batch, with the means of the epoch so far. */
  onTrainBatchEnd(_batch: number, _logs: Logs): HookResult {}
  /** After batches that were computed in one go, about 50 ms of them; `batch` is the last one. */
  onTrainChunkEnd(_batch: number, _logs: Logs): HookResult {}

  /** What it must remember when training is interrupted and resumed. Default: nothing. */
  getState(): CallbackState {
    return {};
  }

  /** Takes up what `getState` gave; called after `onTrainBegin` when training is resumed. */
  setState(_state: CallbackState): void {}
}

/** Hooks alone. */
export type CallbackHooks = Partial<
  Pick<
    Callback,
    | 'onTrainBegin'
    | 'onTrainEnd'
    | 'onEpochBegin'
    | 'onEpochEnd'
    | 'onTrainBatchBegin'
    | 'onTrainBatchEnd'
    | 'onTrainChunkEnd'
  >
>;

/**
 * A callback with its defaults by name; 'no-improvement-in-10' is early stopping with a patience of
 * so many epochs, as Nielsen calls it (Neural Networks and Deep Learning, chapter 3).
 */
export type CallbackName =
  | 'earlyStopping'
  | 'reduceLROnPlateau'
  | 'tensorBoard'
  | 'terminateOnNaN'
  | `no-improvement-in-${number}`;

/** What `fit` takes: a callback, its name, or an object of hooks. */
export type CallbackLike = Callback | CallbackHooks | CallbackName;

export const hookNames = [
  'onTrainBegin',
  'onTrainEnd',
  'onEpochBegin',
  'onEpochEnd',
  'onTrainBatchBegin',
  'onTrainBatchEnd',
  'onTrainChunkEnd',
] as const satisfies readonly (keyof CallbackHooks)[];
