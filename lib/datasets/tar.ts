import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LugeError } from '../core/errors.js';
import { Progress, type ProgressStream } from '../core/progress.js';
import { diskProblem } from '../core/write_file.js';

const kBlock = 512; // bytes in which tar counts
const kLargest = 2 ** 31; // bytes of a file; more is a damaged header
const kPatience = 1000; // milliseconds after which progress is shown

interface Entry {
  readonly name: string;
  readonly size: number;
}

/**
 * The contents of some files of a tar archive (POSIX ustar), packed by gzip or not, by their names
 * without folders.
 *
 * @throws LugeError BAD_DATA when the archive is damaged or lacks one of them; NOT_FOUND when it cannot
 *   be read.
 */
export async function readTar(
  path: string,
  names: readonly string[],
  stream: ProgressStream = process.stderr,
): Promise<Uint8Array[]> {
  const found = new Map<string, Uint8Array>();
  const reader = new TarReader(path, (name) => names.includes(name));
  for await (const chunk of unpacked(path, stream)) {
    for (const [name, content] of reader.push(chunk)) found.set(name, content);
  }
  return names.map((name) => {
    const content = found.get(name);
    if (content !== undefined) return content;
    const problem = reader.isCut ? 'is cut short' : `lacks ${name}`;
    throw new LugeError(
      'BAD_DATA',
      `${path} ${problem}. Delete it, and it will be downloaded again.`,
    );
  });
}

async function* unpacked(path: string, stream: ProgressStream): AsyncGenerator<Buffer, void, void> {
  const began = performance.now();
  let progress: Progress | undefined;
  try {
    const { size } = await stat(path);
    progress = new Progress({
      label: `Unpacking ${basename(path)}`,
      total: size,
      unit: 'byte',
      stream,
    });
    const file = createReadStream(path);
    const source = path.endsWith('.gz') ? pipeline(file, createGunzip(), () => {}) : file;
    for await (const chunk of source as AsyncIterable<Buffer>) {
      yield chunk;
      if (performance.now() - began > kPatience) progress.update(file.bytesRead);
    }
  } catch (error) {
    if (error instanceof LugeError) throw error;
    const damaged = (error as NodeJS.ErrnoException).code?.startsWith('Z_');
    throw new LugeError(
      damaged ? 'BAD_DATA' : 'NOT_FOUND',
      damaged
        ? `${path} cannot be unpacked: ${(error as Error).message}. The file is damaged or cut short.`
        : `Cannot read '${path}': ${diskProblem(error)}.`,
      { cause: error },
    );
  } finally {
    progress?.clear();
  }
}

/** Takes an archive apart as its bytes come. */
class TarReader {
  private readonly path: string;
  private readonly wants: (name: string) => boolean;
  private readonly header = Buffer.alloc(kBlock);
  private filled = 0; // of the header
  private entry: Entry | undefined;
  private content: Uint8Array | undefined;
  private done = 0; // bytes of the entry, with what fills its last block

  constructor(path: string, wants: (name: string) => boolean) {
    this.path = path;
    this.wants = wants;
  }

  /** Whether it ends within a file or a header. */
  get isCut(): boolean {
    return this.entry !== undefined || this.filled > 0;
  }

  /** The wanted files that are complete with these bytes. */
  push(chunk: Buffer): [string, Uint8Array][] {
    const complete: [string, Uint8Array][] = [];
    for (let at = 0; at < chunk.length; ) {
      if (this.entry === undefined) {
        const count = chunk.copy(this.header, this.filled, at, at + kBlock - this.filled);
        at += count;
        this.filled += count;
        if (this.filled === kBlock) this.open();
      } else {
        at += this.take(chunk.subarray(at), this.entry);
      }
      if (this.entry !== undefined && this.done === wholeBlocks(this.entry.size)) {
        if (this.content !== undefined) complete.push([this.entry.name, this.content]);
        this.entry = undefined;
      }
    }
    return complete;
  }

  /** Reads the header; blocks of zeros stand at the end of an archive. */
  private open(): void {
    const { header } = this;
    this.filled = 0;
    if (header.every((byte) => byte === 0)) return;
    const text = (from: number, to: number) =>
      header.toString('latin1', from, to).replace(/\0.*$/s, '').trim();
    const size = Number.parseInt(text(124, 136) || '0', 8);
    const sum = header.reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 32 : byte), 0);
    if (Number.parseInt(text(148, 156), 8) !== sum || !(size >= 0 && size <= kLargest)) {
      throw new LugeError('BAD_DATA', `${this.path} is not a tar archive, or is damaged.`);
    }
    const isFile = ['', '0'].includes(text(156, 157));
    const name = basename(text(0, 100));
    this.entry = { name, size };
    this.done = 0;
    this.content = isFile && this.wants(name) ? new Uint8Array(size) : undefined;
  }

  private take(bytes: Buffer, { size }: Entry): number {
    const count = Math.min(bytes.length, wholeBlocks(size) - this.done);
    const own = Math.max(0, Math.min(count, size - this.done));
    this.content?.set(bytes.subarray(0, own), this.done);
    this.done += count;
    return count;
  }
}

function wholeBlocks(size: number): number {
  return Math.ceil(size / kBlock) * kBlock;
}
