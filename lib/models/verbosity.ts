import { LugeError } from '../core/errors.js';

/** 0: silent; 1: a progress bar on a terminal, elsewhere a line an epoch; 2: a line an epoch. */
export type Verbose = 'auto' | 0 | 1 | 2;

export function verbosity(what: string, verbose: Verbose): 0 | 1 | 2 {
  if (verbose === 'auto') return 1;
  if (verbose === 0 || verbose === 1 || verbose === 2) return verbose;
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what}: verbose must be 'auto', 0, 1 or 2, but got ${JSON.stringify(verbose)}.`,
  );
}
