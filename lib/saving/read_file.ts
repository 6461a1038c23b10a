import { readFile } from 'node:fs/promises';
import { LugeError } from '../core/errors.js';
import { diskProblem } from '../core/write_file.js';

/** The bytes of a file. Throws NOT_FOUND when there is none, IO when it cannot be read. */
export async function readWholeFile(path: string): Promise<Uint8Array> {
  if (typeof path !== 'string' || path === '') {
    throw new LugeError('BAD_ARGUMENT', `A file to read needs a path, but got '${path}'.`);
  }
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new LugeError('NOT_FOUND', `There is no file '${path}'.`, { cause: error });
    }
    throw new LugeError('IO', `Cannot read '${path}': ${diskProblem(error)}.`, { cause: error });
  }
}
