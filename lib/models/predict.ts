import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import type { Chunk } from './chunks.js';
import { ChunkRunner } from './chunks.js';
import type { Model } from './model.js';
import type { ModelData } from './model_data.js';
import { joinRows, outputsFor, writingTo } from './outputs.js';
import { type PollingOptions, poll, pollingSettings } from './polling.js';
import {
  type Batches,
  batchInputs,
  endingBatches,
  isBatches,
  prepareInputs,
  settled,
  stepFor,
} from './prepare.js';
import { stretches } from './sample_chunks.js';
import { Samples } from './samples.js';
import type { Trainer } from './trainer.js';

export interface PredictOptions {
  /** Samples of a step. Default 32. */
  batchSize?: number;
  /** Predict distorted copies of images, too, and average. */
  polling?: PollingOptions;
}

/** The outputs for all samples, written batch by batch where they stay. */
export async function predict(
  model: Model,
  trainer: Trainer,
  what: string,
  mode: 'predict' | 'classes',
  x: ModelData | Batches,
  options: PredictOptions = {},
): Promise<Tensor[]> {
  checkOptions(what, options, ['batchSize', 'polling']);
  const batchSize = checkCount(`${what}: batchSize`, options.batchSize ?? 32);
  if (options.polling !== undefined) {
    const settings = pollingSettings(what, options.polling);
    return poll(model, trainer, what, mode, x, { batchSize, ...settings });
  }
  if (isBatches(x)) {
    return predictBatches(model, trainer, what, mode, endingBatches(what, x, batchSize));
  }
  const samples = new Samples(what, prepareInputs(model, what, x));
  const visit = stretches(samples.count, batchSize, (batch) =>
    stepFor(trainer, mode, samples, batch),
  );
  const outputs = outputsFor(visit, samples.count);
  await new ChunkRunner().run(writingTo(outputs, samples, visit), { done: () => {} });
  return outputs;
}

/** The outputs for all batches of a data set, put together at the end. */
async function predictBatches(
  model: Model,
  trainer: Trainer,
  what: string,
  mode: 'predict' | 'classes',
  batches: Batches,
): Promise<Tensor[]> {
  const made: Tensor[][] = [];
  async function* chunks(): AsyncGenerator<Chunk> {
    for await (const batch of batches) {
      const samples = settled(batches, new Samples(what, batchInputs(model, what, batch)));
      const step = stepFor(trainer, mode, samples, samples.count);
      const visit = [{ step, from: 0, to: samples.count }];
      const outputs = outputsFor(visit, samples.count);
      made.push(outputs);
      yield* writingTo(outputs, samples, visit);
    }
  }
  await new ChunkRunner().run(chunks(), { done: () => {} });
  const [first] = made;
  if (first === undefined) {
    throw new LugeError('BAD_DATA', `${what}: the data set gave no batches.`);
  }
  return first.map((_, i) => joinRows(made.map((outputs) => outputs[i] as Tensor)));
}
