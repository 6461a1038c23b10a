import type { Logs } from '../callbacks/index.js';
import type { OptionsOf, Space } from './space.js';

/** One training with one choice of options. */
export interface Trial<S extends Space = Space> {
  /** The point of the space that was tried. */
  readonly options: OptionsOf<S>;
  /** The share of the training data that it had. */
  readonly fraction: number;
  /** The objective in its best epoch; NaN when the trial failed. */
  readonly value: number;
  /** That epoch, from 0. */
  readonly epoch: number;
  /** All that was reported of that epoch, by name. */
  readonly logs: Logs;
  /** How long it took. */
  readonly seconds: number;
  /** Why it failed; undefined when it did not. */
  readonly error?: string | undefined;
}

/**
 * What a search has found.
 *
 * @example
 * ```ts
 * const build = ({ units }: { units: number }) => {
 *   const network = sequential([layers.dense({ units, inputShape: [1] }), layers.dense({ units: 1 })]);
 *   network.compile({ optimizer: 'adam', loss: 'mse' });
 *   return network;
 * };
 * const x = tensor([[1], [2], [3], [4], [5]]);
 * const space = { units: tune.choice(1, 4) };
 * const found = await tune(build, { space, data: { x, y: x }, search: 'grid', verbose: 0 });
 * found.trials.length; // => 2
 * const table = `${found}`; // the best first
 * ```
 */
export class TuneResult<S extends Space = Space> {
  /** What was optimized, a key of the history. */
  readonly objective: string;
  /** The best of those trials that had the most data. */
  readonly best: Trial<S>;
  /** All trials in the order in which they were made. */
  readonly trials: readonly Trial<S>[];
  private readonly ranked: readonly Trial<S>[];

  /** @param ranked the trials, the best first. */
  constructor(objective: string, trials: readonly Trial<S>[], ranked: readonly Trial<S>[]) {
    this.objective = objective;
    this.trials = trials;
    this.ranked = ranked;
    this.best = ranked[0] as Trial<S>;
  }

  /** A table of all trials, the best first. */
  toString(): string {
    const rows = [this.header, ...this.ranked.map((trial) => this.cells(trial, short))];
    const widths = this.header.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
    const lines = rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] as number)));
    return lines.map((line) => line.join('  ').trimEnd()).join('\n');
  }

  /** All trials in their order, with a line of names in front. */
  toCsv(): string {
    const rows = [this.header, ...this.trials.map((trial) => this.cells(trial, exact))];
    return rows.map((row) => `${row.map(quoted).join(',')}\n`).join('');
  }

  private get header(): string[] {
    const names = Object.keys(this.trials[0]?.options ?? {});
    return [this.objective, ...names, 'fraction', 'epoch', 'seconds', 'error'];
  }

  private cells(trial: Trial<S>, show: (value: unknown) => string): string[] {
    const { value, options, fraction, epoch, seconds, error = '' } = trial;
    return [value, ...Object.values(options), fraction, epoch + 1, seconds, error].map(show);
  }
}

function exact(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Numbers to four digits. */
export function short(value: unknown): string {
  if (typeof value !== 'number') return exact(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
