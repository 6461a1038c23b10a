import { checkCount, checkOptions } from '../core/options.js';
import type { TraceRow } from '../runtime/program.js';
import { ChunkRunner } from './chunks.js';
import type { Model } from './model.js';
import type { ModelData } from './model_data.js';
import { prepareSamples, stepFor } from './prepare.js';
import { sampleChunks } from './sample_chunks.js';
import type { Trainer } from './trainer.js';

export interface ProfileOptions {
  /** Samples of a step. Default 32, or all of them when there are fewer. */
  batchSize?: number;
  /** Training steps to measure, over the samples again and again. Default 100. */
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
    checkOptions('profile', options, ['batchSize', 'steps']);
    const samples = prepareSamples(model, trainer, 'profile', x, y);
    const batch = Math.min(
      checkCount('profile: batchSize', options.batchSize ?? 32),
      samples.count,
    );
    const step = stepFor(trainer, 'train', samples, batch);
    const { optimizer } = trainer.compiled;
    const perPass = Math.floor(samples.count / batch);
    let left = checkCount('profile: steps', options.steps ?? 100);
    step.program.trace();
    try {
      while (left > 0) {
        const visit = { step, from: 0, to: Math.min(perPass, left) * batch };
        const extras = (_: unknown, steps: number) =>
          trainer.trainExtras(step.scalars, optimizer.iterations, steps);
        await new ChunkRunner().run(sampleChunks(samples, [visit], { extras }), {
          done: ({ steps }) => {
            optimizer.iterations += steps;
            left -= steps;
          },
        });
      }
      return step.program.traceReport();
    } finally {
      step.program.trace(false);
    }
  });
}
