import { LugeError } from '../core/errors.js';
import { checkOptions, checkRange } from '../core/options.js';
import { type Config, classNameOf, optionsFromConfig, serialize } from '../core/registry.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import { get as getSchedule, LearningRateSchedule, type ScheduleLike } from '../schedules/index.js';
import {
  checkStepOptions,
  type StepOptions,
  type StepSettings,
  stepConfig,
  stepOptionNames,
} from './step_options.js';

/** A number, a schedule (or its configuration), or a function of how many steps were done. */
export type LearningRate = number | ScheduleLike | ((step: number) => number);

/** Options that every optimizer takes. */
export interface OptimizerOptions extends StepOptions {
  /** Size of a step. */
  learningRate?: LearningRate;
  /** The step after i others is of size learningRate / (1 + decay * i). Default 0. */
  decay?: number;
  /** Default: the class in small letters. */
  name?: string;
}

/** Weights that weight decay leaves alone. */
export interface WeightDecayExclusion {
  /** Weights that do not decay. */
  weights?: readonly Variable[];
  /** Parts of names; weights that have one in their name do not decay. */
  names?: readonly string[];
}

/** New parameters and memory. */
export interface OptimizerStep {
  /** The new parameters. */
  readonly p: Value;
  /** The new memory, by name. */
  readonly slots: Record<string, Value>;
}

/**
 * A rule that turns gradients into new parameters. It is written once, with `ops`, on flat vectors
 * of all parameters at a time, and becomes part of the training program.
 *
 * @example
 * ```ts
 * // Steps of one size by the sign of the gradient.
 * class SignDescent extends optimizers.Optimizer {
 *   static override className = 'SignDescent';
 *   override readonly slotNames = [];
 *   constructor(options: optimizers.OptimizerOptions = {}) {
 *     super(options, 0.01, []);
 *   }
 *   override update(p: Value, g: Value, _: object, scalars: Record<string, Value>) {
 *     const step = ops.multiply(scalars.learningRate as Value, ops.sign(g));
 *     return { p: ops.subtract(p, step), slots: {} };
 *   }
 * }
 * optimizers.register(SignDescent);
 * optimizers.get('signDescent').learningRate; // => 0.01
 * ```
 */
export abstract class Optimizer {
  /** The class's name in configurations. */
  static className = 'Optimizer';

  /** Its name. */
  readonly name: string;
  /** Steps done so far. */
  iterations = 0;
  /** How fast steps get smaller. */
  readonly decay: number;
  /** What surrounds the rule: weight decay, clipping, averages of weights, accumulation. */
  readonly settings: StepSettings;
  private excluded: WeightDecayExclusion = {};
  private rate: number | LearningRateSchedule | ((step: number) => number);

  /** @param known names of the optimizer's own options; when given, any other is an error. */
  constructor(options: OptimizerOptions, defaultRate: number, known?: readonly string[]) {
    if (known !== undefined) {
      const names = ['learningRate', ...known, 'decay', ...stepOptionNames, 'name'];
      checkOptions(this.className, options, names);
    }
    this.name = options.name ?? this.className.toLowerCase();
    this.decay = checkRange(`${this.className}: decay`, options.decay ?? 0, 0);
    this.settings = checkStepOptions(this.className, options);
    const rate = options.learningRate ?? defaultRate;
    if (typeof rate === 'number') this.rate = checkRate(this.className, rate);
    else this.rate = typeof rate === 'function' ? rate : getSchedule(rate);
  }

  get className(): string {
    return classNameOf(this.constructor);
  }

  /**
   * Size of a step, before any `decay`; a change takes effect when the next steps are sent off. Where
   * a schedule or a function decides, it is that of the next step and cannot be set.
   */
  get learningRate(): number {
    return this.scheduled(this.iterations);
  }

  set learningRate(value: number) {
    if (this.hasSchedule) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `${this.className}: learningRate cannot be set, because a schedule decides on it. Make the ` +
          'optimizer with a number to set it later.',
      );
    }
    this.rate = checkRate(this.className, value);
  }

  /** Whether a schedule or a function decides on the learning rate. */
  get hasSchedule(): boolean {
    return typeof this.rate !== 'number';
  }

  /** An equal optimizer of another learning rate, with no decay, that remembers nothing yet. */
  withLearningRate(rate: LearningRateSchedule | ((step: number) => number)): this {
    const own = Object.getOwnPropertyDescriptors(this);
    const copy = Object.create(Object.getPrototypeOf(this), own) as this;
    return Object.assign(copy, { rate, decay: 0, iterations: 0 });
  }

  private scheduled(steps: number): number {
    const { rate } = this;
    if (typeof rate === 'number') return rate;
    const value = rate instanceof LearningRateSchedule ? rate.at(steps) : rate(steps);
    return checkRate(this.className, value);
  }

  /**
   * Leaves weights out of weight decay, such as biases; to be called before the first step. Another
   * call takes the place of the first.
   *
   * @param excluded weights: variables; names: texts that a weight's own name ('bias') holds.
   * @example
   * ```ts
   * const optimizer = optimizers.adamW({ weightDecay: 0.01 });
   * optimizer.excludeFromWeightDecay({ names: ['bias', 'gamma', 'beta'] });
   * ```
   */
  excludeFromWeightDecay({ weights = [], names = [] }: WeightDecayExclusion): void {
    if (this.iterations > 0) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `${this.className}: excludeFromWeightDecay must be called before training begins.`,
      );
    }
    this.excluded = { weights, names };
  }

  /** Whether weight decay applies to a weight. */
  decays(weight: Variable): boolean {
    const { weights = [], names = [] } = this.excluded;
    const own = weight.name.split('/').at(-1) as string;
    return !weights.includes(weight) && !names.some((name) => own.includes(name));
  }

  /** Numbers that Keras keeps beside those of the weights, and files of its with them. */
  runningNumbers(): number[] {
    return [];
  }

  /** Names of what it remembers of each parameter, such as 'momentum'. */
  abstract readonly slotNames: readonly string[];

  /** What a slot holds at first. Default 0. */
  slotInitial(_name: string): number {
    return 0;
  }

  /** Size of the step that comes after so many others. */
  private rateAt(steps: number): number {
    return this.scheduled(steps) / (1 + this.decay * steps);
  }

  /**
   * The rule's numbers that change from step to step, in float64.
   *
   * @param updates how many were applied before this one: as many as there were steps, or, when
   *   gradients are accumulated, fewer.
   * @param rate size of the step. Default: what it is after so many steps.
   */
  scalars(updates: number, rate: number = this.rateAt(updates)): Record<string, number> {
    return { learningRate: rate };
  }

  /**
   * All numbers that change from step to step, those of `settings` among them.
   *
   * @param steps how many were done before this one.
   */
  stepScalars(steps: number): Record<string, number> {
    const { weightDecay, average, accumulationSteps = 1 } = this.settings;
    const rate = this.rateAt(steps);
    const updates = Math.floor(steps / accumulationSteps);
    const scalars = { ...this.scalars(updates, rate) };
    if (weightDecay !== undefined) scalars.weightDecay = weightDecay * rate;
    if (accumulationSteps > 1) scalars.due = Number((steps + 1) % accumulationSteps === 0);
    if (average !== undefined) {
      // At first, the mean is what the weights are.
      scalars.emaKept = updates === 0 ? 0 : average.momentum;
      scalars.emaTaken = 1 - scalars.emaKept;
      if (average.overwriteFrequency !== undefined) {
        scalars.emaOverwrites = Number((updates + 1) % average.overwriteFrequency === 0);
      }
    }
    return scalars;
  }

  /**
   * One step.
   *
   * @param p parameters [n]
   * @param g gradient of the loss [n]
   * @param slots memory by name, each [n]
   * @param scalars those that `scalars` names, each []
   */
  abstract update(
    p: Value,
    g: Value,
    slots: Record<string, Value>,
    scalars: Record<string, Value>,
  ): OptimizerStep;

  /** The settings with Keras's names, from which `fromConfig` makes an equal optimizer. */
  getConfig(): Config {
    const decay = this.decay === 0 ? {} : { decay: this.decay };
    const { name, settings } = this;
    const learningRate = this.rateConfig();
    return { name, learning_rate: learningRate, ...decay, ...stepConfig(settings) };
  }

  /** A function has no configuration, but losing the rest of a model for it would be worse. */
  private rateConfig(): unknown {
    const { rate } = this;
    if (rate instanceof LearningRateSchedule) return serialize(rate);
    if (typeof rate === 'number') return rate;
    process.emitWarning(
      `${this.className}: a learningRate that is a function cannot be written to a configuration, which gets ` +
        `its value for the next step, ${this.learningRate}, instead. Use one of schedules.*, or register a ` +
        'class of your own that extends LearningRateSchedule.',
      'LugeWarning',
    );
    return this.learningRate;
  }

  /** An optimizer from its settings; unknown ones are an error. */
  static fromConfig<O extends Optimizer>(this: new (options: never) => O, config: Config): O {
    const options = optionsFromConfig(config);
    // What Keras writes of how it runs.
    for (const name of ['jitCompile', 'isLegacyOptimizer']) delete options[name];
    return new this(options as never);
  }
}

function checkRate(what: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what}: learningRate must be a finite number of at least 0, but got ${value}.`,
  );
}
