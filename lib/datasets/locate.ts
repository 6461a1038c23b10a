import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { diskProblem } from '../core/write_file.js';

/** A file of a data set as its mirrors hold it. */
export interface DatasetFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where a data set may be found. */
export interface DatasetSource {
  /** As users know it, such as 'Fashion-MNIST'. */
  readonly title: string;
  /** Names that its folder may have under $LUGE_DATA and the cache; the first is made by a download. */
  readonly folders: readonly [string, ...string[]];
  readonly files: readonly DatasetFile[];
  /** Files that hold the same, unpacked from an archive, where they may be found instead. */
  readonly unpacked?: readonly string[];
  /** Folders that system packages install. */
  readonly systemFolders: readonly string[];
  /** Addresses of folders that hold `files`, tried in this order. */
  readonly mirrors: readonly string[];
  /** One more way to get the files, for the message when they cannot be found. */
  readonly hint?: string;
}

export interface DatasetOptions {
  /** The folder that holds the files, or a folder above it; a download goes there. */
  dir?: string | undefined;
}

/** What a search of one folder found: the files' paths, or why they cannot be had from it. */
export type Found = { readonly paths: string[] } | { readonly problem: string };

/** The folders to search, in order. */
export function searchFolders(source: DatasetSource, options: DatasetOptions): string[] {
  const under = (root: string | undefined) =>
    root ? source.folders.map((folder) => resolve(root, folder)) : [];
  return [
    ...new Set([
      ...(options.dir ? [resolve(options.dir)] : []),
      ...under(options.dir),
      ...under(process.env.LUGE_DATA),
      ...under(cacheFolder()),
      ...source.systemFolders,
    ]),
  ];
}

/** The folder that downloads go to. */
export function downloadFolder(source: DatasetSource, options: DatasetOptions): string {
  return options.dir ? resolve(options.dir) : join(cacheFolder(), source.folders[0]);
}

/** luge's part of the user's cache: $XDG_CACHE_HOME/luge, or where the system keeps caches. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME;
  // The XDG specification has relative paths ignored.
  if (base && isAbsolute(base)) return join(base, 'luge');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'luge');
  return join(homedir(), '.cache', 'luge');
}

/**
 * Looks for every file of the data set in one folder, each as named or unpacked (without '.gz'), or for
 * the contents of its archive.
 */
export async function searchIn(folder: string, source: DatasetSource): Promise<Found> {
  try {
    if (!(await stat(folder)).isDirectory()) return { problem: 'not a folder' };
    const names = source.files.map((file) => file.name);
    const lists = source.unpacked === undefined ? [names] : [source.unpacked, names];
    let missing: string[] = [];
    for (const list of lists) {
      const found = await Promise.all(list.map((name) => findFile(folder, name)));
      missing = list.filter((_, i) => found[i] === undefined);
      if (missing.length === 0) return { paths: found as string[] };
    }
    return { problem: `lacks ${missing.join(', ')}` };
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { problem: absent ? 'no such folder' : diskProblem(error) };
  }
}

async function findFile(folder: string, name: string): Promise<string | undefined> {
  for (const path of new Set([join(folder, name), join(folder, name.replace(/\.gz$/, ''))])) {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (found?.isFile()) return path;
  }
  return undefined;
}
