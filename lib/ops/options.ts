import { LugeError, unknownName } from '../core/errors.js';

/** Throws UNKNOWN_NAME for an option that an operation does not have. */
export function checkOptions(name: string, options: object, known: readonly string[]): void {
  for (const found of Object.keys(options)) {
    if (!known.includes(found)) throw unknownName(`option of ops.${name}`, found, known);
  }
}

/** Throws BAD_ARGUMENT unless `value` is a finite number. */
export function checkFinite(name: string, argument: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.${name}: ${argument} must be a finite number, but got ${value}.`,
    );
  }
}
