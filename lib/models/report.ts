import type { Logs } from '../callbacks/index.js';
import { newArray, type TypedArray } from '../core/dtype.js';
import { sizeOf } from '../core/shape.js';
import type { Spec } from '../graph/ir.js';
import type { Tally, TallyState } from '../metrics/tally.js';

/** A number of the history, and what a step gives for it. */
export interface ReportItem {
  readonly key: string;
  /** What a step gives, one or several of its results. */
  readonly given: readonly Spec[];
  /** Begins to put together what steps give. */
  tally(): Tally;
}

/** Arrays for the results of so many steps. */
export function reportArrays(items: readonly ReportItem[], steps: number): TypedArray[] {
  return items.flatMap(({ given }) =>
    given.map(({ shape, dtype }) => newArray(dtype, sizeOf(shape) * steps)),
  );
}

/** What each number's tally holds, for other `Totals` to go on from. */
export type Tallied = readonly TallyState[];

/** What is reported over an epoch. */
export class Totals {
  private readonly parts: readonly { key: string; results: number; tally: Tally }[];

  constructor(items: readonly ReportItem[], from?: Tallied) {
    this.parts = items.map((item) => ({
      key: item.key,
      results: item.given.length,
      tally: item.tally(),
    }));
    if (from === undefined) return;
    this.parts.forEach(({ tally }, i) => {
      tally.state = from[i] as TallyState;
    });
  }

  get state(): Tallied {
    return this.parts.map(({ tally }) => tally.state);
  }

  /** Adds the results of steps on `batch` samples each. */
  add(results: readonly TypedArray[], steps: number, batch: number): void {
    let from = 0;
    for (const part of this.parts) {
      part.tally.add(results.slice(from, from + part.results), steps, batch);
      from += part.results;
    }
  }

  /** The numbers so far by name, with `prefix` in front; some are there only when all is `over`. */
  logs(prefix = '', over = false): Logs {
    const logs: Logs = {};
    for (const { key, tally } of this.parts) {
      const value = tally.value(over);
      const name = `${prefix}${key}`;
      if (value === undefined) continue;
      if (typeof value === 'number') logs[name] = value;
      else
        Object.assign(logs, Object.fromEntries(value.map((each, at) => [`${name}_${at}`, each])));
    }
    return logs;
  }
}
