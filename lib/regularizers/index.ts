import { type ClassConfig, type Config, Registry } from '../core/registry.js';
import { L1, L1L2, type L1L2Options, L2 } from './l1l2.js';
import { Regularizer } from './regularizer.js';

export { Regularizer } from './regularizer.js';

/** A name ('l2'), a configuration or an object. */
export type RegularizerLike = string | ClassConfig | Regularizer;

const registry = new Registry<Regularizer>('regularizer', Regularizer);

/** Makes a class of your own known by its class name, and further names if given. */
export const register = registry.add.bind(registry);

register(L1);
register(L2);
// By its name alone both factors are 0.01, as in Keras; in a configuration each is 0 by default.
register({
  className: 'L1L2',
  fromConfig: (config: Config) =>
    Object.keys(config).length === 0 ? new L1L2({ l1: 0.01, l2: 0.01 }) : L1L2.fromConfig(config),
});

/** The regularizer that a name, configuration or object means. Throws UNKNOWN_NAME. */
export const get = (identifier: RegularizerLike): Regularizer => registry.get(identifier);

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
