import { LugeError } from '../core/errors.js';
import { batchSource, type EvaluationSource, sampleSource } from './evaluate.js';
import { checkFinite } from './finite.js';
import {
  type FitOptions,
  type FitSettings,
  fitSettings,
  type ValidationData,
} from './fit_options.js';
import type { History } from './history.js';
import type { Model } from './model.js';
import type { ModelData } from './model_data.js';
import { type Batches, isBatches, prepareSamples } from './prepare.js';
import type { Samples } from './samples.js';
import type { Trainer } from './trainer.js';
import { aborted, Training } from './training.js';
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
