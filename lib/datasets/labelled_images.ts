import { readFile } from 'node:fs/promises';
import { LugeError } from '../core/errors.js';
import { sameShape, showShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { readLabels } from '../core/to_categorical.js';
import { diskProblem } from '../core/write_file.js';
import { parseIdx, unpack } from './idx.js';
import type { DatasetFile, DatasetOptions, DatasetSource } from './locate.js';
import { provideFiles } from './provide.js';

/** Images and the class of each. */
export interface LabelledImages {
  /** uint8 [n, rows, columns, channels] */
  readonly x: Tensor;
  /** int32 [n] */
  readonly y: Tensor;
}

export interface ImageDataset {
  /** To train with. */
  readonly train: LabelledImages;
  /** To test with, never to train with. */
  readonly test: LabelledImages;
}

const kSide = 28;
const kClasses = 10;

/** The four files of MNIST, which its successors are named after too; sizes and checksums differ. */
export function idxFiles(
  bytes: readonly [number, number, number, number],
  sha256: readonly [string, string, string, string],
): DatasetFile[] {
  return [
    { name: 'train-images-idx3-ubyte.gz', bytes: bytes[0], sha256: sha256[0] },
    { name: 'train-labels-idx1-ubyte.gz', bytes: bytes[1], sha256: sha256[1] },
    { name: 't10k-images-idx3-ubyte.gz', bytes: bytes[2], sha256: sha256[2] },
    { name: 't10k-labels-idx1-ubyte.gz', bytes: bytes[3], sha256: sha256[3] },
  ];
}

/** Reads a data set of 28 x 28 grey images in 10 classes from the files that `idxFiles` names. */
export async function loadIdxImages(
  source: DatasetSource,
  options?: DatasetOptions,
): Promise<ImageDataset> {
  const paths = await provideFiles(source, options);
  const [trainX, trainY, testX, testY] = (await Promise.all(paths.map(readIdx))) as [
    IdxFile,
    IdxFile,
    IdxFile,
    IdxFile,
  ];
  return { train: pair(trainX, trainY), test: pair(testX, testY) };
}

interface IdxFile {
  readonly path: string;
  readonly content: Tensor;
}

async function readIdx(path: string): Promise<IdxFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new LugeError('NOT_FOUND', `Cannot read '${path}': ${diskProblem(error)}.`, {
      cause: error,
    });
  }
  return { path, content: parseIdx(await unpack(bytes, path), path) };
}

function pair(images: IdxFile, labels: IdxFile): LabelledImages {
  const { shape, dtype } = images.content;
  const count = shape[0] as number;
  if (dtype !== 'uint8' || !sameShape(shape, [count, kSide, kSide]) || count === 0) {
    throw new LugeError(
      'BAD_DATA',
      `${images.path} must hold uint8 images [n, ${kSide}, ${kSide}], but holds ${dtype} ` +
        `${showShape(shape)}.`,
    );
  }
  if (!sameShape(labels.content.shape, [count])) {
    throw new LugeError(
      'BAD_DATA',
      `${labels.path} must hold one label for each of the ${count} images in ${images.path}, but ` +
        `holds ${showShape(labels.content.shape)}.`,
    );
  }
  const y = readLabels(labels.content, `${labels.path}: labels`, kClasses);
  return { x: images.content.reshape([count, kSide, kSide, 1]), y: new Tensor(y, [count]) };
}
