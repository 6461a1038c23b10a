import { CallbackList } from '../callbacks/callback_list.js';
import type { Logs } from '../callbacks/index.js';
import { LugeError } from '../core/errors.js';
import { ChunkRunner, type FinishedChunk } from './chunks.js';
import { batchSource, type EvaluationSource, runEvaluation, sampleSource } from './evaluate.js';
import { checkFinite } from './finite.js';
import {
  type FitOptions,
  type FitSettings,
  fitSettings,
  type ValidationData,
} from './fit_options.js';
import { History } from './history.js';
import type { Model } from './model.js';
import type { ModelData } from './model_data.js';
import { takeAverages } from './optimizer_step.js';
import { type Batches, isBatches, prepareSamples } from './prepare.js';
import { ProgressBar } from './progress_bar.js';
import { Totals } from './report.js';
import type { Samples } from './samples.js';
import type { Trainer } from './trainer.js';
import { batchesToTrain, samplesToTrain, type TrainingSource } from './training_source.js';

/** Trains the model; everything that the user gave is checked before the first step. */
export async function fitModel(
  model: Model,
  trainer: Trainer,
  x: ModelData | Batches,
  y: ModelData | undefined,
  options: FitOptions,
): Promise<History> {
  return trainer.exclusively('fit', async () => {
    const settings = fitSettings(options);
    if (settings.signal?.aborted) throw aborted(settings.signal, 'before it began');
    trainer.compiled; // throws when it is not
    const { source, validation } = isBatches(x)
      ? fromBatches(model, trainer, x, settings)
      : await fromSamples(model, trainer, x, y as ModelData, settings);
    return new Training(model, trainer, settings, source, validation).run();
  });
}

interface Sources {
  readonly source: TrainingSource;
  readonly validation: EvaluationSource | undefined;
}

function fromBatches(
  model: Model,
  trainer: Trainer,
  batches: Batches,
  settings: FitSettings,
): Sources {
  for (const name of ['validationSplit', 'sampleWeight'] as const) {
    if (!settings[name]) continue;
    throw new LugeError(
      'BAD_ARGUMENT',
      `fit: ${name} needs x and y as arrays; a data set of batches brings its own.`,
    );
  }
  return {
    source: batchesToTrain(model, trainer, batches, settings),
    validation: validationSource(model, trainer, settings),
  };
}

async function fromSamples(
  model: Model,
  trainer: Trainer,
  x: ModelData,
  y: ModelData,
  settings: FitSettings,
): Promise<Sources> {
  const { sampleWeight, classWeight, validationSplit, stepsPerEpoch } = settings;
  if (stepsPerEpoch !== undefined) {
    throw new LugeError('BAD_ARGUMENT', 'fit: stepsPerEpoch is for data sets of batches.');
  }
  const all = prepareSamples(model, trainer, 'fit', x, y, { sampleWeight, classWeight });
  if (settings.onNaN === 'throw') await checkFinite('fit', all);
  if (validationSplit === 0 || settings.validationData !== undefined) {
    const validation = validationSource(model, trainer, settings);
    return { source: samplesToTrain(trainer, all, settings), validation };
  }
  const [kept, held] = split(all, validationSplit);
  // Class weights are for training only; the samples' own weights count in validation, too.
  const own =
    classWeight === undefined
      ? held
      : split(prepareSamples(model, trainer, 'fit', x, y, { sampleWeight }), validationSplit)[1];
  return {
    source: samplesToTrain(trainer, kept, settings),
    validation: sampleSource(trainer, own, settings.validationBatchSize),
  };
}

/** The last samples are held back, as in Keras. */
function split(samples: Samples, share: number): [Samples, Samples] {
  const { count } = samples;
  const at = Math.floor(count * (1 - share));
  if (at > 0 && at < count) return [samples.rows(0, at), samples.rows(at, count)];
  throw new LugeError(
    'BAD_ARGUMENT',
    `fit: validationSplit ${share} of ${count} samples leaves ${at} to train with and ${count - at} to ` +
      'validate on; both must be at least 1.',
  );
}

function validationSource(
  model: Model,
  trainer: Trainer,
  { validationData, validationBatchSize }: FitSettings,
): EvaluationSource | undefined {
  if (validationData === undefined) return undefined;
  const what = 'fit: validationData';
  if (isBatches(validationData)) {
    return batchSource(model, trainer, what, validationData, validationBatchSize);
  }
  const [x, y, sampleWeight] = arraysOf(validationData);
  const samples = prepareSamples(model, trainer, what, x, y, { sampleWeight });
  return sampleSource(trainer, samples, validationBatchSize);
}

function arraysOf(data: Exclude<ValidationData, Batches>) {
  if (Array.isArray(data) && (data.length === 2 || data.length === 3)) return data;
  if (typeof data === 'object' && data !== null && 'x' in data && 'y' in data) {
    return [data.x, data.y, data.sampleWeight] as const;
  }
  throw new LugeError(
    'BAD_ARGUMENT',
    'fit: validationData must be { x, y }, [x, y] or batches from a data set.',
  );
}

function aborted(signal: AbortSignal, when: string): LugeError {
  return new LugeError(
    'ABORTED',
    `fit was stopped by its signal ${when}. The model keeps its weights and can be used.`,
    { cause: signal.reason },
  );
}

/** One call of `fit`. */
class Training {
  private readonly model: Model;
  private readonly trainer: Trainer;
  private readonly settings: FitSettings;
  private readonly source: TrainingSource;
  private readonly validation: EvaluationSource | undefined;
  private readonly callbacks: CallbackList;
  private readonly bar: ProgressBar | undefined;
  private runner = new ChunkRunner();

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
    const { epochs, verbose } = settings;
    this.callbacks.attach(model, {
      epochs,
      verbose,
      get steps() {
        return source.steps;
      },
    });
  }

  async run(): Promise<History> {
    const { signal, epochs, initialEpoch } = this.settings;
    const history = new History();
    const stop = () => this.runner.stop();
    this.model.history = history;
    this.model.stopTraining = false;
    signal?.addEventListener('abort', stop);
    try {
      let logs: Logs = {};
      await this.callbacks.trainBegin();
      for (let epoch = initialEpoch; epoch < epochs && !this.model.stopTraining; epoch++) {
        logs = await this.epoch(epoch);
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
    let totals: Totals | undefined;
    let batch = 0;
    this.runner = new ChunkRunner();
    const chunks = this.source.chunks({
      most: eachBatch ? 1 : undefined,
      extras: (step, steps) => trainer.trainExtras(step.scalars, optimizer.iterations, steps),
    });
    await this.runner.run(chunks, {
      before: () => (eachBatch ? callbacks.batchBegin(batch) : undefined),
      done: async (chunk) => {
        totals ??= new Totals(chunk.step.report);
        totals.add(chunk.results, chunk.steps, chunk.step.batch);
        batch += chunk.steps;
        optimizer.iterations += chunk.steps;
        if (chunk.steps === 0) return;
        const logs = totals.logs();
        if (eachBatch) await callbacks.batchEnd(batch - 1, logs);
        await callbacks.chunkEnd(batch - 1, logs);
        this.lookForNaN(epoch, batch, chunk);
        if (model.stopTraining) this.runner.stop();
      },
    });
    return totals?.logs('', true) ?? {};
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
