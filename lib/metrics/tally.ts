import type { TypedArray } from '../core/dtype.js';
import type { Metric } from './metric.js';

/** All numbers that a tally holds. */
export type TallyState = readonly (readonly number[])[];

/** Puts together what the steps of an epoch give for one number of its history. */
export interface Tally {
  /** Takes the results of steps on `batch` samples each: an array for each result of a step. */
  add(results: readonly TypedArray[], steps: number, batch: number): void;
  /** The number so far; undefined where there is none before the epoch is `over`. */
  value(over: boolean): number | readonly number[] | undefined;
  /** What it holds; setting it makes it go on from there. */
  state: TallyState;
}

/** Adds up in float64 what a metric gives of each batch. */
export class SumTally implements Tally {
  private readonly metric: Metric;
  private readonly sums: Float64Array;

  /** @param size how many numbers the metric gives. */
  constructor(metric: Metric, size: number) {
    this.metric = metric;
    this.sums = new Float64Array(size);
  }

  add([found]: readonly TypedArray[], steps: number): void {
    const { sums } = this;
    for (let at = 0; at < steps * sums.length; at++) {
      const place = at % sums.length;
      sums[place] = (sums[place] as number) + (found?.[at] as number);
    }
  }

  value(): number | readonly number[] {
    return this.metric.result(this.sums);
  }

  get state(): TallyState {
    return [[...this.sums]];
  }

  set state([sums = []]: TallyState) {
    this.sums.set(sums);
  }
}

/** The mean over all samples of numbers that are means over batches. */
export class MeanTally implements Tally {
  private sum = 0;
  private samples = 0;

  add([means]: readonly TypedArray[], steps: number, batch: number): void {
    for (let step = 0; step < steps; step++) this.sum += (means?.[step] as number) * batch;
    this.samples += steps * batch;
  }

  value(): number {
    return this.sum / this.samples;
  }

  get state(): TallyState {
    return [[this.sum, this.samples]];
  }

  set state([[sum = 0, samples = 0] = []]: TallyState) {
    this.sum = sum;
    this.samples = samples;
  }
}
