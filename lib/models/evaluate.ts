import type { Logs } from '../callbacks/index.js';
import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions } from '../core/options.js';
import { Progress } from '../core/progress.js';
import { type Chunk, ChunkRunner } from './chunks.js';
import type { Model } from './model.js';
import type { ModelData } from './model_data.js';
import {
  type Batches,
  endingBatches,
  isBatches,
  prepareBatch,
  prepareSamples,
  type SampleWeight,
  settled,
  stepFor,
} from './prepare.js';
import { showLogs } from './progress_bar.js';
import { Totals } from './report.js';
import { sampleChunks, stretches } from './sample_chunks.js';
import type { Samples } from './samples.js';
import type { Trainer } from './trainer.js';
import { type Verbose, verbosity } from './verbosity.js';

export interface EvaluateOptions {
  /** Samples of a step. Default 32. */
  batchSize?: number;
  /** Factors of the loss by sample. */
  sampleWeight?: SampleWeight;
  /** Default 0. */
  verbose?: Verbose;
}

const known = ['batchSize', 'sampleWeight', 'verbose'];

/** What samples come from, and how many batches that makes where it is known. */
export interface EvaluationSource {
  readonly steps: number | undefined;
  chunks(): Iterator<Chunk> | AsyncIterator<Chunk>;
}

export async function evaluate(
  model: Model,
  trainer: Trainer,
  x: ModelData | Batches,
  y: ModelData | undefined,
  options: EvaluateOptions,
): Promise<Logs> {
  checkOptions('evaluate', options, known);
  const batchSize = checkCount('evaluate: batchSize', options.batchSize ?? 32);
  const verbose = verbosity('evaluate', options.verbose ?? 0);
  const { sampleWeight } = options;
  const source = isBatches(x)
    ? batchSource(model, trainer, 'evaluate', x, batchSize)
    : sampleSource(
        trainer,
        prepareSamples(model, trainer, 'evaluate', x, y as ModelData, { sampleWeight }),
        batchSize,
      );
  if (verbose === 0) return runEvaluation(source, new ChunkRunner());
  const progress = new Progress({ label: 'Evaluate', total: source.steps });
  const logs = await runEvaluation(source, new ChunkRunner(), '', (batch, means) =>
    progress.update(batch, showLogs(means)),
  );
  progress.finish(showLogs(logs));
  return logs;
}

/** Batches of samples; their programs are built right away, so that errors show early. */
export function sampleSource(
  trainer: Trainer,
  samples: Samples,
  batchSize: number,
): EvaluationSource {
  const visit = stretches(samples.count, batchSize, (batch) =>
    stepFor(trainer, 'test', samples, batch),
  );
  return {
    steps: Math.ceil(samples.count / batchSize),
    chunks: () => sampleChunks(samples, visit),
  };
}

/** Batches as a data set gives them. */
export function batchSource(
  model: Model,
  trainer: Trainer,
  what: string,
  given: Batches,
  batchSize: number,
): EvaluationSource {
  const batches = endingBatches(what, given, batchSize);
  async function* chunks(): AsyncGenerator<Chunk> {
    for await (const batch of batches) {
      const samples = settled(batches, prepareBatch(model, trainer, what, batch));
      const step = stepFor(trainer, 'test', samples, samples.count);
      yield* sampleChunks(samples, [{ step, from: 0, to: samples.count }]);
    }
  }
  return { steps: batches.size, chunks };
}

/** Loss and metrics over all batches. The runner can stop it before the end. */
export async function runEvaluation(
  source: EvaluationSource,
  runner: ChunkRunner,
  prefix = '',
  progress?: (batches: number, logs: Logs) => void,
): Promise<Logs> {
  let totals: Totals | undefined;
  let batches = 0;
  await runner.run(source.chunks(), {
    done: ({ step, results, steps }) => {
      totals ??= new Totals(step.report);
      totals.add(results, steps, step.batch);
      batches += steps;
      progress?.(batches, totals.logs(prefix));
    },
  });
  if (totals === undefined && !runner.isStopped) {
    throw new LugeError('BAD_DATA', 'evaluate: the data set gave no batches.');
  }
  return totals?.logs(prefix, true) ?? {};
}
