import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CifarSource, loadCifar } from '../../lib/datasets/cifar.js';
import { cifar10, cifar100 } from '../../lib/datasets/index.js';
import { readTar } from '../../lib/datasets/tar.js';
import { once, refuse, send, serve } from './file_server.js';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'luge-cifar-'));
  vi.stubEnv('LUGE_DATA', join(root, 'data'));
  vi.stubEnv('XDG_CACHE_HOME', join(root, 'cache'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  await rm(root, { recursive: true, force: true });
});

/** A record: pixel i of colour c is i + 85 c, cut to a byte. */
function record(...labels: number[]): Buffer {
  const pixels = Array.from(
    { length: 3 * 1024 },
    (_, i) => ((i % 1024) + 85 * Math.floor(i / 1024)) & 255,
  );
  return Buffer.from([...labels, ...pixels]);
}

function write(files: Record<string, Uint8Array | string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

const folder10 = 'cifar-10-batches-bin';
const files10 = {
  ...Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`data_batch_${i}.bin`, record(i)])),
  'test_batch.bin': Buffer.concat([record(0), record(9)]),
};

/** Packs files, and some that nobody asks for, under a folder. */
function pack(name: string, folder: string, files: Record<string, Uint8Array>): string {
  const inFolder = (list: [string, Uint8Array | string][]) =>
    Object.fromEntries(list.map(([file, content]) => [`build/${folder}/${file}`, content]));
  write(
    inFolder([
      ['readme.html', 'x'.repeat(1000)],
      ...Object.entries(files),
      ['batches.meta.txt', 'frog'],
    ]),
  );
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  execFileSync('tar', ['-czf', path, '-C', join(root, 'build'), folder]);
  return path;
}

describe('cifar10', () => {
  it('reads the archive: images [n, 32, 32, 3] with the colours side by side, labels [n]', async () => {
    pack('data/cifar10/cifar-10-binary.tar.gz', folder10, files10);
    const { train, test } = await cifar10();
    expect([train.x.dtype, train.x.shape]).toEqual(['uint8', [5, 32, 32, 3]]);
    expect([train.y.dtype, train.y.toArray()]).toEqual(['int32', [1, 2, 3, 4, 5]]);
    expect(test.x.shape).toEqual([2, 32, 32, 3]);
    expect(test.y.toArray()).toEqual([0, 9]);
    for (const at of [0, 1, 33, 1023, 1024, 2047]) {
      const colours = [...test.x.data.subarray(3 * at, 3 * at + 3)];
      expect(colours).toEqual([0, 85, 170].map((first) => ((at % 1024) + first) & 255));
    }
  });

  it('reads unpacked files, in the folder that the archive makes or without it', async () => {
    for (const place of [
      `data/cifar10/${folder10}`,
      'data/cifar10',
      'cache/luge/cifar10',
      'here',
    ]) {
      write(
        Object.fromEntries(
          Object.entries(files10).map(([name, bytes]) => [`${place}/${name}`, bytes]),
        ),
      );
      const { train } = await cifar10(place === 'here' ? { dir: join(root, 'here') } : {});
      expect(train.y.toArray()).toEqual([1, 2, 3, 4, 5]);
      await rm(join(root, place), { recursive: true });
    }
  });

  it.each([
    [
      'a record cut short',
      { 'data_batch_2.bin': record(2).subarray(1) },
      /data_batch_2.bin must hold records of 3073 bytes, but has 3072/,
    ],
    ['an empty file', { 'test_batch.bin': Buffer.alloc(0) }, /test_batch.bin must hold records/],
    [
      'a label out of range',
      { 'data_batch_3.bin': record(10) },
      /data_batch_3.bin.*\[0, 9\], but label 2 is 10/,
    ],
  ])('refuses %s', async (_, changes, message) => {
    pack('data/cifar10/cifar-10-binary.tar.gz', folder10, { ...files10, ...changes });
    await expect(cifar10()).rejects.toMatchObject({
      code: 'BAD_DATA',
      message: expect.stringMatching(message),
    });
  });

  it('refuses a damaged archive, and one that lacks a file', async () => {
    const path = pack('data/cifar10/cifar-10-binary.tar.gz', folder10, files10);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 100));
    await expect(cifar10()).rejects.toThrow(
      /cifar-10-binary.tar.gz cannot be unpacked: .*end of file/,
    );
    writeFileSync(path, 'no archive at all');
    await expect(cifar10()).rejects.toThrow(/cannot be unpacked: incorrect header check/);
    await rm(join(root, 'build'), { recursive: true });
    pack('data/cifar10/cifar-10-binary.tar.gz', folder10, { 'data_batch_1.bin': record(1) });
    await expect(cifar10()).rejects.toThrow(
      /cifar-10-binary.tar.gz lacks data_batch_2.bin. Delete it/,
    );
  });

  it('says where it looked and how to provide the archive', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
    const error: Error = await cifar10().catch((caught) => caught);
    expect(error).toMatchObject({ name: 'LugeError', code: 'NOT_FOUND' });
    expect(error.message).toContain(`${join(root, 'data', 'cifar10')}: no such folder`);
    expect(error.message).toMatch(/https:\S+cifar-10-binary\.tar\.gz: no network/);
    await expect(cifar10({ folder: 'x' } as never)).rejects.toThrow(
      /Unknown CIFAR-10 option 'folder'/,
    );
  });
});

describe('cifar100', () => {
  const files = {
    'train.bin': Buffer.concat([record(19, 99), record(0, 4)]),
    'test.bin': record(7, 25),
  };

  it('gives fine or coarse labels', async () => {
    pack('data/cifar100/cifar-100-binary.tar.gz', 'cifar-100-binary', files);
    const { train, test } = await cifar100();
    expect([train.y.toArray(), test.y.toArray()]).toEqual([[99, 4], [25]]);
    expect([...train.x.data.subarray(0, 6)]).toEqual([0, 85, 170, 1, 86, 171]);
    const coarse = await cifar100({ labelMode: 'coarse' });
    expect([coarse.train.y.toArray(), coarse.test.y.toArray()]).toEqual([[19, 0], [7]]);
    await expect(cifar100({ labelMode: 'middle' as never })).rejects.toThrow(/labelMode/);
  });
});

describe('an archive that is not there yet', () => {
  it('is downloaded once, from the first mirror that has it', async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const bytes = readFileSync(pack('served.tar.gz', folder10, files10));
    const server = await serve(once(refuse(503), send(bytes)));
    const source: CifarSource = {
      title: 'CIFAR-10',
      folders: ['cifar10'],
      files: [
        {
          name: 'cifar-10-binary.tar.gz',
          bytes: bytes.length,
          sha256: createHash('sha256').update(bytes).digest('hex'),
        },
      ],
      unpacked: Object.keys(files10),
      systemFolders: [],
      mirrors: [server.url, `${server.url}second/`],
      train: Object.keys(files10).slice(0, 5),
      test: ['test_batch.bin'],
      labelBytes: 1,
      labelAt: 0,
      classes: 10,
    };
    try {
      for (let i = 0; i < 2; i++) {
        expect((await loadCifar(source, {})).test.y.toArray()).toEqual([0, 9]);
      }
      expect(server.requests).toEqual([
        'GET /cifar-10-binary.tar.gz',
        'GET /second/cifar-10-binary.tar.gz',
      ]);
    } finally {
      await server.close();
    }
  });
});

describe('readTar', () => {
  it('reads archives that are not packed, with files of any size', async () => {
    const sizes = [0, 1, 511, 512, 513, 70_000];
    const files = Object.fromEntries(
      sizes.map((size) => [`f${size}`, Buffer.alloc(size).map((_, i) => i * 7)]),
    );
    const path = join(root, 'plain.tar');
    writeFileSync(path, gunzipSync(readFileSync(pack('packed.tar.gz', 'some', files))));
    const names = Object.keys(files).toReversed();
    const found = await readTar(path, names);
    names.forEach((name, i) => {
      expect(Buffer.from(found[i] as Uint8Array).equals(files[name] as Buffer)).toBe(true);
    });
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.lastIndexOf('some/f70000') + 5000));
    await expect(readTar(path, ['f70000'])).rejects.toThrow(/plain.tar is cut short/);
    writeFileSync(path, Buffer.from(whole).fill(65, 0, 20));
    await expect(readTar(path, names)).rejects.toThrow(/plain.tar is not a tar archive/);
    await expect(readTar(join(root, 'none.tar'), names)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
