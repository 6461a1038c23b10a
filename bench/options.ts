/** The number that an option gives. Throws an Error that names the option. */
export function positive(name: string, value: string | undefined): number {
  const number = Number(value);
  if (number > 0 && number < Number.POSITIVE_INFINITY) return number;
  throw new Error(`--${name} must be a positive number, but got "${value}"`);
}

export function positiveInteger(name: string, value: string | undefined): number {
  const number = positive(name, value);
  if (Number.isInteger(number)) return number;
  throw new Error(`--${name} must be a whole number, but got "${value}"`);
}

/** The items whose names the comma-separated `wanted` lists, in their own order; all without it. */
export function pick<T>(
  items: readonly T[],
  name: (item: T) => string,
  wanted: string | undefined,
  option: string,
): T[] {
  if (wanted === undefined) return [...items];
  const names = wanted.split(',');
  const unknown = names.find((one) => !items.some((item) => name(item) === one));
  if (unknown !== undefined) {
    throw new Error(`--${option}: no "${unknown}"; there are ${items.map(name).join(', ')}`);
  }
  return items.filter((item) => names.includes(name(item)));
}
