import type { Logs } from '../callbacks/index.js';
import { newArray, type TypedArray } from '../core/dtype.js';
import type { Metric } from '../metrics/index.js';

/** A number of the history, and where a step's share of it stands among the results. */
export interface ReportItem {
  readonly key: string;
  /** Numbers that a step gives: 1 for a loss, those that the metric adds up otherwise. */
  readonly size: number;
  /** Undefined for a loss, which is the mean of its samples. */
  readonly metric?: Metric;
}

/** Arrays for the results of so many steps. */
export function reportArrays(items: readonly ReportItem[], steps: number): TypedArray[] {
  return items.map(({ size }) => newArray('float32', size * steps));
}

/** What is reported over an epoch, added up in float64. */
export class Totals {
  private readonly items: readonly ReportItem[];
  private readonly sums: readonly Float64Array[];
  private samples = 0;

  constructor(items: readonly ReportItem[]) {
    this.items = items;
    this.sums = items.map(({ size }) => new Float64Array(size));
  }

  /** Adds the results of steps on `batch` samples each. */
  add(results: readonly TypedArray[], steps: number, batch: number): void {
    this.items.forEach(({ size, metric }, i) => {
      const sum = this.sums[i] as Float64Array;
      const found = results[i] as TypedArray;
      const weight = metric === undefined ? batch : 1;
      for (let at = 0; at < steps * size; at++) {
        const place = at % size;
        sum[place] = (sum[place] as number) + (found[at] as number) * weight;
      }
    });
    this.samples += steps * batch;
  }

  /** The means so far by name, with `prefix` in front. */
  logs(prefix = ''): Logs {
    const logs: Logs = {};
    this.items.forEach(({ key, metric }, i) => {
      const sum = this.sums[i] as Float64Array;
      const value = metric === undefined ? (sum[0] as number) / this.samples : metric.result(sum);
      const name = `${prefix}${key}`;
      if (typeof value === 'number') logs[name] = value;
      else
        Object.assign(logs, Object.fromEntries(value.map((each, at) => [`${name}_${at}`, each])));
    });
    return logs;
  }
}
