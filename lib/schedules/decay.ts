import { LugeError } from '../core/errors.js';
import type { Config } from '../core/registry.js';
import { checkNumber, LearningRateSchedule, type ScheduleOptions } from './schedule.js';

export interface StepDecayOptions extends ScheduleOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps in which the rate decays once by `decayRate`; above 0. */
  decaySteps: number;
  /** How fast the rate falls: its factor after `decaySteps`, or what is added to its divisor. */
  decayRate: number;
  /** Whether the rate changes only every `decaySteps` steps. Default false. */
  staircase?: boolean;
}

const stepDecayNames = ['initialLearningRate', 'decaySteps', 'decayRate', 'staircase'];

abstract class StepDecay extends LearningRateSchedule {
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly decayRate: number;
  readonly staircase: boolean;

  constructor(options: StepDecayOptions) {
    super(options, stepDecayNames);
    const what = this.className;
    this.initialLearningRate = checkNumber(
      `${what}: initialLearningRate`,
      options.initialLearningRate,
    );
    this.decaySteps = checkNumber(`${what}: decaySteps`, options.decaySteps, true);
    this.decayRate = checkNumber(`${what}: decayRate`, options.decayRate);
    this.staircase = options.staircase ?? false;
  }

  /** How many times the rate has decayed. */
  protected decays(step: number): number {
    const decays = step / this.decaySteps;
    return this.staircase ? Math.floor(decays) : decays;
  }

  override getConfig(): Config {
    return {
      initial_learning_rate: this.initialLearningRate,
      decay_steps: this.decaySteps,
      decay_rate: this.decayRate,
      staircase: this.staircase,
      ...super.getConfig(),
    };
  }
}

/**
 * initialLearningRate * decayRate^(step / decaySteps), as Keras has it.
 *
 * @example
 * ```ts
 * const learningRate = schedules.exponentialDecay({
 *   initialLearningRate: 0.1,
 *   decaySteps: 100,
 *   decayRate: 0.5,
 * });
 * [0, 100, 200].map((step) => learningRate.at(step)); // => [0.1, 0.05, 0.025]
 * optimizers.sgd({ learningRate }).learningRate; // => 0.1
 * ```
 */
export class ExponentialDecay extends StepDecay {
  static override className = 'ExponentialDecay';

  override at(step: number): number {
    return this.initialLearningRate * this.decayRate ** this.decays(step);
  }
}

/**
 * initialLearningRate / (1 + decayRate * step / decaySteps), as Keras has it.
 *
 * @example
 * ```ts
 * const learningRate = schedules.inverseTimeDecay({
 *   initialLearningRate: 0.1,
 *   decaySteps: 100,
 *   decayRate: 1,
 * });
 * [0, 100, 300].map((step) => learningRate.at(step)); // => [0.1, 0.05, 0.025]
 * ```
 */
export class InverseTimeDecay extends StepDecay {
  static override className = 'InverseTimeDecay';

  override at(step: number): number {
    return this.initialLearningRate / (1 + this.decayRate * this.decays(step));
  }
}

export interface PolynomialDecayOptions extends ScheduleOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps after which the rate is `endLearningRate`; above 0. */
  decaySteps: number;
  /** Default 0.0001. */
  endLearningRate?: number;
  /** Default 1: in a straight line. */
  power?: number;
  /** Whether it begins again, at a lower rate, instead of staying at the end. Default false. */
  cycle?: boolean;
}

/**
 * (initialLearningRate - endLearningRate) * (1 - step / n)^power + endLearningRate, where n is
 * `decaySteps`, and later steps are as step n; in cycles, n is the next multiple of it. As in Keras.
 *
 * @example
 * ```ts
 * const learningRate = schedules.polynomialDecay({
 *   initialLearningRate: 0.1,
 *   decaySteps: 100,
 *   endLearningRate: 0.02,
 * });
 * [0, 50, 200].map((step) => learningRate.at(step)); // => [0.1, 0.06, 0.02]
 * ```
 */
export class PolynomialDecay extends LearningRateSchedule {
  static override className = 'PolynomialDecay';
  /** The rate of the first step. */
  readonly initialLearningRate: number;
  /** Steps after which the rate is `endLearningRate`; above 0. */
  readonly decaySteps: number;
  /** The rate at the end. */
  readonly endLearningRate: number;
  /** The power of what remains of the steps; 1 is a straight line. */
  readonly power: number;
  /** Whether it begins again, at a lower rate, instead of staying at the end. */
  readonly cycle: boolean;

  constructor(options: PolynomialDecayOptions) {
    super(options, ['initialLearningRate', 'decaySteps', 'endLearningRate', 'power', 'cycle']);
    const { initialLearningRate, decaySteps, endLearningRate = 0.0001, power = 1 } = options;
    this.initialLearningRate = checkNumber(
      'PolynomialDecay: initialLearningRate',
      initialLearningRate,
    );
    this.decaySteps = checkNumber('PolynomialDecay: decaySteps', decaySteps, true);
    this.endLearningRate = checkNumber('PolynomialDecay: endLearningRate', endLearningRate);
    this.power = checkNumber('PolynomialDecay: power', power);
    this.cycle = options.cycle ?? false;
  }

  override at(step: number): number {
    const { decaySteps, endLearningRate, power } = this;
    const cycles = this.cycle ? Math.max(1, Math.ceil(step / decaySteps)) : 1;
    const n = decaySteps * cycles;
    const left = 1 - Math.min(step, n) / n;
    return (this.initialLearningRate - endLearningRate) * left ** power + endLearningRate;
  }

  override getConfig(): Config {
    return {
      initial_learning_rate: this.initialLearningRate,
      decay_steps: this.decaySteps,
      end_learning_rate: this.endLearningRate,
      power: this.power,
      cycle: this.cycle,
      ...super.getConfig(),
    };
  }
}

export interface PiecewiseConstantDecayOptions extends ScheduleOptions {
  /** The last step of each value but the last, in rising order. */
  boundaries: readonly number[];
  /** The rates; one more than there are boundaries. */
  values: readonly number[];
}

/**
 * values[i] where boundaries[i - 1] < step <= boundaries[i], and the last value after all of them.
 * As in Keras.
 *
 * @example
 * ```ts
 * const learningRate = schedules.piecewiseConstantDecay({
 *   boundaries: [100, 200],
 *   values: [0.1, 0.05, 0.01],
 * });
 * [100, 101, 201].map((step) => learningRate.at(step)); // => [0.1, 0.05, 0.01]
 * ```
 */
export class PiecewiseConstantDecay extends LearningRateSchedule {
  static override className = 'PiecewiseConstantDecay';
  /** The last step of each value but the last, in rising order. */
  readonly boundaries: readonly number[];
  /** The rates; one more than there are boundaries. */
  readonly values: readonly number[];

  constructor(options: PiecewiseConstantDecayOptions) {
    super({ name: 'PiecewiseConstant', ...options }, ['boundaries', 'values']);
    const { boundaries, values } = options;
    if (!Array.isArray(boundaries) || values?.length !== boundaries.length + 1) {
      throw new LugeError(
        'BAD_ARGUMENT',
        'PiecewiseConstantDecay: expected lists boundaries and values, of values one more than of ' +
          `boundaries, but got ${JSON.stringify(boundaries)} and ${JSON.stringify(values)}.`,
      );
    }
    if (boundaries.some((boundary, i) => !(boundary > (boundaries[i - 1] ?? -1)))) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `PiecewiseConstantDecay: boundaries must rise from 0 on, but got ${JSON.stringify(boundaries)}.`,
      );
    }
    this.boundaries = [...boundaries];
    this.values = values.map((value) => checkNumber('PiecewiseConstantDecay: values', value));
  }

  override at(step: number): number {
    const piece = this.boundaries.findIndex((boundary) => step <= boundary);
    return this.values.at(piece) as number;
  }

  override getConfig(): Config {
    return { boundaries: this.boundaries, values: this.values, ...super.getConfig() };
  }
}
