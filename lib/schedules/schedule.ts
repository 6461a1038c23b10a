import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { type Config, classNameOf, optionsFromConfig } from '../core/registry.js';

/** Options that every schedule takes. */
export interface ScheduleOptions {
  /** Default: the class, or what Keras calls it. */
  name?: string;
}

/**
 * A learning rate that depends on how many steps were done.
 *
 * @example
 * ```ts
 * class Halving extends schedules.LearningRateSchedule {
 *   static override className = 'Halving';
 *   override at(step: number): number {
 *     return 0.1 / 2 ** Math.floor(step / 100);
 *   }
 * }
 * [0, 100, 250].map((step) => new Halving({}).at(step)); // => [0.1, 0.05, 0.025]
 * ```
 */
export abstract class LearningRateSchedule {
  /** The class's name in configurations. */
  static className = 'LearningRateSchedule';

  /** Its name. */
  readonly name: string;

  /** @param known names of the schedule's own options; when given, any other is an error. */
  constructor(options: ScheduleOptions, known?: readonly string[]) {
    if (known !== undefined) checkOptions(this.className, options, [...known, 'name']);
    this.name = options.name ?? this.className;
  }

  get className(): string {
    return classNameOf(this.constructor);
  }

  /** The rate of the step that comes after so many others. */
  abstract at(step: number): number;

  /** The settings with Keras's names, from which `fromConfig` makes an equal schedule. */
  getConfig(): Config {
    return { name: this.name };
  }

  /** A schedule from its settings; unknown ones are an error. */
  static fromConfig<S extends LearningRateSchedule>(
    this: new (
      options: never,
    ) => S,
    config: Config,
  ): S {
    return new this(optionsFromConfig(config) as never);
  }
}

/** Throws BAD_ARGUMENT unless `value` is a finite number of at least 0 (or above it). */
export function checkNumber(what: string, value: number, above = false): number {
  if (Number.isFinite(value) && (above ? value > 0 : value >= 0)) return value;
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what} must be a finite number ${above ? 'above' : 'of at least'} 0, but got ${value}.`,
  );
}
