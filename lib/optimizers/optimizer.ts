import { LugeError } from '../core/errors.js';
import { checkOptions, checkRange } from '../core/options.js';
import { type Config, classNameOf, optionsFromConfig } from '../core/registry.js';
import type { Value } from '../graph/ir.js';

/** Options that every optimizer takes. */
export interface OptimizerOptions {
  /** Size of a step. */
  learningRate?: number;
  /** The step after i others is of size learningRate / (1 + decay * i). Default 0. */
  decay?: number;
  /** Default: the class in small letters. */
  name?: string;
}

/** New parameters and memory. */
export interface OptimizerStep {
  readonly p: Value;
  readonly slots: Record<string, Value>;
}

/**
 * A rule that turns gradients into new parameters. It is written once, with `ops`, on flat vectors
 * of all parameters at a time, and becomes part of the training program.
 */
export abstract class Optimizer {
  static className = 'Optimizer';

  readonly name: string;
  /** Steps done so far. */
  iterations = 0;
  /** How fast steps get smaller. */
  readonly decay: number;
  private rate: number;

  /** @param known names of the optimizer's own options; when given, any other is an error. */
  constructor(options: OptimizerOptions, defaultRate: number, known?: readonly string[]) {
    if (known !== undefined) {
      checkOptions(this.className, options, ['learningRate', ...known, 'decay', 'name']);
    }
    this.name = options.name ?? this.className.toLowerCase();
    this.decay = checkRange(`${this.className}: decay`, options.decay ?? 0, 0);
    this.rate = checkRate(this.className, options.learningRate ?? defaultRate);
  }

  get className(): string {
    return classNameOf(this.constructor);
  }

  /** Size of a step; a change takes effect when the next steps are sent off. */
  get learningRate(): number {
    return this.rate;
  }

  set learningRate(value: number) {
    this.rate = checkRate(this.className, value);
  }

  /** Names of what it remembers of each parameter, such as 'momentum'. */
  abstract readonly slotNames: readonly string[];

  /** What a slot holds at first. Default 0. */
  slotInitial(_name: string): number {
    return 0;
  }

  /**
   * The numbers that change from step to step, in float64.
   *
   * @param iteration how many steps were done before this one.
   */
  scalars(iteration: number): Record<string, number> {
    return { learningRate: this.learningRate / (1 + this.decay * iteration) };
  }

  /**
   * One step.
   *
   * @param p parameters [n]
   * @param g gradient of the loss [n]
   * @param slots memory by name, each [n]
   * @param scalars `scalars(iteration)`, each []
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
    return { name: this.name, learning_rate: this.learningRate, ...decay };
  }

  /** An optimizer from its settings; unknown ones are an error. */
  static fromConfig<O extends Optimizer>(this: new (options: never) => O, config: Config): O {
    const options = optionsFromConfig(config);
    // What Keras writes of features that are switched off, or of how it runs.
    if (options.useEma === false) delete options.emaMomentum;
    for (const name of ['useEma', 'weightDecay', 'jitCompile', 'isLegacyOptimizer']) {
      if (options[name] === false || options[name] === 0 || name === 'jitCompile')
        delete options[name];
    }
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
