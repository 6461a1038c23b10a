import { CallbackList } from '../callbacks/callback_list.js';
import type { Logs, TrainingUnderWay } from '../callbacks/index.js';
import { LugeError } from '../core/errors.js';
import { ChunkRunner, type FinishedChunk } from './chunks.js';
import { type EvaluationSource, runEvaluation } from './evaluate.js';
import type { FitSettings } from './fit_options.js';
import { History } from './history.js';
import type { Model } from './model.js';
import { takeAverages } from './optimizer_step.js';
import { ProgressBar } from './progress_bar.js';
import { type Tallied, Totals } from './report.js';
import type { Randomness, Trainer } from './trainer.js';
import type { TrainingSource } from './training_source.js';
import { readTraining, writeTraining } from './training_state.js';

/** The error of a training that its signal stopped. */
export function aborted(signal: AbortSignal, when: string): LugeError {
  return new LugeError(
    'ABORTED',
    `fit was stopped by its signal ${when}. The model keeps its weights and can be used.`,
    { cause: signal.reason },
  );
}

/** One call of `fit`. */
export class Training implements TrainingUnderWay {
  private readonly model: Model;
  private readonly trainer: Trainer;
  private readonly settings: FitSettings;
  private readonly source: TrainingSource;
  private readonly validation: EvaluationSource | undefined;
  private readonly callbacks: CallbackList;
  private readonly bar: ProgressBar | undefined;
  private runner = new ChunkRunner();
  /** The epoch under way, how many of its batches are done, and what they gave. */
  private at: number;
  private batch = 0;
  private totals: Totals | undefined;
  /** Of the beginning of the epoch. */
  private randomness: Randomness;
  /** Sums of the batches that were done before training was resumed. */
  private resumed: Tallied | undefined;

  constructor(
    model: Model,
    trainer: Trainer,
    settings: FitSettings,
    source: TrainingSource,
    validation: EvaluationSource | undefined,
  ) {
    this.model = model;
    this.trainer = trainer;
    this.settings = settings;
    this.source = source;
    this.validation = validation;
    this.bar = settings.verbose === 0 ? undefined : new ProgressBar(settings.verbose);
    this.callbacks = new CallbackList([...settings.callbacks, ...(this.bar ? [this.bar] : [])]);
    const { epochs, initialEpoch, verbose } = settings;
    const params = {
      epochs,
      verbose,
      get steps() {
        return source.steps;
      },
    };
    this.callbacks.attach(model, params, this);
    this.at = initialEpoch;
    this.randomness = trainer.randomness;
  }

  async save(path: string): Promise<void> {
    const { at: epoch, batch, randomness } = this;
    const { stopTraining: stopped } = this.model;
    const position = { epoch, batch, totals: this.totals?.state, randomness, stopped };
    await writeTraining(this.model, this.trainer, path, position, this.callbacks.states);
  }

  async resume(path: string): Promise<{ epoch: number; batch: number }> {
    const { position, states } = await readTraining(this.model, this.trainer, path);
    const { epoch, batch, totals, randomness, stopped } = position;
    this.at = epoch;
    this.batch = batch;
    this.resumed = totals;
    this.trainer.randomness = randomness;
    this.model.stopTraining = stopped;
    this.callbacks.restore(states);
    await this.source.skipEpochs(epoch - this.settings.initialEpoch);
    return { epoch, batch };
  }

  async run(): Promise<History> {
    const { signal, epochs } = this.settings;
    const history = new History();
    const stop = () => this.runner.stop();
    this.model.history = history;
    this.model.stopTraining = false;
    signal?.addEventListener('abort', stop);
    try {
      let logs: Logs = {};
      await this.callbacks.trainBegin();
      while (this.at < epochs && !this.model.stopTraining) {
        const epoch = this.at;
        logs = await this.epoch(epoch);
        this.nextEpoch();
        await this.callbacks.epochEnd(epoch, logs);
        history.add(epoch, logs);
        this.throwIfAborted(epoch);
      }
      takeAverages(this.trainer.compiled.optimizer, this.model.trainableWeights);
      await this.callbacks.trainEnd(logs);
      return history;
    } catch (error) {
      this.bar?.abandon();
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
      this.source.close?.();
    }
  }

  private nextEpoch(): void {
    this.at += 1;
    this.batch = 0;
    this.totals = undefined;
    this.resumed = undefined;
    this.randomness = this.trainer.randomness;
  }

  private async epoch(epoch: number): Promise<Logs> {
    await this.callbacks.epochBegin(epoch);
    this.throwIfAborted(epoch);
    const logs = await this.train(epoch);
    this.throwIfAborted(epoch);
    if (this.validation === undefined) return logs;
    this.runner = new ChunkRunner();
    const validation = await runEvaluation(this.validation, this.runner, 'val_');
    this.throwIfAborted(epoch);
    return { ...logs, ...validation };
  }

  private async train(epoch: number): Promise<Logs> {
    const { callbacks, model, trainer } = this;
    const { optimizer } = trainer.compiled;
    const eachBatch = callbacks.watchesBatches;
    this.runner = new ChunkRunner();
    this.randomness = trainer.randomness;
    const chunks = this.source.chunks({
      skip: this.batch,
      most: eachBatch ? 1 : undefined,
      extras: (step, steps) => trainer.trainExtras(step.scalars, optimizer.iterations, steps),
    });
    await this.runner.run(chunks, {
      before: () => (eachBatch ? callbacks.batchBegin(this.batch) : undefined),
      done: async (chunk) => {
        this.totals ??= new Totals(chunk.step.report, this.resumed);
        this.totals.add(chunk.results, chunk.steps, chunk.step.batch);
        this.batch += chunk.steps;
        optimizer.iterations += chunk.steps;
        if (chunk.steps === 0) return;
        const logs = this.totals.logs();
        if (eachBatch) await callbacks.batchEnd(this.batch - 1, logs);
        await callbacks.chunkEnd(this.batch - 1, logs);
        this.lookForNaN(epoch, this.batch, chunk);
        if (model.stopTraining) this.runner.stop();
      },
    });
    return this.totals?.logs('', true) ?? {};
  }

  private lookForNaN(epoch: number, batch: number, { results, steps }: FinishedChunk): void {
    if (this.settings.onNaN === 'continue') return;
    const losses = (results[0] as Float32Array).subarray(0, steps);
    const at = losses.findIndex((loss) => !Number.isFinite(loss));
    if (at < 0) return;
    if (this.settings.onNaN === 'stop') {
      this.model.stopTraining = true;
      return;
    }
    throw new LugeError(
      'BAD_DATA',
      `fit: the loss is ${losses[at]} in epoch ${epoch + 1}, batch ${batch - steps + at}. The data is finite, so ` +
        'training diverged: try a smaller learning rate.',
    );
  }

  private throwIfAborted(epoch: number): void {
    const { signal } = this.settings;
    if (signal?.aborted) throw aborted(signal, `in epoch ${epoch + 1}`);
  }
}
