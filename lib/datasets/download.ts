import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LugeError } from '../core/errors.js';
import { Progress, type ProgressStream } from '../core/progress.js';
import { diskProblem } from '../core/write_file.js';
import type { DatasetFile } from './locate.js';

const kMostResumes = 20;

export interface DownloadOptions {
  /** Where the progress bar goes. Default: standard error. */
  stream?: ProgressStream | undefined;
  /** A mirror that sends nothing for so long is given up. Default 30,000 ms. */
  stallMs?: number | undefined;
}

const running = new Map<string, Promise<string>>();

/**
 * Brings `file` into `folder`, from the first of `urls` that has it, and returns its path.
 *
 * What has come is kept in 'NAME.part' when the connection breaks, and the next try, at once, from
 * another mirror or in another run, goes on from there. Every byte is written at its own offset, so
 * two processes that fetch the same file don't harm each other. The file gets its name only when
 * complete, with the right checksum and flushed to disk; one that is there already is left alone.
 *
 * @throws LugeError NOT_FOUND with what went wrong on each mirror, or when the disk takes no file.
 */
export function downloadFile(
  file: DatasetFile,
  urls: readonly string[],
  folder: string,
  options: DownloadOptions = {},
): Promise<string> {
  const path = join(folder, file.name);
  let download = running.get(path);
  if (download === undefined) {
    download = fromMirrors(file, urls, folder, path, options).finally(() => running.delete(path));
    running.set(path, download);
  }
  return download;
}

async function fromMirrors(
  file: DatasetFile,
  urls: readonly string[],
  folder: string,
  path: string,
  options: DownloadOptions,
): Promise<string> {
  const part = `${path}.part`;
  const failures: string[] = [];
  await onDisk(folder, mkdir(folder, { recursive: true }));
  for (const url of urls) {
    if ((await sizeOnDisk(path)) !== undefined) return path;
    try {
      await fromMirror(file, url, part, options);
      await onDisk(path, rename(part, path));
      return path;
    } catch (error) {
      // Another process may have finished the same file and taken the part away.
      if ((await sizeOnDisk(path)) !== undefined) return path;
      if (error instanceof LugeError) throw error;
      failures.push(`${url}: ${reason(error)}`);
    }
  }
  const what = `${file.name} could not be downloaded`;
  throw new LugeError('NOT_FOUND', [`${what}:`, ...failures].join('\n'));
}

/** Completes `part` from one mirror, resuming as long as each try brings something. */
async function fromMirror(
  file: DatasetFile,
  url: string,
  part: string,
  options: DownloadOptions,
): Promise<void> {
  let fromHereOnly = false;
  for (let resumes = 0; ; resumes++) {
    const from = (await sizeOnDisk(part)) ?? 0;
    fromHereOnly ||= from === 0;
    if (from < file.bytes) {
      try {
        await transfer(file, url, part, from, options);
      } catch (error) {
        const came = ((await sizeOnDisk(part)) ?? 0) - from;
        if (error instanceof LugeError || came <= 0 || resumes >= kMostResumes) throw error;
        continue;
      }
    }
    const checksum = await sha256Of(part);
    if (checksum === file.sha256) return;
    await onDisk(part, rm(part, { force: true }));
    // A part of an earlier run may have been at fault: then this mirror gets a second chance.
    if (fromHereOnly) {
      throw new Error(`wrong checksum (SHA-256 ${checksum}, expected ${file.sha256})`);
    }
  }
}

/** One request: writes the bytes from `from` on into `part`; throws when they don't all come. */
async function transfer(
  file: DatasetFile,
  url: string,
  part: string,
  from: number,
  options: DownloadOptions,
): Promise<void> {
  const stallMs = options.stallMs ?? 30_000;
  const stalled = new AbortController();
  const timer = setTimeout(
    () => stalled.abort(new Error(`no data came for ${stallMs / 1000} s`)),
    stallMs,
  );
  let progress: Progress | undefined;
  try {
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (from > 0) headers.range = `bytes=${from}-`;
    const response = await fetch(url, { headers, signal: stalled.signal });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`HTTP ${response.status} ${response.statusText}`.trimEnd());
    }
    let at = response.status === 206 ? rangeStart(response, from) : 0;
    progress = new Progress({
      label: `Downloading ${file.name}`,
      total: file.bytes,
      start: at,
      unit: 'byte',
      stream: options.stream ?? process.stderr,
    });
    const handle = await onDisk(part, open(part, constants.O_RDWR | constants.O_CREAT));
    try {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        timer.refresh();
        if (at + chunk.length > file.bytes) {
          throw new Error(`sends more than the ${file.bytes} bytes that the file has`);
        }
        await onDisk(part, writeAll(handle, chunk, at));
        at += chunk.length;
        progress.update(at);
      }
      if (at < file.bytes)
        throw new Error(`the connection ended after ${at} of ${file.bytes} bytes`);
      await onDisk(part, handle.sync());
    } finally {
      await handle.close();
    }
    progress.finish();
  } catch (error) {
    progress?.clear();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function writeAll(
  handle: Awaited<ReturnType<typeof open>>,
  chunk: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await handle.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
  }
}

/** Where the bytes of a 206 answer begin; it must not leave a gap after those that we have. */
function rangeStart(response: Response, from: number): number {
  const range = response.headers.get('content-range') ?? '';
  const start = Number(/^bytes (\d+)-/.exec(range)?.[1] ?? Number.NaN);
  if (start <= from) return start;
  throw new Error(`asked for bytes from ${from} on, but it answered with '${range}'`);
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

async function sizeOnDisk(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

/** Turns a failed file operation into an error that no other mirror can mend. */
async function onDisk<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new LugeError(
      'NOT_FOUND',
      `Cannot write '${path}': ${diskProblem(error)}. Make room there, or choose another folder ` +
        'with { dir } or the environment variable XDG_CACHE_HOME.',
      { cause: error },
    );
  }
}

/** What fetch's errors hide in their cause. */
function reason(error: unknown): string {
  const { message, cause } = error as Error;
  if (!(cause instanceof Error)) return message;
  return cause.message || (cause as NodeJS.ErrnoException).code || message;
}
