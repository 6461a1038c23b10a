import { newArray } from '../core/dtype.js';
import { checkCount, checkOptions } from '../core/options.js';
import type { TraceRow } from '../runtime/program.js';
import { ChunkRunner } from './chunks.js';
import type { Model } from './model.js';
import type { ModelData } from './model_data.js';
import { prepareInputs, prepareSamples, stepFor } from './prepare.js';
import { type ChunkSettings, sampleChunks } from './sample_chunks.js';
import { Samples } from './samples.js';
import type { Trainer } from './trainer.js';

export interface ProfileOptions {
  /** Samples of a step. Default 32, or all of them when there are fewer. */
  batchSize?: number;
  /** Steps to measure, over the samples again and again. Default 100. */
  steps?: number;
}

/** Trains on whole batches, in order, with the time of each instruction measured. */
export async function profile(
  model: Model,
  trainer: Trainer,
  x: ModelData,
  y: ModelData,
  options: ProfileOptions,
): Promise<TraceRow[]> {
  return trainer.exclusively('profile', async () => {
    const samples = prepareSamples(model, trainer, 'profile', x, y);
    const { optimizer } = trainer.compiled;
    return measure('profile', 'train', trainer, samples, options, {
      extras: ({ scalars }, steps) => trainer.trainExtras(scalars, optimizer.iterations, steps),
      done: (steps) => {
        optimizer.iterations += steps;
      },
    });
  });
}

/** Predicts likewise; the outputs are left where they are. */
export async function profilePredict(
  model: Model,
  trainer: Trainer,
  x: ModelData,
  options: ProfileOptions,
): Promise<TraceRow[]> {
  return trainer.exclusively('profilePredict', async () => {
    const samples = new Samples('profilePredict', prepareInputs(model, 'profilePredict', x));
    return measure('profilePredict', 'predict', trainer, samples, options, {
      results: ({ outputs }) => outputs.map(({ dtype }) => newArray(dtype, 0)),
    });
  });
}

interface Measured extends ChunkSettings {
  /** Called when so many more steps are over. */
  done?(steps: number): void;
}

async function measure(
  what: string,
  mode: 'train' | 'predict',
  trainer: Trainer,
  samples: Samples,
  options: ProfileOptions,
  settings: Measured,
): Promise<TraceRow[]> {
  checkOptions(what, options, ['batchSize', 'steps']);
  const batch = Math.min(checkCount(`${what}: batchSize`, options.batchSize ?? 32), samples.count);
  const step = stepFor(trainer, mode, samples, batch);
  const perPass = Math.floor(samples.count / batch);
  let left = checkCount(`${what}: steps`, options.steps ?? 100);
  step.program.trace();
  try {
    while (left > 0) {
      const visit = { step, from: 0, to: Math.min(perPass, left) * batch };
      await new ChunkRunner().run(sampleChunks(samples, [visit], settings), {
        done: ({ steps }) => {
          left -= steps;
          settings.done?.(steps);
        },
      });
    }
    return step.program.traceReport();
  } finally {
    step.program.trace(false);
  }
}
