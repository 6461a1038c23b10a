import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fashionMnist, fashionMnistLabels, mnist } from '../../lib/datasets/index.js';
import { loadIdxImages } from '../../lib/datasets/labelled_images.js';
import { cacheFolder } from '../../lib/datasets/locate.js';
import { provideFiles } from '../../lib/datasets/provide.js';
import { refuse, send, serve } from './file_server.js';

const names = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'luge-mnist-'));
  vi.stubEnv('LUGE_DATA', join(root, 'data'));
  vi.stubEnv('XDG_CACHE_HOME', join(root, 'cache'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  await rm(root, { recursive: true, force: true });
});

function images(count: number, side = 28): Uint8Array {
  const pixels = new Uint8Array(count * side * side).map((_, i) => i);
  return Uint8Array.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, side, 0, 0, 0, side, ...pixels]);
}

function labels(...values: number[]): Uint8Array {
  return Uint8Array.from([0, 0, 8, 1, 0, 0, 0, values.length, ...values]);
}

const small: Record<string, Uint8Array> = {
  [names[0]]: images(3),
  [names[1]]: labels(7, 0, 9),
  [names[2]]: images(2),
  [names[3]]: labels(1, 2),
};

/** Writes the four files; `changes` replaces some of them, or leaves them out. */
function place(
  folder: string,
  changes: Record<string, Uint8Array | undefined> = {},
  packed = true,
) {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries({ ...small, ...changes })) {
    if (bytes === undefined) continue;
    writeFileSync(join(folder, packed ? `${name}.gz` : name), packed ? gzipSync(bytes) : bytes);
  }
  return folder;
}

describe('mnist', () => {
  it('gives uint8 images [n, 28, 28, 1] and int32 labels [n]', async () => {
    const { train, test } = await mnist({ dir: place(join(root, 'here')) });
    expect([train.x.dtype, train.x.shape]).toEqual(['uint8', [3, 28, 28, 1]]);
    expect([train.y.dtype, train.y.toArray()]).toEqual(['int32', [7, 0, 9]]);
    expect(test.x.shape).toEqual([2, 28, 28, 1]);
    expect(test.y.toArray()).toEqual([1, 2]);
    expect([...train.x.data.subarray(784, 788)]).toEqual([784, 785, 786, 787].map((v) => v & 255));
  });

  it('takes unpacked files, and a folder above', async () => {
    place(join(root, 'above', 'mnist'), {}, false);
    expect((await mnist({ dir: join(root, 'above') })).train.y.size).toBe(3);
  });

  it('prefers dir to LUGE_DATA to the cache', async () => {
    const dir = join(root, 'here');
    place(join(root, 'cache', 'luge', 'mnist'), { [names[1]]: labels(3, 3, 3) });
    expect((await mnist({ dir })).train.y.toArray()).toEqual([3, 3, 3]);
    place(join(root, 'data', 'mnist'), { [names[1]]: labels(2, 2, 2) });
    expect((await mnist({ dir })).train.y.toArray()).toEqual([2, 2, 2]);
    place(dir, { [names[1]]: labels(1, 1, 1) });
    expect((await mnist({ dir })).train.y.toArray()).toEqual([1, 1, 1]);
    expect((await mnist()).train.y.toArray()).toEqual([2, 2, 2]);
  });

  it('passes over a folder that lacks a file', async () => {
    place(join(root, 'data', 'mnist'), { [names[1]]: undefined });
    place(join(root, 'cache', 'luge', 'mnist'));
    expect((await mnist()).train.y.toArray()).toEqual([7, 0, 9]);
  });

  it.each([
    ['images of another size', { [names[0]]: images(3, 27) }, /\[n, 28, 28\].*uint8 \[3, 27, 27\]/],
    ['labels where images belong', { [names[2]]: labels(1) }, /t10k-images.*holds uint8 \[1\]/],
    ['fewer labels than images', { [names[3]]: labels(1) }, /each of the 2 images in .* \[1\]/],
    ['a label out of range', { [names[1]]: labels(1, 10, 2) }, /\[0, 9\], but label 1 is 10/],
    ['no images', { [names[0]]: images(0), [names[1]]: labels() }, /holds uint8 \[0, 28, 28\]/],
    ['a file cut short', { [names[0]]: images(3).subarray(0, 99) }, /train-images.*is cut short/],
  ])('refuses %s', async (_, changes, message) => {
    const dir = place(join(root, 'here'), changes);
    await expect(mnist({ dir })).rejects.toMatchObject({
      code: 'BAD_DATA',
      message: expect.stringMatching(message),
    });
  });

  it('says where it looked, what failed and how to provide the files', async () => {
    place(join(root, 'data', 'mnist'), { [names[1]]: undefined });
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
    const error: Error = await mnist({ dir: join(root, 'nowhere') }).catch((caught) => caught);
    expect(error).toMatchObject({ name: 'LugeError', code: 'NOT_FOUND' });
    expect(error.message).toContain(`${join(root, 'nowhere')}: no such folder`);
    expect(error.message).toContain(`data/mnist: lacks ${names[1]}.gz`);
    expect(error.message).toContain(`${join(root, 'cache', 'luge', 'mnist')}: no such folder`);
    expect(error.message.match(/https:\S+train-images-idx3-ubyte\.gz: no network/g)).toHaveLength(
      2,
    );
    expect(error.message).toMatch(/To provide it, put these files.*\{ dir \}.*LUGE_DATA/);
  });

  it.each([[''], [7 as unknown as string]])('refuses %j as dir', async (dir) => {
    await expect(mnist({ dir })).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
      message: expect.stringContaining('MNIST: dir must be the path of a folder'),
    });
  });
});

describe('a download', () => {
  const packed = names.map((name) => ({
    name: `${name}.gz`,
    bytes: gzipSync(small[name] as Uint8Array),
  }));
  const source = (mirrors: string[]) => ({
    title: 'Small MNIST',
    folders: ['small'] as [string],
    files: packed.map(({ name, bytes }) => ({
      name,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
    systemFolders: [],
    mirrors,
  });

  it('goes into the cache, file by file from the mirror that has it, and is found there', async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const first = await serve((request, response) => {
      const found = packed.find(({ name }) => request.url === `/set/${name}`);
      const has = found !== undefined && !found.name.startsWith('t10k');
      (has ? send(found.bytes) : refuse(404))(request, response);
    });
    const second = await serve((request, response) => {
      const found = packed.find(({ name }) => request.url === `/${name}`);
      (found ? send(found.bytes) : refuse(404))(request, response);
    });
    const from = source([`${first.url}set/`, second.url]);
    const data = await loadIdxImages(from);
    expect(data.train.y.toArray()).toEqual([7, 0, 9]);
    expect(data.test.y.toArray()).toEqual([1, 2]);
    expect([first.requests.length, second.requests.length]).toEqual([4, 2]);
    expect(existsSync(join(root, 'cache', 'luge', 'small', `${names[0]}.gz`))).toBe(true);
    await Promise.all([first.close(), second.close()]);
    expect((await loadIdxImages(from)).train.y.size).toBe(3);
    vi.restoreAllMocks();
  });

  it('goes into dir when that is given, and fetches only what is missing', async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const server = await serve((request, response) => {
      const found = packed.find(({ name }) => request.url === `/${name}`);
      (found ? send(found.bytes) : refuse(404))(request, response);
    });
    const dir = place(join(root, 'mine'), { [names[3]]: undefined });
    const paths = await provideFiles(source([server.url]), { dir });
    expect(paths).toEqual(names.map((name) => join(dir, `${name}.gz`)));
    expect(server.requests).toEqual([`GET /${names[3]}.gz`]);
    await server.close();
    vi.restoreAllMocks();
  });
});

describe('cacheFolder', () => {
  it('follows XDG_CACHE_HOME unless it is relative', () => {
    expect(cacheFolder()).toBe(join(root, 'cache', 'luge'));
    vi.stubEnv('HOME', root);
    vi.stubEnv('XDG_CACHE_HOME', 'relative');
    const usual = process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache'];
    expect(cacheFolder()).toBe(join(root, ...usual, 'luge'));
  });
});

describe('fashionMnist', () => {
  const debian = '/usr/share/datasets/fashion-mnist';

  it('accepts both names of its folder', async () => {
    place(join(root, 'data', 'fashion_mnist'));
    expect((await fashionMnist()).test.y.toArray()).toEqual([1, 2]);
    place(join(root, 'data', 'fashion-mnist'), { [names[3]]: labels(4, 5) });
    expect((await fashionMnist()).test.y.toArray()).toEqual([4, 5]);
  });

  it.skipIf(!existsSync(debian))("reads the files of Debian's package", async () => {
    const { train, test } = await fashionMnist();
    expect(train.x.shape).toEqual([60000, 28, 28, 1]);
    expect(test.x.shape).toEqual([10000, 28, 28, 1]);
    for (const [part, each] of [
      [train, 6000],
      [test, 1000],
    ] as const) {
      const counts = new Array(10).fill(0);
      for (const label of part.y.data) counts[label] += 1;
      expect(counts).toEqual(new Array(10).fill(each));
    }
    expect(fashionMnistLabels[test.y.data[0] as number]).toBe('Ankle boot');
    // The mean pixel that the literature gives: 0.2860 of 255.
    let sum = 0;
    for (const value of train.x.data) sum += value;
    expect(sum / train.x.size / 255).toBeCloseTo(0.286, 4);
  });
});
