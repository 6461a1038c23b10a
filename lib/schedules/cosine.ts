import { LugeError } from '../core/errors.js';
import type { Config } from '../core/registry.js';
import { checkNumber, LearningRateSchedule, type ScheduleOptions } from './schedule.js';

/** From 1 to 0 in half a wave, as `part` goes from 0 to 1. */
function halfWave(part: number): number {
  return 0.5 * (1 + Math.cos(Math.PI * part));
}

export interface CosineDecayOptions extends ScheduleOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps of the decay, behind those of the warm-up; above 0. */
  decaySteps: number;
  /** What remains in the end, as a share. Default 0. */
  alpha?: number;
  /** The rate at the end of the warm-up, from which it decays. Default: no warm-up. */
  warmupTarget?: number;
  /** Steps in which the rate rises to `warmupTarget` in a straight line. Default 0. */
  warmupSteps?: number;
}

/**
 * Half a wave from the initial rate (or `warmupTarget`, when given) down to `alpha` times as much,
 * rate * ((1 - alpha) * (1 + cos(pi * step / decaySteps)) / 2 + alpha) (Loshchilov and Hutter 2016, as
 * Keras has it).
 *
 * @example
 * ```ts
 * const learningRate = schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 100 });
 * [0, 50, 100].map((step) => learningRate.at(step)); // => [0.1, 0.05, 0]
 * ```
 */
export class CosineDecay extends LearningRateSchedule {
  static override className = 'CosineDecay';
  /** The rate of the first step. */
  readonly initialLearningRate: number;
  /** Steps of the decay, behind those of the warm-up; above 0. */
  readonly decaySteps: number;
  /** What remains in the end, as a share. */
  readonly alpha: number;
  /** The rate at the end of the warm-up, from which it decays. */
  readonly warmupTarget: number | undefined;
  /** Steps in which the rate rises to `warmupTarget` in a straight line. */
  readonly warmupSteps: number;

  constructor(options: CosineDecayOptions) {
    super(options, ['initialLearningRate', 'decaySteps', 'alpha', 'warmupTarget', 'warmupSteps']);
    const { initialLearningRate, decaySteps, alpha = 0, warmupTarget, warmupSteps = 0 } = options;
    this.initialLearningRate = checkNumber('CosineDecay: initialLearningRate', initialLearningRate);
    this.decaySteps = checkNumber('CosineDecay: decaySteps', decaySteps, true);
    this.alpha = checkNumber('CosineDecay: alpha', alpha);
    this.warmupTarget =
      warmupTarget === undefined
        ? undefined
        : checkNumber('CosineDecay: warmupTarget', warmupTarget);
    this.warmupSteps = checkNumber('CosineDecay: warmupSteps', warmupSteps);
  }

  override at(step: number): number {
    const { initialLearningRate, decaySteps, alpha, warmupTarget } = this;
    const warmupSteps = warmupTarget === undefined ? 0 : this.warmupSteps;
    const top = warmupTarget ?? initialLearningRate;
    if (step < warmupSteps) {
      return initialLearningRate + (top - initialLearningRate) * (step / warmupSteps);
    }
    const part = Math.min((step - warmupSteps) / decaySteps, 1);
    return top * ((1 - alpha) * halfWave(part) + alpha);
  }

  override getConfig(): Config {
    return {
      initial_learning_rate: this.initialLearningRate,
      decay_steps: this.decaySteps,
      alpha: this.alpha,
      warmup_target: this.warmupTarget ?? null,
      warmup_steps: this.warmupSteps,
      ...super.getConfig(),
    };
  }
}

export interface CosineDecayRestartsOptions extends ScheduleOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps until it starts again for the first time; above 0. */
  firstDecaySteps: number;
  /** How much longer each wave is than the one before, at least 1. Default 2. */
  tMul?: number;
  /** How high each wave starts, as a share of the one before. Default 1. */
  mMul?: number;
  /** What remains at the end of a wave, as a share. Default 0. */
  alpha?: number;
}

/**
 * `CosineDecay` that starts again and again (Loshchilov and Hutter 2016, as Keras has it): in wave i,
 * over t from 0 to 1, initialLearningRate * ((1 - alpha) * mMul^i * (1 + cos(pi * t)) / 2 + alpha).
 *
 * @example
 * ```ts
 * const learningRate = schedules.cosineDecayRestarts({
 *   initialLearningRate: 0.1,
 *   firstDecaySteps: 100,
 * });
 * [0, 50, 100].map((step) => learningRate.at(step)); // => [0.1, 0.05, 0.1]
 * ```
 */
export class CosineDecayRestarts extends LearningRateSchedule {
  static override className = 'CosineDecayRestarts';
  /** The rate of the first step. */
  readonly initialLearningRate: number;
  /** Steps until it starts again for the first time; above 0. */
  readonly firstDecaySteps: number;
  /** How much longer each wave is than the one before, at least 1. */
  readonly tMul: number;
  /** How high each wave starts, as a share of the one before. */
  readonly mMul: number;
  /** What remains at the end of a wave, as a share. */
  readonly alpha: number;

  constructor(options: CosineDecayRestartsOptions) {
    const names = ['initialLearningRate', 'firstDecaySteps', 'tMul', 'mMul', 'alpha'];
    super({ name: 'SGDRDecay', ...options }, names);
    const { initialLearningRate, firstDecaySteps, tMul = 2, mMul = 1, alpha = 0 } = options;
    const what = 'CosineDecayRestarts';
    this.initialLearningRate = checkNumber(`${what}: initialLearningRate`, initialLearningRate);
    this.firstDecaySteps = checkNumber(`${what}: firstDecaySteps`, firstDecaySteps, true);
    this.tMul = checkNumber(`${what}: tMul`, tMul);
    if (tMul < 1) {
      throw new LugeError('BAD_ARGUMENT', `${what}: tMul must be at least 1, but got ${tMul}.`);
    }
    this.mMul = checkNumber(`${what}: mMul`, mMul);
    this.alpha = checkNumber(`${what}: alpha`, alpha);
  }

  override at(step: number): number {
    const { initialLearningRate, alpha, mMul } = this;
    const [restarts, part] = this.wave(step);
    const height = mMul ** restarts * halfWave(part);
    return initialLearningRate * ((1 - alpha) * height + alpha);
  }

  /** In which wave a step is, and at which part of it. Logarithms would miss where some begin. */
  private wave(step: number): [number, number] {
    const { firstDecaySteps, tMul } = this;
    if (tMul === 1) {
      const waves = step / firstDecaySteps;
      return [Math.floor(waves), waves % 1];
    }
    let [restarts, from, length] = [0, 0, firstDecaySteps];
    while (step >= from + length) {
      restarts += 1;
      from += length;
      length *= tMul;
    }
    return [restarts, (step - from) / length];
  }

  override getConfig(): Config {
    return {
      initial_learning_rate: this.initialLearningRate,
      first_decay_steps: this.firstDecaySteps,
      t_mul: this.tMul,
      m_mul: this.mMul,
      alpha: this.alpha,
      ...super.getConfig(),
    };
  }
}

export interface OneCycleOptions extends ScheduleOptions {
  /** The rate at the top. */
  maxLearningRate: number;
  /** Steps of the whole cycle, at least 2. */
  totalSteps: number;
  /** Which part of them the rate rises, in (0, 1). Default 0.3. */
  pctStart?: number;
  /** The first rate is the highest divided by this. Default 25. */
  divFactor?: number;
  /** The last rate is the first divided by this. Default 1e4. */
  finalDivFactor?: number;
}

/**
 * One rise to the highest rate and one descent far below the first, both half a wave (Smith and Topin
 * 2017; defaults and form as PyTorch's OneCycleLR, without its cycle of momentum). The top is step
 * pctStart * totalSteps - 1, and from step totalSteps - 1 on the rate stays the last.
 *
 * @example
 * ```ts
 * const learningRate = schedules.oneCycle({ maxLearningRate: 0.1, totalSteps: 100 });
 * [0, 29, 99].map((step) => learningRate.at(step)); // => [0.004, 0.1, 4e-7]
 * ```
 */
export class OneCycle extends LearningRateSchedule {
  static override className = 'OneCycle';
  /** The rate at the top. */
  readonly maxLearningRate: number;
  /** Steps of the whole cycle, at least 2. */
  readonly totalSteps: number;
  /** Which part of them the rate rises, in (0, 1). */
  readonly pctStart: number;
  /** The first rate is the highest divided by this. */
  readonly divFactor: number;
  /** The last rate is the first divided by this. */
  readonly finalDivFactor: number;

  constructor(options: OneCycleOptions) {
    super(options, ['maxLearningRate', 'totalSteps', 'pctStart', 'divFactor', 'finalDivFactor']);
    const { totalSteps, pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4 } = options;
    this.maxLearningRate = checkNumber('OneCycle: maxLearningRate', options.maxLearningRate);
    this.totalSteps = checkNumber('OneCycle: totalSteps', totalSteps, true);
    this.pctStart = checkNumber('OneCycle: pctStart', pctStart, true);
    const top = pctStart * totalSteps - 1;
    if (!(top > 0 && top < totalSteps - 1)) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `OneCycle: the top, step pctStart * totalSteps - 1, must lie between the first and the last of ` +
          `${totalSteps} steps, but with pctStart ${pctStart} it is ${top}.`,
      );
    }
    this.divFactor = checkNumber('OneCycle: divFactor', divFactor, true);
    this.finalDivFactor = checkNumber('OneCycle: finalDivFactor', finalDivFactor, true);
  }

  override at(step: number): number {
    const { maxLearningRate, totalSteps } = this;
    const first = maxLearningRate / this.divFactor;
    const last = first / this.finalDivFactor;
    const top = this.pctStart * totalSteps - 1;
    if (step <= top) return first + (maxLearningRate - first) * (1 - halfWave(step / top));
    const part = Math.min((step - top) / (totalSteps - 1 - top), 1);
    return last + (maxLearningRate - last) * halfWave(part);
  }

  override getConfig(): Config {
    return {
      max_learning_rate: this.maxLearningRate,
      total_steps: this.totalSteps,
      pct_start: this.pctStart,
      div_factor: this.divFactor,
      final_div_factor: this.finalDivFactor,
      ...super.getConfig(),
    };
  }
}
