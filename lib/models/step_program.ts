import type { TypedArray } from '../core/dtype.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { Graph } from '../graph/ir.js';
import { Program } from '../runtime/program.js';
import type { ReportItem } from './report.js';
import type { StepAhead } from './tensor_losses.js';

/** A loaded program for one batch size, and how fast it is. */
export class StepProgram {
  readonly program: Program;
  readonly batch: number;
  readonly report: readonly ReportItem[];
  readonly scalars: readonly string[];
  /** What must run before, for losses that JavaScript computes. */
  readonly ahead: StepAhead | undefined;
  /** Of the results of a step, the batch in front. */
  readonly outputs: Graph['results'];
  private millisecondsPerStep: number | undefined;

  constructor(
    graph: Graph,
    batch: number,
    {
      report = [],
      scalars = [],
      ahead,
    }: {
      report?: readonly ReportItem[];
      scalars?: readonly string[];
      ahead?: StepAhead | undefined;
    } = {},
  ) {
    this.outputs = [...graph.results];
    this.program = new Program(graph);
    this.batch = batch;
    this.report = report;
    this.scalars = scalars;
    this.ahead = ahead;
  }

  /** How many steps take about so long, at least 1; 1 while nothing is known. */
  stepsIn(milliseconds: number): number {
    if (this.millisecondsPerStep === undefined) return 1;
    return Math.max(1, Math.floor(milliseconds / Math.max(this.millisecondsPerStep, 1e-3)));
  }

  /** Tells how long some steps took. */
  took(milliseconds: number, steps: number): void {
    if (steps > 0) this.millisecondsPerStep = milliseconds / steps;
  }
}

/** The blocks of `batch` rows from `row` on, without copying. */
export function blocksFrom({ data, shape }: Tensor, row: number): TypedArray {
  return data.subarray(row * sizeOf(shape.slice(1)));
}

/** Programs by what they were built for; the one not used for longest goes when there are too many. */
export class ProgramCache {
  private readonly programs = new Map<string, StepProgram>();
  private readonly capacity = 64;

  get(key: string, build: () => StepProgram): StepProgram {
    const found = this.programs.get(key) ?? build();
    this.programs.delete(key);
    this.programs.set(key, found);
    if (this.programs.size > this.capacity) {
      this.programs.delete(this.programs.keys().next().value as string);
    }
    return found;
  }

  get size(): number {
    return this.programs.size;
  }

  clear(): void {
    this.programs.clear();
  }
}
