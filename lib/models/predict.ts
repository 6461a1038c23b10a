import { newArray, type TypedArray } from '../core/dtype.js';
import { checkCount, checkOptions } from '../core/options.js';
import { sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { ChunkRunner } from './chunks.js';
import type { Model } from './model.js';
import type { ModelData } from './model_data.js';
import { prepareInputs, stepFor } from './prepare.js';
import { sampleChunks, stretches } from './sample_chunks.js';
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
  x: ModelData,
  options: PredictOptions = {},
): Promise<Tensor[]> {
  checkOptions(what, options, ['batchSize']);
  const batchSize = checkCount(`${what}: batchSize`, options.batchSize ?? 32);
  const samples = new Samples(what, prepareInputs(model, what, x));
  const visit = stretches(samples.count, batchSize, (batch) =>
    stepFor(trainer, mode, samples, batch),
  );
  const [first] = visit as [(typeof visit)[0]];
  const outputs = first.step.outputs.map(({ shape, dtype }) => {
    const whole = [samples.count, ...shape.slice(1)];
    return new Tensor(newArray(dtype, sizeOf(whole)), whole);
  });
  const results = (_: unknown, row: number): TypedArray[] =>
    outputs.map(({ data, shape }) => data.subarray(row * sizeOf(shape.slice(1))));
  await new ChunkRunner().run(sampleChunks(samples, visit, { results }), { done: () => {} });
  return outputs;
}
