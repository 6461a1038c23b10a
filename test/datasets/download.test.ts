import { createHash } from 'node:crypto';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadFile } from '../../lib/datasets/download.js';
import {
  type Answer,
  cutAfter,
  type FileServer,
  once,
  refuse,
  send,
  serve,
} from './file_server.js';

const content = new Uint8Array(300_000).map((_, i) => (i * 31) ^ (i >> 8));
const file = {
  name: 'digits.gz',
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
};
const silent = { write: () => true };

let folder: string;
const servers: FileServer[] = [];

async function mirror(answer: Answer): Promise<FileServer> {
  const server = await serve(answer);
  servers.push(server);
  return server;
}

/** `stallMs` is long for a busy machine; servers that stay silent get less. */
function downloadWithin(stallMs: number, ...mirrors: FileServer[]): Promise<string> {
  const urls = mirrors.map((server) => `${server.url}${file.name}`);
  return downloadFile(file, urls, join(folder, 'cache'), { stream: silent, stallMs });
}

const download = (...mirrors: FileServer[]) => downloadWithin(10_000, ...mirrors);

function cached(name: string): string {
  return join(folder, 'cache', name);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'luge-download-'));
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await rm(folder, { recursive: true, force: true });
});

describe('downloadFile', () => {
  it('brings a file into a folder that it makes, and leaves nothing else there', async () => {
    const server = await mirror(send(content));
    expect(await download(server)).toBe(cached(file.name));
    expect(readFileSync(cached(file.name)).equals(content)).toBe(true);
    expect(await readdir(join(folder, 'cache'))).toEqual([file.name]);
  });

  it('does not ask again for a file that is there', async () => {
    const server = await mirror(send(content));
    await download(server);
    await download(server);
    expect(server.requests).toEqual(['GET /digits.gz']);
  });

  it('fetches once for two calls at the same time', async () => {
    const server = await mirror(send(content));
    await Promise.all([download(server), download(server)]);
    expect(server.requests).toEqual(['GET /digits.gz']);
  });

  it('goes on where a cut connection stopped', async () => {
    const server = await mirror(once(cutAfter(content, 100_000), send(content)));
    await download(server);
    expect(server.requests).toEqual(['GET /digits.gz', 'GET /digits.gz bytes=100000-']);
    expect(readFileSync(cached(file.name)).equals(content)).toBe(true);
  });

  it('keeps what came when every mirror fails, and goes on from there in the next run', async () => {
    const failing = await mirror(once(cutAfter(content, 70_000), refuse(503)));
    await expect(download(failing)).rejects.toThrow(/digits\.gz could not be.*\n.*HTTP 503/);
    expect(readFileSync(cached('digits.gz.part'))).toHaveLength(70_000);
    const working = await mirror(send(content));
    await download(working);
    expect(working.requests).toEqual(['GET /digits.gz bytes=70000-']);
    expect(readFileSync(cached(file.name)).equals(content)).toBe(true);
  });

  it('resumes on another mirror what the first one began', async () => {
    const second = await mirror(send(content));
    await download(await mirror(once(cutAfter(content, 90_000), refuse(503))), second);
    expect(second.requests).toEqual(['GET /digits.gz bytes=90000-']);
    expect(readFileSync(cached(file.name)).equals(content)).toBe(true);
  });

  it('starts over with a server that ignores ranges', async () => {
    const second = await mirror((_, response) => response.end(content));
    await download(await mirror(once(cutAfter(content, 90_000), refuse(503))), second);
    expect(second.requests).toEqual(['GET /digits.gz bytes=90000-']);
    expect(readFileSync(cached(file.name)).equals(content)).toBe(true);
  });

  it('is content when another process finishes the file first', async () => {
    const server = await mirror((request, response) => {
      writeFileSync(cached(file.name), content);
      refuse(500)(request, response);
    });
    expect(await download(server)).toBe(cached(file.name));
  });

  it('takes the next mirror after 404', async () => {
    const [first, second] = [await mirror(refuse(404)), await mirror(send(content))];
    await download(first, second);
    expect(first.requests).toHaveLength(1);
    expect(second.requests).toHaveLength(1);
    expect(existsSync(cached(file.name))).toBe(true);
  });

  it('refuses a file with a wrong checksum and takes the next mirror', async () => {
    const bad = content.slice();
    bad[123] = (bad[123] as number) ^ 1;
    const first = await mirror(send(bad));
    await expect(download(first)).rejects.toThrow(
      /wrong checksum \(SHA-256 [0-9a-f]{64}, expected/,
    );
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
    expect(first.requests).toHaveLength(1);
    await download(first, await mirror(send(content)));
    expect(readFileSync(cached(file.name)).equals(content)).toBe(true);
  });

  it('begins again when a part left by an earlier run was damaged', async () => {
    const server = await mirror(send(content));
    await download(server);
    await rm(cached(file.name));
    writeFileSync(cached('digits.gz.part'), new Uint8Array(1000));
    await download(server);
    expect(server.requests.slice(1)).toEqual(['GET /digits.gz bytes=1000-', 'GET /digits.gz']);
    expect(readFileSync(cached(file.name)).equals(content)).toBe(true);
  });

  it('uses a part that was complete, or drops one that is too long', async () => {
    const server = await mirror(send(content));
    await download(server);
    await rm(cached(file.name));
    writeFileSync(cached('digits.gz.part'), content);
    await download(server);
    expect(server.requests).toHaveLength(1);
    await rm(cached(file.name));
    writeFileSync(cached('digits.gz.part'), new Uint8Array(content.length + 1));
    await download(server);
    expect(server.requests.slice(1)).toEqual(['GET /digits.gz']);
    expect(readFileSync(cached(file.name)).equals(content)).toBe(true);
  });

  it('refuses more bytes than the file has, and a range that leaves a gap', async () => {
    const long = await mirror((_, response) => response.end(new Uint8Array(400_000)));
    await expect(download(long)).rejects.toThrow('sends more than the 300000 bytes');
    await rm(cached('digits.gz.part'), { force: true });
    writeFileSync(cached('digits.gz.part'), content.subarray(0, 10));
    const gap = await mirror((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 20-299999/300000' });
      response.end(content.subarray(20));
    });
    await expect(download(gap)).rejects.toThrow("it answered with 'bytes 20-299999/300000'");
    expect(readFileSync(cached('digits.gz.part'))).toHaveLength(10);
  });

  it('gives up a server that stays silent, before and in the middle of its answer', async () => {
    const mute = await mirror(() => undefined);
    const stalling = await mirror((_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 10));
    });
    await expect(downloadWithin(300, mute)).rejects.toThrow('no data came for 0.3 s');
    await expect(downloadWithin(300, stalling)).rejects.toThrow('no data came for 0.3 s');
  });

  it('lists what went wrong on each mirror', async () => {
    const gone = await mirror(refuse(404));
    const down = await mirror(refuse(404));
    await down.close();
    const error = await download(gone, down).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'LugeError', code: 'NOT_FOUND' });
    const lines = (error as Error).message.split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe(`${gone.url}digits.gz: HTTP 404 Not Found`);
    expect(lines[2]).toMatch(`${down.url}digits.gz: connect ECONNREFUSED`);
  });

  it('says what to do when the folder cannot be made, without asking any server', async () => {
    writeFileSync(cached('').replace(/\/$/, ''), 'a file in the way');
    const server = await mirror(send(content));
    await expect(download(server)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/Cannot write '.*cache': a file stands.*XDG_CACHE_HOME/),
    });
    expect(server.requests).toEqual([]);
  });

  it.skipIf(!existsSync('/dev/full'))(
    'stops at the first mirror when the disk is full',
    async () => {
      const [first, second] = [await mirror(send(content)), await mirror(send(content))];
      await download(first);
      await rm(cached(file.name));
      symlinkSync('/dev/full', cached('digits.gz.part'));
      await expect(download(first, second)).rejects.toThrow(/digits\.gz\.part': the disk is full/);
      expect(second.requests).toEqual([]);
    },
  );

  it('shows its progress and one line at the end', async () => {
    const server = await mirror(send(content));
    let text = '';
    const stream = { write: (part: string) => (text += part) };
    await downloadFile(file, [`${server.url}x`], folder, { stream });
    expect(text).toMatch(/^Downloading digits\.gz - 300 kB - \d+m?s - [\d.]+ [kMG]B\/s\n$/);
  });
});
