import { type ClassConfig, Registry } from '../core/registry.js';
import { Constraint } from './constraint.js';
import { type ConstraintFunction, FunctionConstraint } from './function_constraint.js';
import {
  type AxisOptions,
  MaxNorm,
  type MaxNormOptions,
  MinMaxNorm,
  type MinMaxNormOptions,
  NonNeg,
  UnitNorm,
} from './norms.js';

export { Constraint } from './constraint.js';
export type { AxisOptions, ConstraintFunction, MaxNormOptions, MinMaxNormOptions };

/** A name ('nonNeg'), a configuration, an object, or a function `(weight) => weight` written with `ops`. */
export type ConstraintLike = string | ClassConfig | Constraint | ConstraintFunction;

const registry = new Registry<Constraint>('constraint', Constraint);

/**
 * Makes a class of your own known by its class name, and further names if given.
 *
 * @example
 * ```ts
 * class Small extends constraints.Constraint {
 *   static override className = 'Small';
 *   override apply(weight: Value): Value {
 *     return ops.clip(weight, -0.1, 0.1);
 *   }
 * }
 * constraints.register(Small);
 * const layer = layers.dense({ units: 10, kernelConstraint: 'small' });
 * ```
 */
export const register = registry.add.bind(registry);

for (const type of [MaxNorm, UnitNorm, NonNeg, MinMaxNorm, FunctionConstraint]) register(type);

/**
 * The constraint that a name, configuration or object means. Throws UNKNOWN_NAME.
 *
 * @example
 * ```ts
 * constraints.get('maxNorm').getConfig(); // => { max_value: 2, axis: 0 }
 * ```
 */
export const get = (identifier: ConstraintLike): Constraint =>
  typeof identifier === 'function' ? new FunctionConstraint(identifier) : registry.get(identifier);

/** Lengths along `axis` (0 by default) of at most `maxValue` (2 by default). */
export const maxNorm = (options?: MaxNormOptions): Constraint => new MaxNorm(options);
/** Lengths along `axis` (0 by default) of 1. */
export const unitNorm = (options?: AxisOptions): Constraint => new UnitNorm(options);
/** No number below 0. */
export const nonNeg = (): Constraint => new NonNeg();
/** Lengths along `axis` (0 by default) in [minValue, maxValue], [0, 1] by default. */
export const minMaxNorm = (options?: MinMaxNormOptions): Constraint => new MinMaxNorm(options);
