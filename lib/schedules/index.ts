import { type ClassConfig, Registry } from '../core/registry.js';
import {
  CosineDecay,
  type CosineDecayOptions,
  CosineDecayRestarts,
  type CosineDecayRestartsOptions,
  OneCycle,
  type OneCycleOptions,
} from './cosine.js';
import {
  ExponentialDecay,
  InverseTimeDecay,
  PiecewiseConstantDecay,
  type PiecewiseConstantDecayOptions,
  PolynomialDecay,
  type PolynomialDecayOptions,
  type StepDecayOptions,
} from './decay.js';
import { LearningRateSchedule } from './schedule.js';

export { LearningRateSchedule, type ScheduleOptions } from './schedule.js';
export type {
  CosineDecayOptions,
  CosineDecayRestartsOptions,
  OneCycleOptions,
  PiecewiseConstantDecayOptions,
  PolynomialDecayOptions,
  StepDecayOptions,
};

/** A schedule or its configuration. */
export type ScheduleLike = ClassConfig | LearningRateSchedule;

const registry = new Registry<LearningRateSchedule>('schedule', LearningRateSchedule);

/**
 * Makes a class of your own known by its class name, and further names if given.
 *
 * @example
 * ```ts
 * class Halved extends schedules.LearningRateSchedule {
 *   static override className = 'Halved';
 *   override at(step: number): number {
 *     return 0.1 / 2 ** Math.floor(step / 100);
 *   }
 * }
 * schedules.register(Halved); // files with it can be loaded from now on
 * schedules.get({ class_name: 'Halved', config: {} }).at(100); // => 0.05
 * ```
 */
export const register = registry.add.bind(registry);

register(ExponentialDecay);
register(InverseTimeDecay);
register(PolynomialDecay);
register(PiecewiseConstantDecay);
register(CosineDecay);
register(CosineDecayRestarts);
register(OneCycle);

/**
 * The schedule that a configuration or object means. Throws UNKNOWN_NAME.
 *
 * @example
 * ```ts
 * const config = { initial_learning_rate: 0.1, decay_steps: 100, decay_rate: 0.5 };
 * schedules.get({ class_name: 'ExponentialDecay', config }).at(100); // => 0.05
 * ```
 */
export const get = (identifier: ScheduleLike): LearningRateSchedule => registry.get(identifier);

/** initialLearningRate * decayRate^(step / decaySteps). */
export const exponentialDecay = (options: StepDecayOptions): ExponentialDecay =>
  new ExponentialDecay(options);

/** initialLearningRate / (1 + decayRate * step / decaySteps). */
export const inverseTimeDecay = (options: StepDecayOptions): InverseTimeDecay =>
  new InverseTimeDecay(options);

/** From one rate to another along a polynomial; a straight line by default. */
export const polynomialDecay = (options: PolynomialDecayOptions): PolynomialDecay =>
  new PolynomialDecay(options);

/** One rate after the other: values[i] up to and with step boundaries[i]. */
export const piecewiseConstantDecay = (
  options: PiecewiseConstantDecayOptions,
): PiecewiseConstantDecay => new PiecewiseConstantDecay(options);

/** Half a wave down, after a warm-up if asked for (Loshchilov and Hutter 2016). */
export const cosineDecay = (options: CosineDecayOptions): CosineDecay => new CosineDecay(options);

/** Half a wave down, again and again (Loshchilov and Hutter 2016). */
export const cosineDecayRestarts = (options: CosineDecayRestartsOptions): CosineDecayRestarts =>
  new CosineDecayRestarts(options);

/** One rise and one descent (Smith and Topin 2017). */
export const oneCycle = (options: OneCycleOptions): OneCycle => new OneCycle(options);
