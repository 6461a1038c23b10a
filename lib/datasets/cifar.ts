import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { LugeError } from '../core/errors.js';
import { checkChoice, checkOptions } from '../core/options.js';
import { Tensor } from '../core/tensor.js';
import { readLabels } from '../core/to_categorical.js';
import { diskProblem } from '../core/write_file.js';
import { cifar10Labels, cifar100CoarseLabels, cifar100Labels } from './cifar_labels.js';
import type { ImageDataset, LabelledImages } from './labelled_images.js';
import type { DatasetOptions, DatasetSource } from './locate.js';
import { provideFiles } from './provide.js';
import { readTar } from './tar.js';

const kSide = 32;
const kPixels = kSide * kSide;
const kAtOnce = 1000; // images taken apart between two turns of the event loop

/** A data set in the binary form of CIFAR: label bytes, then the red, green and blue plane. */
export interface CifarSource extends DatasetSource {
  readonly train: readonly string[];
  readonly test: readonly string[];
  /** Bytes of a record before the image, and which of them is the label. */
  readonly labelBytes: number;
  readonly labelAt: number;
  readonly classes: number;
}

const mirrors = [
  'https://www.cs.toronto.edu/~kriz/',
  'https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/',
];
const batches = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);

const cifar10Source: CifarSource = {
  title: 'CIFAR-10',
  folders: ['cifar10', 'cifar-10', 'cifar10/cifar-10-batches-bin', 'cifar-10-batches-bin'],
  files: [
    {
      name: 'cifar-10-binary.tar.gz',
      bytes: 170052171,
      sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
    },
  ],
  unpacked: [...batches, 'test_batch.bin'],
  systemFolders: [],
  mirrors,
  train: batches,
  test: ['test_batch.bin'],
  labelBytes: 1,
  labelAt: 0,
  classes: cifar10Labels.length,
};

const cifar100Source: CifarSource = {
  title: 'CIFAR-100',
  folders: ['cifar100', 'cifar-100', 'cifar100/cifar-100-binary', 'cifar-100-binary'],
  files: [
    {
      name: 'cifar-100-binary.tar.gz',
      bytes: 168513733,
      sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
    },
  ],
  unpacked: ['train.bin', 'test.bin'],
  systemFolders: [],
  mirrors,
  train: ['train.bin'],
  test: ['test.bin'],
  labelBytes: 2,
  labelAt: 1,
  classes: cifar100Labels.length,
};

export interface Cifar100Options extends DatasetOptions {
  /** 'fine' (default): 100 classes; 'coarse': the 20 groups that they belong to. */
  labelMode?: 'fine' | 'coarse';
}

/**
 * CIFAR-10: 50,000 small colour photographs to train on and 10,000 to test with, in 10 classes
 * (Krizhevsky, "Learning multiple layers of features from tiny images", 2009;
 * https://www.cs.toronto.edu/~kriz/cifar.html).
 *
 * Looked for in `dir`, `$LUGE_DATA/cifar10` and the user's cache, as the archive of the binary version
 * or unpacked, then downloaded (170 MB), into `dir` where it is given and the cache otherwise.
 *
 * @returns `train` and `test`, each x: uint8 [n, 32, 32, 3] and y: int32 [n], an index into
 *   `cifar10Labels`.
 * @throws LugeError NOT_FOUND when it can be neither found nor downloaded; BAD_DATA when a file is
 *   damaged.
 * @example
 * ```ts
 * async function load() {
 *   const { train, test } = await datasets.cifar10();
 *   return [train.x.shape, test.x.shape]; // [50000, 32, 32, 3] and [10000, 32, 32, 3]
 * }
 * ```
 */
export function cifar10(options: DatasetOptions = {}): Promise<ImageDataset> {
  return loadCifar(cifar10Source, options);
}

/**
 * CIFAR-100: as CIFAR-10, with 100 classes in 20 groups; in `$LUGE_DATA/cifar100`, 169 MB.
 *
 * @returns `train` and `test`, each x: uint8 [n, 32, 32, 3] and y: int32 [n], an index into
 *   `cifar100Labels`, or with `labelMode: 'coarse'` into `cifar100CoarseLabels`.
 * @throws LugeError as `cifar10`; UNKNOWN_NAME for another kind of label.
 * @example
 * ```ts
 * async function load() {
 *   const { train } = await datasets.cifar100({ labelMode: 'coarse' });
 *   return datasets.cifar100CoarseLabels[train.y.data[0] as number];
 * }
 * ```
 */
export async function cifar100(options: Cifar100Options = {}): Promise<ImageDataset> {
  const { labelMode = 'fine', ...rest } = options;
  if (checkChoice('cifar100: labelMode', labelMode, ['fine', 'coarse']) === 'fine') {
    return loadCifar(cifar100Source, rest);
  }
  const classes = cifar100CoarseLabels.length;
  return loadCifar({ ...cifar100Source, labelAt: 0, classes }, rest);
}

/** Reads a data set in the form of CIFAR. */
export async function loadCifar(
  source: CifarSource,
  options: DatasetOptions,
): Promise<ImageDataset> {
  checkOptions(source.title, options, ['dir']);
  const paths = await provideFiles(source, options);
  const names = [...source.train, ...source.test];
  const isArchive = paths.length === source.files.length;
  const contents = isArchive
    ? await readTar(paths[0] as string, names)
    : await Promise.all(paths.map(readWhole));
  const from = names.map((name, i) => (isArchive ? `${paths[0]}: ${name}` : (paths[i] as string)));
  const part = (first: number, last: number) =>
    imagesOf(source, contents.slice(first, last), from.slice(first, last));
  const train = await part(0, source.train.length);
  return { train, test: await part(source.train.length, names.length) };
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const message = `Cannot read '${path}': ${diskProblem(error)}.`;
    throw new LugeError('NOT_FOUND', message, { cause: error });
  }
}

/** The records of some files as images, with the three colours of a pixel side by side. */
async function imagesOf(
  { labelBytes, labelAt, classes }: CifarSource,
  contents: readonly Uint8Array[],
  from: readonly string[],
): Promise<LabelledImages> {
  const record = labelBytes + 3 * kPixels;
  contents.forEach(({ length }, i) => {
    if (length > 0 && length % record === 0) return;
    throw new LugeError(
      'BAD_DATA',
      `${from[i]} must hold records of ${record} bytes, but has ${length}. The file is damaged or cut short.`,
    );
  });
  const count = contents.reduce((sum, { length }) => sum + length / record, 0);
  const x = new Uint8Array(count * 3 * kPixels);
  const y = new Int32Array(count);
  let image = 0;
  for (const bytes of contents) {
    for (let at = 0; at < bytes.length; at += record, image++) {
      y[image] = bytes[at + labelAt] as number;
      interleave(bytes, at + labelBytes, x, image * 3 * kPixels);
      if (image % kAtOnce === 0) await setImmediate();
    }
  }
  readLabels(new Tensor(y, [count]), `${from.join(', ')}: labels`, classes);
  return { x: new Tensor(x, [count, kSide, kSide, 3]), y: new Tensor(y, [count]) };
}

function interleave(planes: Uint8Array, from: number, pixels: Uint8Array, to: number): void {
  for (let i = 0; i < kPixels; i++) {
    pixels[to + 3 * i] = planes[from + i] as number;
    pixels[to + 3 * i + 1] = planes[from + kPixels + i] as number;
    pixels[to + 3 * i + 2] = planes[from + 2 * kPixels + i] as number;
  }
}
