import { LugeError } from '../core/errors.js';
import type { Chunk } from './chunks.js';
import type { FitSettings } from './fit_options.js';
import type { Model } from './model.js';
import {
  type Batch,
  type Batches,
  endingBatches,
  prepareBatch,
  settled,
  stepFor,
} from './prepare.js';
import { type ChunkSettings, sampleChunks, stretches } from './sample_chunks.js';
import type { Samples } from './samples.js';
import type { Trainer } from './trainer.js';

/** Where the batches of each epoch come from. */
export interface TrainingSource {
  /** Batches in an epoch; undefined as long as that is not known. */
  readonly steps: number | undefined;
  chunks(settings: ChunkSettings): Iterator<Chunk> | AsyncIterator<Chunk>;
  /** Leaves out so many epochs, which were done before training was resumed. */
  skipEpochs(count: number): Promise<void>;
  /** Ends what is still open when training is over. */
  close?(): void;
}

/** Samples in memory. Their programs are built right away, so that errors show early. */
export function samplesToTrain(
  trainer: Trainer,
  samples: Samples,
  { batchSize, shuffle }: FitSettings,
): TrainingSource {
  const { count } = samples;
  const visit = stretches(count, batchSize, (batch) => stepFor(trainer, 'train', samples, batch));
  return {
    steps: Math.ceil(count / batchSize),
    skipEpochs: async () => {},
    chunks: (settings) => {
      const order = shuffle ? trainer.shuffle(count) : undefined;
      return sampleChunks(samples, visit, { ...settings, order });
    },
  };
}

/** Batches of a data set. With `stepsPerEpoch` an epoch goes on where the last one ended. */
export function batchesToTrain(
  model: Model,
  trainer: Trainer,
  given: Batches,
  { batchSize, stepsPerEpoch, classWeight }: FitSettings,
): TrainingSource {
  const batches =
    stepsPerEpoch === undefined
      ? endingBatches('fit', given, batchSize)
      : (given.inBatches?.(batchSize) ?? given);
  let open: AsyncIterator<Batch> | undefined;
  let counted: number | undefined;

  async function* epoch(): AsyncGenerator<Batch> {
    if (stepsPerEpoch === undefined) {
      yield* batches;
      return;
    }
    for (let step = 0; step < stepsPerEpoch; step++) {
      open ??= batches[Symbol.asyncIterator]();
      let next = await open.next();
      if (next.done === true) {
        open = batches[Symbol.asyncIterator]();
        next = await open.next();
        if (next.done === true) return;
      }
      yield next.value;
    }
  }

  async function skipEpochs(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const skipped = epoch();
      if (stepsPerEpoch !== undefined) {
        for await (const _ of skipped);
      } else if (given.inBatches !== undefined) {
        // A data set draws an order for each pass that is begun.
        await skipped.next();
        await skipped.return(undefined);
      }
    }
  }

  async function* chunks(settings: ChunkSettings): AsyncGenerator<Chunk> {
    const { skip = 0, ...rest } = settings;
    let count = 0;
    for await (const batch of epoch()) {
      count += 1;
      if (count <= skip) continue;
      const samples = settled(batches, prepareBatch(model, trainer, 'fit', batch, classWeight));
      const step = stepFor(trainer, 'train', samples, samples.count);
      yield* sampleChunks(samples, [{ step, from: 0, to: samples.count }], rest);
    }
    counted = count;
    if (count > 0 && (stepsPerEpoch === undefined || count === stepsPerEpoch)) return;
    throw new LugeError(
      'BAD_DATA',
      `fit: the data set gave ${count === 0 ? 'no' : `only ${count}`} batches in this epoch. A generator can ` +
        'be gone through only once; pass an object whose [Symbol.asyncIterator]() begins anew.',
    );
  }

  return {
    get steps() {
      return stepsPerEpoch ?? batches.size ?? counted;
    },
    skipEpochs,
    chunks,
    close: () => closeBatches(open),
  };
}

/** Lets a source of batches clean up, without waiting for one that hangs. */
function closeBatches(open: AsyncIterator<Batch> | undefined): void {
  (async () => open?.return?.())().catch(() => {});
}
