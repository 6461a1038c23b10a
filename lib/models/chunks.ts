import type { TypedArray } from '../core/dtype.js';
import type { RunOptions } from '../runtime/program.js';
import type { StepProgram } from './step_program.js';

/** How long the steps of one native call should take: short enough for a smooth progress bar. */
export const kChunkMilliseconds = 50;
/** Calls under way at a time: the compute thread always has its next work. */
const kChunksAhead = 2;

/** Some steps of one program, in one native call. */
export interface Chunk {
  readonly step: StepProgram;
  /** What to run; asked for right before it is sent off. */
  run(): ChunkRun;
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
  /** Chunks under way at a time. Default 2. */
  readonly ahead?: number;
  /** Called before a chunk is sent off. */
  before?(): Promise<void> | void;
  /** Called as soon as steps are done, also when they are the last before an error. */
  counted?(steps: number): void;
  /** Called for one chunk after the other, in order. */
  done(chunk: FinishedChunk): Promise<void> | void;
}

/** Runs chunks one behind the other, in order, until they are used up or `stop` is called. */
export class ChunkRunner {
  private readonly running: { step: StepProgram; finished: Promise<FinishedChunk> }[] = [];
  private stopped = false;
  private finishedAt = 0;

  /** Ends after the step under way. */
  stop(): void {
    this.stopped = true;
    for (const { step } of this.running) step.program.cancel();
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  /** @throws what a chunk, the source or the loop throws, once nothing is under way any more. */
  async run(source: Iterator<Chunk> | AsyncIterator<Chunk>, loop: ChunkLoop): Promise<void> {
    const ahead = loop.ahead ?? kChunksAhead;
    let more = true;
    try {
      for (;;) {
        while (more && !this.stopped && this.running.length < ahead) {
          const next = await source.next();
          more = next.done !== true;
          if (next.done === true) break;
          await loop.before?.();
          if (!this.stopped) this.start(next.value, loop);
        }
        const first = this.running.shift();
        if (first === undefined) return;
        await loop.done(await first.finished);
      }
    } finally {
      if (this.running.length > 0) this.stop();
      await Promise.allSettled(this.running.map(({ finished }) => finished));
      this.running.length = 0;
      await source.return?.();
    }
  }

  private start(chunk: Chunk, loop: ChunkLoop): void {
    const { step } = chunk;
    const run = chunk.run();
    const began = performance.now();
    const finished = step.program.run(run).then((steps) => {
      const now = performance.now();
      step.took(now - Math.max(began, this.finishedAt), steps);
      this.finishedAt = now;
      loop.counted?.(steps);
      return { step, results: run.results, steps };
    });
    finished.catch(() => {}); // told when its turn comes
    this.running.push({ step, finished });
  }
}
