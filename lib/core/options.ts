import { LugeError, unknownName } from './errors.js';

/** Throws UNKNOWN_NAME for an option that `what` does not have, offering the nearest. */
export function checkOptions(what: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what} takes one object of options, such as { ${known[0]}: ... }, but got ${show(options)}.`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !known.includes(name))
      throw unknownName(`${what} option`, name, known);
  }
}

/** A value of the wrong kind as an error shows it. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  }
  const { name } = value.constructor;
  return name === 'Object' || name === 'Array' ? JSON.stringify(value) : `a ${name}`;
}

/** Throws BAD_ARGUMENT unless `value` is true or false. */
export function checkFlag(what: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value;
  throw new LugeError('BAD_ARGUMENT', `${what} must be true or false, but got ${show(value)}.`);
}

/** Throws BAD_ARGUMENT unless `value` is a whole number of at least `least`. */
export function checkCount(what: string, value: number, least = 1): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what} must be a whole number of at least ${least}, but got ${value}.`,
  );
}

/** Throws BAD_ARGUMENT unless `value` is a number in [low, high) (or [low, high] when `closed`). */
export function checkRange(
  what: string,
  value: number,
  low: number,
  high = Number.POSITIVE_INFINITY,
  closed = false,
): number {
  if (typeof value === 'number' && value >= low && (value < high || (closed && value === high))) {
    return value;
  }
  const range =
    high === Number.POSITIVE_INFINITY
      ? `a finite number of at least ${low}`
      : `a number in [${low}, ${high}${closed ? ']' : ')'}`;
  throw new LugeError('BAD_ARGUMENT', `${what} must be ${range}, but got ${value}.`);
}

/** A number for every axis, or one for each in a list; whole numbers of at least 1. */
export function checkSizes(
  what: string,
  value: number | readonly number[],
  axes: readonly string[],
): number[] {
  const sizes = typeof value === 'number' ? axes.map(() => value) : value;
  if (!Array.isArray(sizes) || sizes.length !== axes.length) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what} must be a number or [${axes.join(', ')}], but got ${JSON.stringify(value)}.`,
    );
  }
  return sizes.map((size) => checkCount(what, size));
}

/** A number for both axes, or `[rows, columns]`; each a whole number of at least 1. */
export function checkPair(what: string, value: number | readonly number[]): [number, number] {
  return checkSizes(what, value, ['rows', 'columns']) as [number, number];
}

/** Throws UNKNOWN_NAME unless `value` is one of `known`. */
export function checkChoice<T extends string>(what: string, value: string, known: readonly T[]): T {
  if ((known as readonly string[]).includes(value)) return value as T;
  throw unknownName(what, String(value), known);
}
