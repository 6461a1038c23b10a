import { join } from 'node:path';
import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions } from '../core/options.js';
import { Callback, type CallbackState, type Logs } from './callback.js';
import { EventFile } from './event_file.js';
import { histogramValue, modelValue, type SummaryValue, scalarValue } from './event_messages.js';

export interface TensorBoardOptions {
  /** The folder to write to, which `tensorboard --logdir` is given. Default 'logs'. */
  logDir?: string;
  /** Write histograms of all weights each time after so many epochs. Default 0: never. */
  histogramFreq?: number;
  /** Write the model's layers and how they are connected. Default true. */
  writeGraph?: boolean;
  /** Write how many steps are done in a second, too. Default false. */
  writeStepsPerSecond?: boolean;
  /**
   * Losses and metrics after each epoch alone ('epoch'), or also after each batch ('batch' or 1) or
   * each time after so many batches. Default 'epoch', which is the fastest.
   */
  updateFreq?: 'epoch' | 'batch' | number;
}

const known = [
  'logDir',
  'histogramFreq',
  'writeGraph',
  'writeStepsPerSecond',
  'updateFreq',
] as const satisfies readonly (keyof TensorBoardOptions)[];

/**
 * Writes what `tensorboard --logdir logs` shows while training goes on, under the names that Keras's
 * TensorBoard gives:
 *
 * - runs `train` and `validation`, by epoch (from 0): `epoch_loss`, `epoch_accuracy` and so on, and
 *   `epoch_learning_rate`;
 * - validation, by the optimizer's steps: `evaluation_loss_vs_iterations` and so on;
 * - with `updateFreq`, by batch (from 1): `batch_loss` and so on, means over the epoch so far;
 * - with `histogramFreq`, by epoch: `dense/kernel/histogram` and so on, for each weight;
 * - the model as a graph of its layers, in the dashboard of graphs under "Conceptual Graph".
 *
 * Each `fit` writes new files into the folder; choose another for each run to tell them apart. Images
 * of weights, embeddings and profiles, which Keras can write, are not written; for the time that each
 * instruction takes there is `model.profile`.
 *
 * @throws LugeError IO, which ends training, when a file cannot be written.
 * @example
 * ```ts
 * const board = new callbacks.TensorBoard({ logDir: 'logs' }); // then: tensorboard --logdir logs
 * const model = sequential([layers.dense({ units: 1, inputShape: [1] })]);
 * model.compile({ optimizer: 'sgd', loss: 'mse' });
 * await model.fit([[0], [1]], [0, 1], { epochs: 2, callbacks: board, verbose: 0 });
 * ```
 */
export class TensorBoard extends Callback {
  private readonly logDir: string;
  private readonly histogramFreq: number;
  private readonly writesGraph: boolean;
  private readonly writesSpeed: boolean;
  private train = new EventFile('');
  private validation = new EventFile('');
  /** Batches of this call of `fit`. */
  private batches = 0;
  private epochBegan = 0;
  private epochBatches = 0;
  private batchBegan = 0;

  constructor(options: TensorBoardOptions = {}) {
    super();
    checkOptions('TensorBoard', options, known);
    const { logDir = 'logs', histogramFreq = 0, writeGraph = true, updateFreq = 'epoch' } = options;
    if (typeof logDir !== 'string' || logDir === '') {
      throw new LugeError(
        'BAD_ARGUMENT',
        `TensorBoard: logDir must be a folder's path, but got ${JSON.stringify(logDir)}.`,
      );
    }
    this.logDir = logDir;
    this.histogramFreq = checkCount('TensorBoard: histogramFreq', histogramFreq, 0);
    this.writesGraph = writeGraph;
    this.writesSpeed = options.writeStepsPerSecond ?? false;
    if (updateFreq === 'epoch') return;
    const every = updateFreq === 'batch' ? 1 : updateFreq;
    this.watchBatches(checkCount("TensorBoard: updateFreq, if not 'epoch' or 'batch',", every));
  }

  override onTrainBegin(): void {
    this.train = new EventFile(join(this.logDir, 'train'));
    this.validation = new EventFile(join(this.logDir, 'validation'));
    this.batches = 0;
    if (!this.writesGraph) return;
    const json = this.architecture();
    if (json !== undefined) this.train.write(0, [modelValue('keras', json)]);
  }

  override onEpochBegin(): void {
    this.epochBegan = performance.now();
    this.epochBatches = this.model.optimizer.iterations;
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    const { iterations, learningRate } = this.model.optimizer;
    const all = Object.entries(logs);
    const train = Object.fromEntries(all.filter(([name]) => !name.startsWith('val_')));
    train.learning_rate = learningRate;
    if (this.writesSpeed) {
      train.steps_per_second = perSecond(iterations - this.epochBatches, this.epochBegan);
    }
    this.train.write(epoch, scalars('epoch_', train));
    if (this.histogramFreq > 0 && epoch % this.histogramFreq === 0) {
      this.train.write(epoch, this.histograms());
    }
    const held = all.filter(([name]) => name.startsWith('val_'));
    if (held.length === 0) return;
    const validation = Object.fromEntries(held.map(([name, value]) => [name.slice(4), value]));
    this.validation.write(iterations, scalars('evaluation_', validation, '_vs_iterations'));
    this.validation.write(epoch, scalars('epoch_', validation));
  }

  override getState(): CallbackState {
    return { batches: this.batches };
  }

  override setState({ batches }: CallbackState): void {
    this.batches = batches as number;
  }

  /** Only when asked for, because then training is cut into single batches. */
  private watchBatches(every: number): void {
    this.onTrainBatchBegin = () => {
      this.batchBegan = performance.now();
    };
    this.onTrainBatchEnd = (_batch, logs) => {
      this.batches += 1;
      if (this.batches % every !== 0) return;
      const values = { ...logs };
      if (this.writesSpeed) values.steps_per_second = perSecond(1, this.batchBegan);
      this.train.write(this.batches, scalars('batch_', values));
    };
  }

  /** As JSON; undefined for a model that cannot be written so. */
  private architecture(): string | undefined {
    try {
      return JSON.stringify(this.model.toJSON());
    } catch (error) {
      if (error instanceof LugeError) return undefined;
      throw error;
    }
  }

  private histograms(): SummaryValue[] {
    const weights = new Set(this.model.layers.flatMap((layer) => layer.weights));
    const names = new Map<string, number>();
    return [...weights].map(({ name, value }) => {
      const count = names.get(name) ?? 0;
      names.set(name, count + 1);
      const unique = count === 0 ? name : `${name}_${count}`;
      return histogramValue(`${unique}/histogram`, value.data);
    });
  }
}

function scalars(prefix: string, logs: Logs, suffix = ''): SummaryValue[] {
  return Object.entries(logs).map(([name, value]) =>
    scalarValue(`${prefix}${name}${suffix}`, value),
  );
}

function perSecond(steps: number, since: number): number {
  return steps / Math.max((performance.now() - since) / 1000, 1e-9);
}
