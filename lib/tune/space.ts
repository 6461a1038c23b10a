import { LugeError } from '../core/errors.js';
import { checkCount } from '../core/options.js';
import type { Random } from '../core/random.js';

/** The values that an option may have. */
export interface Dimension<T> {
  /** One of them by chance. */
  draw(random: Random): T;
  /** All of them, or of a range so many, evenly spread over it. */
  grid(points: number): T[];
}

/** What to search: options by name. */
export type Space = Readonly<Record<string, Dimension<unknown>>>;

/** A choice of options from a space. */
export type OptionsOf<S extends Space> = {
  [K in keyof S]: S[K] extends Dimension<infer T> ? T : never;
};

/**
 * One of some values, of any type that JSON can hold.
 *
 * @example
 * ```ts
 * const activation = tune.choice('relu', 'tanh');
 * activation.grid(3); // => ['relu', 'tanh']
 * ```
 */
export function choice<const T>(...values: readonly T[]): Dimension<T> {
  if (values.length === 0) {
    throw new LugeError(
      'BAD_ARGUMENT',
      "tune.choice needs values, such as choice('relu', 'tanh').",
    );
  }
  return { draw: (random) => values[random.below(values.length)] as T, grid: () => [...values] };
}

/**
 * A number in [low, high), each as likely.
 *
 * @example
 * ```ts
 * const rate = tune.uniform(0.1, 0.5);
 * rate.grid(3); // => [0.1, 0.3, 0.5]
 * ```
 */
export function uniform(low: number, high: number): Dimension<number> {
  checkRange('uniform', low, high, Number.NEGATIVE_INFINITY);
  return {
    draw: (random) => low + (high - low) * random.uniform(),
    grid: (points) => spread(points).map((share) => low * (1 - share) + high * share),
  };
}

/**
 * A number in [low, high) whose logarithm is as likely everywhere: for learning rates and strengths
 * of regularization, of which the order of magnitude is what is sought.
 *
 * @example
 * ```ts
 * const learningRate = tune.logUniform(0.001, 0.1);
 * learningRate.grid(3); // => [0.001, 0.01, 0.1]
 * ```
 */
export function logUniform(low: number, high: number): Dimension<number> {
  checkRange('logUniform', low, high, 0);
  const at = (share: number) => low ** (1 - share) * high ** share;
  return { draw: (random) => at(random.uniform()), grid: (points) => spread(points).map(at) };
}

/**
 * A whole number from low to high, both included.
 *
 * @example
 * ```ts
 * const units = tune.integers(10, 100);
 * units.grid(3); // => [10, 55, 100]
 * ```
 */
export function integers(low: number, high: number): Dimension<number> {
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low > high) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `tune.integers takes two whole numbers, the lower first, but got ${low} and ${high}.`,
    );
  }
  const at = (share: number) => Math.round(low + (high - low) * share);
  return {
    draw: (random) => low + random.below(high - low + 1),
    grid: (points) => [...new Set(spread(points).map(at))],
  };
}

function checkRange(name: string, low: number, high: number, above: number): void {
  if (Number.isFinite(low) && Number.isFinite(high) && low > above && low < high) return;
  throw new LugeError(
    'BAD_ARGUMENT',
    `tune.${name} takes two ${above === 0 ? 'numbers above 0' : 'finite numbers'}, the lower first, but got ` +
      `${low} and ${high}.`,
  );
}

/** So many shares from 0 to 1; the middle when it is but one. */
function spread(points: number): number[] {
  checkCount('tune: gridPoints', points);
  if (points === 1) return [0.5];
  return Array.from({ length: points }, (_, i) => i / (points - 1));
}
