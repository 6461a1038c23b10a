import { LugeError } from '../core/errors.js';
import { type ClassConfig, type Config, Registry } from '../core/registry.js';
import { FunctionRegularizer, type RegularizerFunction } from './function_regularizer.js';
import { L1, L1L2, type L1L2Options, L2 } from './l1l2.js';
import { OrthogonalRegularizer, type OrthogonalRegularizerOptions } from './orthogonal.js';
import { Regularizer } from './regularizer.js';

export { Regularizer } from './regularizer.js';
export type { L1L2Options, OrthogonalRegularizerOptions, RegularizerFunction };

/** A name ('l2'), a configuration, an object, or a function `(weight) => penalty` written with `ops`. */
export type RegularizerLike = string | ClassConfig | Regularizer | RegularizerFunction;

const registry = new Registry<Regularizer>('regularizer', Regularizer);

/**
 * Makes a class of your own known by its class name, and further names if given.
 *
 * @example
 * ```ts
 * class SumPenalty extends regularizers.Regularizer {
 *   static override className = 'SumPenalty';
 *   override penalty(weight: Variable | Value): Value {
 *     return ops.square(ops.sum(weight));
 *   }
 * }
 * regularizers.register(SumPenalty);
 * const layer = layers.dense({ units: 10, kernelRegularizer: 'sumPenalty' });
 * ```
 */
export const register = registry.add.bind(registry);

register(L1);
register(L2);
// By its name alone both factors are 0.01, as in Keras; in a configuration each is 0 by default.
register({
  className: 'L1L2',
  fromConfig: (config: Config) =>
    Object.keys(config).length === 0 ? new L1L2({ l1: 0.01, l2: 0.01 }) : L1L2.fromConfig(config),
});

register(OrthogonalRegularizer, 'orthogonal');
register(FunctionRegularizer);

/**
 * The regularizer that a name, configuration, function or object means. Throws UNKNOWN_NAME.
 *
 * @example
 * ```ts
 * regularizers.get('l2').getConfig(); // => { l2: 0.01 }
 * ```
 */
export function get(identifier: RegularizerLike): Regularizer {
  if (typeof identifier === 'function') return new FunctionRegularizer(identifier);
  if (typeof identifier !== 'number') return registry.get(identifier);
  throw new LugeError(
    'BAD_ARGUMENT',
    `regularizer must be a name, an object or a function, such as regularizers.l2(${identifier}), but got ` +
      `${identifier}.`,
  );
}

/** A factor (default 0.01), alone or as an option. */
const factor = <K extends string>(name: K, value: number | { [key in K]?: number } | undefined) =>
  typeof value === 'number' ? ({ [name]: value } as { [key in K]?: number }) : value;

/** l1 * sum(|w|): `l1(0.01)` or `l1({ l1: 0.01 })`. */
export const l1 = (value?: number | { l1?: number }): Regularizer => new L1(factor('l1', value));
/** l2 * sum(w^2): `l2(0.01)` or `l2({ l2: 0.01 })`. */
export const l2 = (value?: number | { l2?: number }): Regularizer => new L2(factor('l2', value));
/** l1 * sum(|w|) + l2 * sum(w^2); each 0.01 by default. */
export const l1l2 = (options: L1L2Options = {}): Regularizer =>
  new L1L2({ l1: options.l1 ?? 0.01, l2: options.l2 ?? 0.01 });

/**
 * factor * mean(|cos|) of the angles between any two rows (or columns) of a matrix, which makes them
 * turn away from each other. Lengths do not count; a single row has penalty 0. For weights of two
 * axes, such as a dense layer's kernel [inputs, units]: its columns are its units.
 *
 * Source: Keras; Brock et al. 2017, "Neural Photo Editing with Introspective Adversarial Networks".
 *
 * @throws LugeError BAD_ARGUMENT for a factor below 0, UNKNOWN_NAME for another mode, and BAD_SHAPE
 *   when training begins, for a weight of other than two axes.
 *
 * @example
 * ```ts
 * const kernelRegularizer = regularizers.orthogonalRegularizer({ factor: 0.1, mode: 'columns' });
 * const layer = layers.dense({ units: 8, inputShape: [16], kernelRegularizer });
 * ```
 */
export const orthogonalRegularizer = (options?: OrthogonalRegularizerOptions): Regularizer =>
  new OrthogonalRegularizer(options);
