import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions } from '../core/options.js';
import { Progress } from '../core/progress.js';
import { ChunkRunner } from './chunks.js';
import { checkFinite } from './finite.js';
import { LearningRateSweep } from './learning_rate_sweep.js';
import { Model } from './model.js';
import { describe, type ModelData } from './model_data.js';
import { prepareSamples, stepFor } from './prepare.js';
import { sampleChunks } from './sample_chunks.js';
import type { Samples } from './samples.js';
import type { Trainer } from './trainer.js';
import { type Verbose, verbosity } from './verbosity.js';

export interface FindLearningRateOptions {
  /** The first rate, so small that nothing is learned. Default 1e-7. */
  from?: number;
  /** The last rate, if the loss does not diverge before. Default 10. */
  to?: number;
  /** Training steps, each at a rate by the same factor larger than the one before. Default 100. */
  steps?: number;
  /** Samples of a step; take that of the training to come. Default 32. */
  batchSize?: number;
  /** Progress on standard output, as in `fit`. Default 'auto'. */
  verbose?: Verbose;
  /** Ends the search, with an error; the weights are restored. */
  signal?: AbortSignal;
}

/** A loss so many times the best one has diverged. */
const kDiverged = 4;
const known = ['from', 'to', 'steps', 'batchSize', 'verbose', 'signal'];

/**
 * Tries out learning rates on a compiled model (L. Smith, Cyclical Learning Rates for Training Neural
 * Networks, 2017): trains for some steps while the rate grows exponentially,
 * rate(i) = from (to / from)^(i / (steps - 1)), and ends when the smoothed loss is 4 times its best
 * or not finite. A good rate is one at which the loss falls fast, well below those at which it rises.
 *
 * Weights, optimizer and random sequences are afterwards as they were before, also after an error; the
 * model must not be used meanwhile. The optimizer starts without memory, and its own schedule or
 * decay is left out.
 *
 * @param x samples [n, ...] and labels y [n, ...], as `fit` takes them, drawn in random order.
 * @returns rates and losses, `.suggested` and `.plot()`.
 * @throws LugeError NOT_COMPILED; BAD_ARGUMENT for options out of range; BUSY in training; ABORTED by
 *   the signal; as `fit` for data that does not fit.
 * @example
 * ```ts
 * const net = sequential([layers.dense({ units: 1, inputShape: [1] })]);
 * net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const found = await findLearningRate(net, [[1], [2], [3]], [[3], [5], [7]], { verbose: 0 });
 * found.rates[0]; // => 1e-7
 * found.suggested > 1e-4 && found.suggested < 1; // => true
 * ```
 */
export async function findLearningRate(
  model: Model,
  x: ModelData,
  y: ModelData,
  options: FindLearningRateOptions = {},
): Promise<LearningRateSweep> {
  const what = 'findLearningRate';
  if (!(model instanceof Model)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what} takes a model, then x and y, but got ${describe(model)} first.`,
    );
  }
  checkOptions(what, options, known);
  const { from = 1e-7, to = 10, steps = 100, batchSize = 32, signal } = options;
  checkRates(what, from, to);
  checkCount(`${what}: steps`, steps, 10);
  checkCount(`${what}: batchSize`, batchSize);
  const verbose = verbosity(what, options.verbose ?? 'auto');
  return model.trainer.exclusively(what, async () => {
    const rateAt = (step: number) => from * (to / from) ** (step / (steps - 1));
    const optimizer = model.trainer.compiled.optimizer.withLearningRate(rateAt);
    const trainer = model.trainer.beside(optimizer);
    const samples = prepareSamples(model, trainer, what, x, y);
    await checkFinite(what, samples);
    throwIfAborted(what, signal);
    const weights = model.getWeights();
    const sweep = new LearningRateSweep(kDiverged);
    const progress = verbose === 0 ? undefined : new Progress({ label: what, total: steps });
    const runner = new ChunkRunner();
    const stop = () => runner.stop();
    signal?.addEventListener('abort', stop);
    try {
      await train({ trainer, samples, batchSize, steps, rateAt, sweep, runner, progress });
    } finally {
      signal?.removeEventListener('abort', stop);
      model.setWeights(weights);
      progress?.clear();
    }
    throwIfAborted(what, signal);
    progress?.finish(sweep.diverged ? 'diverged' : '');
    return sweep;
  });
}

function checkRates(what: string, from: number, to: number): void {
  if (from > 0 && from < to && Number.isFinite(to)) return;
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what}: from and to must be finite learning rates with 0 < from < to, but got from ${from} and to ${to}.`,
  );
}

interface Sweeping {
  readonly trainer: Trainer;
  readonly samples: Samples;
  readonly batchSize: number;
  readonly steps: number;
  readonly rateAt: (step: number) => number;
  readonly sweep: LearningRateSweep;
  readonly runner: ChunkRunner;
  readonly progress: Progress | undefined;
}

/** Steps on whole batches in random order, over the samples again and again. */
async function train(sweeping: Sweeping): Promise<void> {
  const { trainer, samples, steps, rateAt, sweep, runner, progress } = sweeping;
  const batch = Math.min(sweeping.batchSize, samples.count);
  const step = stepFor(trainer, 'train', samples, batch);
  const perPass = Math.floor(samples.count / batch);
  const { optimizer } = trainer.compiled;
  while (optimizer.iterations < steps && !runner.isStopped) {
    const to = Math.min(perPass, steps - optimizer.iterations) * batch;
    const chunks = sampleChunks(samples, [{ step, from: 0, to }], {
      order: trainer.shuffle(samples.count),
      extras: ({ scalars }, count) => trainer.trainExtras(scalars, optimizer.iterations, count),
    });
    await runner.run(chunks, {
      done: ({ results, steps: done }) => {
        const losses = (results[0] as Float32Array).subarray(0, done);
        losses.forEach((loss, i) => {
          sweep.add(rateAt(optimizer.iterations + i), loss);
        });
        optimizer.iterations += done;
        progress?.update(optimizer.iterations, `loss: ${sweep.losses.at(-1)?.toPrecision(4)}`);
        if (sweep.diverged) runner.stop();
      },
    });
  }
}

function throwIfAborted(what: string, signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new LugeError(
    'ABORTED',
    `${what} was stopped by its signal. The model's weights are as they were before.`,
    { cause: signal.reason },
  );
}
