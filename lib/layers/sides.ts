import { LugeError } from '../core/errors.js';
import { checkCount } from '../core/options.js';
import type { Pair } from './image_options.js';

/** Two of something; a number stands for two of it. */
export function checkTwo<T>(
  what: string,
  value: number | readonly [T, T],
  form: string,
): readonly [T | number, T | number] {
  if (typeof value === 'number') return [value, value];
  if (Array.isArray(value) && value.length === 2) return value;
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what} must be a number, ${form}, but got ${JSON.stringify(value)}.`,
  );
}

/** How many elements, before and after one axis. */
export function checkSides(what: string, value: Pair, form: string): [number, number] {
  const [before, after] = checkTwo(what, value, form);
  return [checkCount(what, before, 0), checkCount(what, after, 0)];
}
