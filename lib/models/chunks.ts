import type { TypedArray } from '../core/dtype.js';
import type { RunOptions } from '../runtime/program.js';
import type { StepProgram } from './step_program.js';

/** How long the steps of one native call should take: short enough for a smooth progress bar. */
export const kChunkMilliseconds = 50;
/** Some steps of one program, in one native call. */
export interface Chunk {
  readonly step: StepProgram;
  /** What to run; asked for right before it is sent off. A promise where that takes steps before. */
  run(): ChunkRun | Promise<ChunkRun>;
}

export interface ChunkRun extends RunOptions {
  readonly results: readonly TypedArray[];
}

/** A chunk that is over. */
export interface FinishedChunk {
  readonly step: StepProgram;
  readonly results: readonly TypedArray[];
  /** Steps done: fewer than asked for after `stop`. */
  readonly steps: number;
}

export interface ChunkLoop {
  /** Called before a chunk is sent off. */
  before?(): Promise<void> | void;
  /** Called after each chunk, before the next one is sent off. */
  done(chunk: FinishedChunk): Promise<void> | void;
}

/**
 * Runs chunks one behind the other until they are used up or `stop` is called. The next one is got
 * ready while one runs and sent off when that is over, so that callbacks can look at the model, or
 * change it, in between.
 */
export class ChunkRunner {
  private running: StepProgram | undefined;
  private stopped = false;
  private tellStopped: () => void = () => {};
  private readonly whenStopped = new Promise<undefined>((resolve) => {
    this.tellStopped = () => resolve(undefined);
  });

  /** Ends after the step under way. */
  stop(): void {
    this.stopped = true;
    this.running?.program.cancel();
    this.tellStopped();
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  /** @throws what a chunk, the source or the loop throws, once nothing is under way any more. */
  async run(source: Iterator<Chunk> | AsyncIterator<Chunk>, loop: ChunkLoop): Promise<void> {
    // A source that keeps waiting for data must not keep `stop` from ending this.
    const upTo = <T>(waited: T) => Promise.race([waited, this.whenStopped]);
    try {
      let next = await upTo(readAhead(source));
      while (next !== undefined && next.done !== true && !this.stopped) {
        await loop.before?.();
        if (this.stopped) return;
        const finished = this.start(next.value);
        const upcoming = readAhead(source);
        await loop.done(await finished);
        next = await upTo(upcoming);
      }
    } finally {
      const closed = (async () => source.return?.())();
      closed.catch(() => {});
      await upTo(closed);
    }
  }

  private async start({ step, run }: Chunk): Promise<FinishedChunk> {
    const made = run();
    const options = made instanceof Promise ? await made : made;
    const began = performance.now();
    this.running = step;
    try {
      const steps = await step.program.run(options);
      step.took(performance.now() - began, steps);
      return { step, results: options.results, steps };
    } finally {
      this.running = undefined;
    }
  }
}

/** The next chunk of the source; an error waits until the promise is awaited. */
function readAhead(source: Iterator<Chunk> | AsyncIterator<Chunk>) {
  const next = (async () => source.next())();
  next.catch(() => {});
  return next;
}
