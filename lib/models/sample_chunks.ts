import type { TypedArray } from '../core/dtype.js';
import { type Chunk, type ChunkRun, kChunkMilliseconds } from './chunks.js';
import { reportArrays } from './report.js';
import type { Samples } from './samples.js';
import type { ShuffledOrder } from './shuffled_order.js';
import { blocksFrom, type StepProgram } from './step_program.js';
import { runAhead } from './tensor_losses.js';

/** Rows that a program visits, batch by batch. */
export interface Stretch {
  readonly step: StepProgram;
  readonly from: number;
  readonly to: number;
}

/** All whole batches, then the rest with a program of its own. */
export function stretches(
  count: number,
  batchSize: number,
  stepFor: (batch: number) => StepProgram,
): Stretch[] {
  const whole = count - (count % batchSize);
  const found: Stretch[] = [];
  if (whole > 0) found.push({ step: stepFor(batchSize), from: 0, to: whole });
  if (whole < count) found.push({ step: stepFor(count - whole), from: whole, to: count });
  return found;
}

export interface ChunkSettings {
  /** Batches to leave out at the beginning: they are done already. Default 0. */
  readonly skip?: number | undefined;
  /** The order of the samples; default as they are. */
  readonly order?: ShuffledOrder | undefined;
  /** Most steps of a chunk. Default: as many as take about 50 ms. */
  readonly most?: number | undefined;
  /** What else a run takes, asked for right before it is sent off. */
  extras?(step: StepProgram, steps: number): ChunkExtras;
  /** Where results go. Default: the arrays of the program's report. */
  results?(step: StepProgram, row: number, steps: number): TypedArray[];
}

export interface ChunkExtras {
  readonly seed: number;
  readonly firstStep: number;
  /** Feeds behind those of the data. */
  readonly feeds: readonly TypedArray[];
}

/** Cuts the visit to all samples into chunks, each as long as the last measurement suggests. */
export function* sampleChunks(
  samples: Samples,
  visit: readonly Stretch[],
  settings: ChunkSettings = {},
): Generator<Chunk, void, void> {
  const { most = Number.POSITIVE_INFINITY, skip = 0 } = settings;
  const done = skip * (visit[0]?.step.batch ?? 0);
  for (const { step, from, to } of visit) {
    const { ahead } = step;
    let row = Math.max(from, done);
    while (row < to) {
      const atOnce = ahead === undefined ? step.stepsIn(kChunkMilliseconds) : 1;
      const steps = Math.min((to - row) / step.batch, most, atOnce);
      const run = () => sampleRun(samples, step, row, steps, settings);
      const { length } = samples.tensors;
      yield { step, run: ahead === undefined ? run : () => runAhead(ahead, run(), length) };
      row += steps * step.batch;
    }
  }
}

/** A run of steps on the samples from `row` on. */
function sampleRun(
  samples: Samples,
  step: StepProgram,
  row: number,
  steps: number,
  { order, extras, results }: ChunkSettings,
): ChunkRun {
  const { feeds = [], ...numbers } = extras?.(step, steps) ?? {};
  const data = samples.tensors.map((tensor) =>
    order === undefined ? blocksFrom(tensor, row) : tensor.data,
  );
  return {
    ...numbers,
    steps,
    feeds: [...data, ...feeds],
    ...(order === undefined ? {} : { indices: order.slice(row, row + steps * step.batch) }),
    results: results?.(step, row, steps) ?? reportArrays(step.report, steps),
  };
}
