import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LugeError } from './errors.js';

/**
 * Writes a whole file or nothing: to a temporary file beside it, which is flushed to disk and then
 * renamed. A reader, or a crash in between, sees the old content or the new, never a part. A
 * symbolic link is followed, and the mode of a file that is replaced is kept.
 *
 * @throws LugeError BAD_ARGUMENT when the file cannot be written; an old one is then untouched.
 */
export function writeFileAtomic(path: string, data: string | Uint8Array): void {
  if (typeof path !== 'string' || path === '') {
    throw new LugeError('BAD_ARGUMENT', `A file to write needs a path, but got '${path}'.`);
  }
  try {
    const old = statSync(path, { throwIfNoEntry: false });
    if (old !== undefined && !old.isFile()) {
      throw new Error(old.isDirectory() ? 'it is a folder' : 'it is not a regular file');
    }
    replaceFile(old ? realpathSync(path) : path, data, old ? old.mode & 0o777 : 0o666);
  } catch (error) {
    throw new LugeError('BAD_ARGUMENT', `Cannot write '${path}': ${diskProblem(error)}.`, {
      cause: error,
    });
  }
}

function replaceFile(file: string, data: string | Uint8Array, mode: number): void {
  const unique = randomUUID().slice(0, 8);
  const temporary = join(dirname(file), `.${basename(file)}.${unique}.tmp`);
  try {
    const handle = openSync(temporary, 'wx', mode);
    try {
      writeFileSync(handle, data);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

const problems: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than allowed',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EEXIST: 'a file stands where a folder is needed',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
};

/** A failed file operation in words. */
export function diskProblem(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  return problems[code ?? ''] ?? (error instanceof Error ? error.message : String(error));
}
