import type { Logs } from '../callbacks/index.js';
import { checkOptions } from '../core/options.js';
import { ChunkRunner } from './chunks.js';
import type { ClassWeight } from './labels.js';
import type { Model } from './model.js';
import type { ModelData } from './model_data.js';
import { prepareSamples, type SampleWeight, stepFor } from './prepare.js';
import { Totals } from './report.js';
import { type ChunkSettings, sampleChunks } from './sample_chunks.js';
import type { Samples } from './samples.js';
import type { StepProgram } from './step_program.js';
import type { Trainer } from './trainer.js';

export interface OnBatchOptions {
  /** Factors of the loss by sample. */
  sampleWeight?: SampleWeight;
  /** Factors of the loss by class number. */
  classWeight?: ClassWeight;
}

/** One training step on all of the samples. */
export async function trainOnBatch(
  model: Model,
  trainer: Trainer,
  x: ModelData,
  y: ModelData,
  options: OnBatchOptions,
): Promise<Logs> {
  return trainer.exclusively('trainOnBatch', async () => {
    checkOptions('trainOnBatch', options, ['sampleWeight', 'classWeight']);
    const samples = prepareSamples(model, trainer, 'trainOnBatch', x, y, options);
    const step = stepFor(trainer, 'train', samples, samples.count);
    const { optimizer } = trainer.compiled;
    const extras = () => trainer.trainExtras(step.scalars, optimizer.iterations, 1);
    const logs = await oneStep(samples, step, { extras });
    optimizer.iterations += 1;
    return logs;
  });
}

/** Loss and metrics of all of the samples in one step. */
export async function testOnBatch(
  model: Model,
  trainer: Trainer,
  x: ModelData,
  y: ModelData,
  options: OnBatchOptions,
): Promise<Logs> {
  checkOptions('testOnBatch', options, ['sampleWeight', 'classWeight']);
  const samples = prepareSamples(model, trainer, 'testOnBatch', x, y, options);
  return oneStep(samples, stepFor(trainer, 'test', samples, samples.count));
}

async function oneStep(
  samples: Samples,
  step: StepProgram,
  settings?: ChunkSettings,
): Promise<Logs> {
  const totals = new Totals(step.report);
  const chunks = sampleChunks(samples, [{ step, from: 0, to: samples.count }], settings);
  await new ChunkRunner().run(chunks, {
    done: ({ results, steps }) => totals.add(results, steps, step.batch),
  });
  return totals.logs('', true);
}
