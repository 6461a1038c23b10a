import { LugeError } from '../core/errors.js';
import { checkChoice } from '../core/options.js';
import type { Logs } from './callback.js';

/** How a watched value gets better; 'auto' tells from its name. */
export type MonitorMode = 'auto' | 'min' | 'max';

// What names of losses and metrics say of the better direction.
const lessIsBetter =
  /loss$|error|entropy|ma[ep]|mape|r?mse|msle|divergence|poisson|hinge|huber|cosh|false_|perplexity/i;
const moreIsBetter =
  /acc|auc|precision|recall|sensitivity|specificity|f1|f_?beta|io_?u|r2|correlation|similarity|true_/i;

/** A value that callbacks watch, and whether less or more of it is better. */
export class Monitor {
  readonly key: string;
  /** 1 when more is better, -1 when less is. */
  readonly sign: 1 | -1;
  private readonly who: string;

  /** @param who the callback, for errors. */
  constructor(who: string, key: string, mode: MonitorMode = 'auto') {
    checkChoice(`${who}: mode`, mode, ['auto', 'min', 'max']);
    this.who = who;
    this.key = key;
    if (mode === 'auto' && !lessIsBetter.test(key) && !moreIsBetter.test(key)) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `${who}: '${key}' does not tell whether less or more of it is better. Say so: mode: 'min' or 'max'.`,
      );
    }
    this.sign = mode === 'max' || (mode === 'auto' && !lessIsBetter.test(key)) ? 1 : -1;
  }

  /** The value of an epoch. Throws UNKNOWN_NAME when there is none. */
  read(logs: Logs): number {
    const value = logs[this.key];
    if (value !== undefined) return value;
    throw new LugeError(
      'UNKNOWN_NAME',
      `${this.who} watches '${this.key}', but an epoch has ${Object.keys(logs).join(', ')}.` +
        (this.key.startsWith('val_') ? ' Give fit validationData or validationSplit.' : ''),
    );
  }

  /** Whether a value is better than another by more than `least`; any number is better than NaN. */
  isBetter(value: number, than: number, least = 0): boolean {
    if (Number.isNaN(than)) return !Number.isNaN(value);
    return (value - than) * this.sign > least;
  }
}
