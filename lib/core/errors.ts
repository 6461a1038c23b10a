/** What went wrong, stable across releases, for programs to test. */
export type ErrorCode =
  | 'BAD_ARGUMENT'
  | 'BAD_SHAPE'
  | 'BAD_DTYPE'
  | 'BAD_DATA'
  | 'UNKNOWN_NAME'
  | 'NOT_BUILT'
  | 'NOT_COMPILED'
  | 'BUSY'
  | 'ABORTED'
  | 'NOT_FOUND'
  | 'IO'
  | 'NATIVE'
  | 'BAD_PROGRAM'
  | 'OUT_OF_MEMORY'
  | 'UNSUPPORTED';

/**
 * The error that everything in luge throws: a stable `code` and a message that says what to do.
 *
 * @example
 * ```ts
 * try {
 *   layers.dense({ units: -1 });
 * } catch (error) {
 *   if (!(error instanceof LugeError)) throw error;
 *   error.code; // => 'BAD_ARGUMENT'
 *   console.log(error.message);
 * }
 * ```
 */
export class LugeError extends Error {
  /** Which kind of mistake; it stays the same when a message is reworded. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LugeError';
    this.code = code;
  }
}

/** An UNKNOWN_NAME error that offers the nearest known name. */
export function unknownName(kind: string, found: string, known: readonly string[]): LugeError {
  const best = nearestName(found, known);
  const hint = best === undefined ? `Known: ${known.join(', ')}.` : `Did you mean '${best}'?`;
  return new LugeError('UNKNOWN_NAME', `Unknown ${kind} '${found}'. ${hint}`);
}

/** The known name closest to `found`, or undefined when none is near enough to be a slip. */
export function nearestName(found: string, known: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(found.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(plain(found), plain(name));
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
