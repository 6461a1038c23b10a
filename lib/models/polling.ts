import { LugeError } from '../core/errors.js';
import { checkCount } from '../core/options.js';
import { nextSeed } from '../core/random.js';
import { showShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { type AugmentOptions, augmentSettings } from '../ops/augment_options.js';
import { ChunkRunner } from './chunks.js';
import type { Model } from './model.js';
import type { ModelData } from './model_data.js';
import { joinRows, outputsFor, writingTo } from './outputs.js';
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
import { classOf } from './step_graph.js';
import type { Trainer } from './trainer.js';

/** How copies of images are distorted, and how many there are. */
export interface PollingOptions extends AugmentOptions {
  /** Distorted copies of each image, which are averaged with the image itself. Default 16. */
  copies?: number;
}

interface PollingSettings {
  readonly copies: number;
  readonly augment: AugmentOptions;
  readonly seed: number;
}

/** @throws LugeError UNKNOWN_NAME or BAD_ARGUMENT that names the option. */
export function pollingSettings(what: string, options: PollingOptions): PollingSettings {
  const { copies = 16, seed, ...augment } = options;
  augmentSettings(`${what}: polling`, { seed, ...augment } as AugmentOptions);
  return {
    copies: checkCount(`${what}: polling: copies`, copies),
    augment,
    seed: seed ?? nextSeed(),
  };
}

/** The mean of the outputs for images and for distorted copies of them, or the class that it means. */
export async function poll(
  model: Model,
  trainer: Trainer,
  what: string,
  mode: 'predict' | 'classes',
  x: ModelData | Batches,
  settings: PollingSettings & { readonly batchSize: number },
): Promise<Tensor[]> {
  const made: Tensor[][] = [];
  let firstStep = 0;
  for await (const samples of samplesOf(model, what, x, settings.batchSize)) {
    const polling = new Polling(trainer, samples, settings, firstStep);
    made.push(await polling.run());
    firstStep = polling.nextStep;
  }
  const [first] = made;
  if (first === undefined)
    throw new LugeError('BAD_DATA', `${what}: the data set gave no batches.`);
  const means = first.map((_, i) => joinRows(made.map((outputs) => outputs[i] as Tensor)));
  return mode === 'classes' ? means.map((output) => classOf(output)) : means;
}

async function* samplesOf(
  model: Model,
  what: string,
  x: ModelData | Batches,
  batchSize: number,
): AsyncGenerator<Samples, void, void> {
  if (!isBatches(x)) {
    yield images(what, new Samples(what, prepareInputs(model, what, x)));
    return;
  }
  const batches = endingBatches(what, x, batchSize);
  for await (const batch of batches) {
    yield settled(batches, images(what, new Samples(what, batchInputs(model, what, batch))));
  }
}

function images(what: string, samples: Samples): Samples {
  const { shape } = samples.x[0] as Tensor;
  if (shape.length === 4) return samples;
  throw new LugeError(
    'BAD_SHAPE',
    `${what}: polling distorts images [n, rows, columns, channels], but x is ${showShape(shape)}.`,
  );
}

/** Samples that are predicted again and again. */
class Polling {
  /** The number of the next step: each batch of each copy draws numbers of its own. */
  nextStep: number;
  private readonly trainer: Trainer;
  private readonly samples: Samples;
  private readonly settings: PollingSettings & { readonly batchSize: number };

  constructor(
    trainer: Trainer,
    samples: Samples,
    settings: PollingSettings & { readonly batchSize: number },
    firstStep: number,
  ) {
    this.trainer = trainer;
    this.samples = samples;
    this.settings = settings;
    this.nextStep = firstStep;
  }

  async run(): Promise<Tensor[]> {
    const { copies, augment } = this.settings;
    const first = await this.outputs(undefined);
    const sums = first.map(({ data }) => Float64Array.from(data));
    for (let copy = 0; copy < copies; copy++) {
      (await this.outputs(augment)).forEach(({ data }, i) => {
        const sum = sums[i] as Float64Array;
        for (let at = 0; at < sum.length; at++)
          sum[at] = (sum[at] as number) + (data[at] as number);
      });
    }
    return first.map(({ shape }, i) => {
      const mean = (sums[i] as Float64Array).map((sum) => sum / (copies + 1));
      return new Tensor(Float32Array.from(mean), shape);
    });
  }

  private async outputs(augment: AugmentOptions | undefined): Promise<Tensor[]> {
    const { trainer, samples } = this;
    const { batchSize, seed } = this.settings;
    const visit = stretches(samples.count, batchSize, (batch) =>
      stepFor(trainer, 'predict', samples, batch, augment),
    );
    const outputs = outputsFor(visit, samples.count);
    const extras = (_: unknown, steps: number) => {
      const firstStep = this.nextStep;
      this.nextStep += steps;
      return { seed, firstStep, feeds: [] };
    };
    await new ChunkRunner().run(writingTo(outputs, samples, visit, { extras }), { done: () => {} });
    return outputs;
  }
}
