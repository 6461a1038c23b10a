import { newArray, type TypedArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions } from '../core/options.js';
import { sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import type { Chunk } from './chunks.js';
import { ChunkRunner } from './chunks.js';
import type { Model } from './model.js';
import type { ModelData } from './model_data.js';
import {
  type Batches,
  batchInputs,
  endingBatches,
  isBatches,
  prepareInputs,
  settled,
  stepFor,
} from './prepare.js';
import { type Stretch, sampleChunks, stretches } from './sample_chunks.js';
import { Samples } from './samples.js';
import type { Trainer } from './trainer.js';

export interface PredictOptions {
  /** Samples of a step. Default 32. */
  batchSize?: number;
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
  checkOptions(what, options, ['batchSize']);
  const batchSize = checkCount(`${what}: batchSize`, options.batchSize ?? 32);
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

/** Tensors for the outputs of all samples. */
function outputsFor(visit: readonly Stretch[], count: number): Tensor[] {
  const [first] = visit as [Stretch];
  return first.step.outputs.map(({ shape, dtype }) => {
    const whole = [count, ...shape.slice(1)];
    return new Tensor(newArray(dtype, sizeOf(whole)), whole);
  });
}

function writingTo(outputs: readonly Tensor[], samples: Samples, visit: readonly Stretch[]) {
  const results = (_: unknown, row: number): TypedArray[] =>
    outputs.map(({ data, shape }) => data.subarray(row * sizeOf(shape.slice(1))));
  return sampleChunks(samples, visit, { results });
}

/** Tensors one behind the other along the first axis. */
function joinRows(parts: readonly Tensor[]): Tensor {
  const [{ dtype, shape }] = parts as [Tensor];
  const data = newArray(
    dtype,
    parts.reduce((size, part) => size + part.size, 0),
  );
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.size;
  }
  const row = shape.slice(1);
  return new Tensor(data, [data.length / sizeOf(row), ...row]);
}
