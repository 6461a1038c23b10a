import { LugeError } from '../core/errors.js';
import { checkOptions as checkNames } from '../core/options.js';

/** Throws BAD_ARGUMENT unless an operation's options are an object; UNKNOWN_NAME for one it does not have. */
export function checkOptions(name: string, options: object, known: readonly string[]): void {
  checkNames(`ops.${name}`, options, known);
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
