import { Progress } from '../core/progress.js';
import type { Space } from './space.js';
import { short, type Trial } from './trial.js';

/** Tells how a search gets on: a bar with the time left on a terminal, elsewhere a line a trial. */
export class TuneProgress<S extends Space> {
  private readonly objective: string;
  private readonly bars: boolean;
  private readonly lines: boolean;
  private bar: Progress | undefined;
  private round = 0;
  private total = 0;
  private done = 0;
  private best = '';

  constructor(objective: string, verbose: 0 | 1 | 2) {
    this.objective = objective;
    this.bars = verbose > 0;
    this.lines = verbose === 2 || (verbose === 1 && process.stdout.isTTY !== true);
  }

  /** A round of so many trials begins. */
  begin(trials: number): void {
    this.round += 1;
    this.total = trials;
    this.done = 0;
    if (this.bars) this.bar = new Progress({ label: `Tune, round ${this.round}`, total: trials });
  }

  /** A trial is over; `best` is the best so far. */
  add(trial: Trial<S>, best: Trial<S>): void {
    this.done += 1;
    this.best = `best ${this.objective}: ${short(best.value)} (${optionsOf(best)})`;
    if (this.lines) {
      this.bar?.clear();
      const outcome = trial.error ?? `${this.objective}: ${short(trial.value)}`;
      const share = trial.fraction < 1 ? `, ${short(trial.fraction)} of the data` : '';
      console.log(`Trial ${this.done}/${this.total} (${optionsOf(trial)}${share}): ${outcome}`);
    }
    this.bar?.update(this.done, this.best);
  }

  end(): void {
    this.bar?.finish(this.best);
  }
}

function optionsOf({ options }: Trial<Space>): string {
  const pairs = Object.entries(options).map(([name, value]) => `${name}: ${short(value)}`);
  return pairs.join(', ');
}
