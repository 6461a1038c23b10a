import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { LugeError } from '../core/errors.js';
import { diskProblem } from '../core/write_file.js';
import type { Proposal } from './search.js';
import type { Space } from './space.js';
import type { Trial } from './trial.js';

/** Trials in a file of JSON, one a line, so that a search that was ended goes on where it was. */
export class TrialsFile<S extends Space> {
  private readonly path: string | undefined;
  private readonly seed: number;
  private readonly known = new Map<string, Trial<S>>();
  private endsInLine = true;

  /**
   * @param path undefined: nothing is read or written.
   * @param seed trials of another do not count.
   */
  constructor(path: string | undefined, seed: number) {
    this.path = path;
    this.seed = seed;
    if (path === undefined || !existsSync(path)) return;
    const text = this.onDisk(() => readFileSync(path, 'utf8'));
    this.endsInLine = text === '' || text.endsWith('\n');
    for (const line of text.split('\n')) this.take(line);
  }

  /** The trial of a proposal, when it was made before. */
  find(proposal: Proposal<S>): Trial<S> | undefined {
    return this.known.get(keyOf(proposal, this.seed));
  }

  add(trial: Trial<S>): void {
    this.known.set(keyOf(trial, this.seed), trial);
    const { path } = this;
    if (path === undefined) return;
    const value = Number.isFinite(trial.value) ? trial.value : null;
    const line = `${JSON.stringify({ seed: this.seed, ...trial, value })}\n`;
    this.onDisk(() => appendFileSync(path, this.endsInLine ? line : `\n${line}`));
    this.endsInLine = true;
  }

  /** A line that was cut short, when the search was, is passed over. */
  private take(line: string): void {
    try {
      const { seed, ...trial } = JSON.parse(line);
      if (typeof trial.fraction !== 'number' || typeof trial.options !== 'object') return;
      this.known.set(keyOf(trial, seed), { ...trial, value: trial.value ?? Number.NaN });
    } catch {}
  }

  private onDisk<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw new LugeError('IO', `tune: cannot use '${this.path}': ${diskProblem(error)}.`, {
        cause: error,
      });
    }
  }
}

function keyOf({ options, fraction }: Proposal<Space>, seed: number): string {
  return JSON.stringify([seed, fraction, options]);
}
