import { type ImageDataset, idxFiles, loadIdxImages } from './labelled_images.js';
import type { DatasetOptions, DatasetSource } from './locate.js';

const source: DatasetSource = {
  title: 'MNIST',
  folders: ['mnist'],
  files: idxFiles(
    [9912422, 28881, 1648877, 4542],
    [
      '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
      '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
      '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
      'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
    ],
  ),
  systemFolders: ['/usr/share/datasets/mnist'],
  mirrors: [
    'https://ossci-datasets.s3.amazonaws.com/mnist/',
    'https://storage.googleapis.com/cvdf-datasets/mnist/',
  ],
};

/**
 * MNIST: 60,000 handwritten digits to train on and 10,000 to test with (LeCun, Cortes, Burges;
 * http://yann.lecun.com/exdb/mnist; CC BY-SA 3.0).
 *
 * Looked for in `dir`, `$LUGE_DATA/mnist`, the user's cache and the system's data folder, then
 * downloaded (11.6 MB), into `dir` where it is given and the cache otherwise.
 *
 * @returns `train` and `test`, each x: uint8 [n, 28, 28, 1] (0 is the background, 255 ink) and
 *   y: int32 [n] (the digit).
 * @throws LugeError NOT_FOUND when it can be neither found nor downloaded; BAD_DATA when a file is
 *   damaged.
 * @example
 * ```ts
 * const { train, test } = await datasets.mnist();
 * train.x.shape.slice(1); // => [28, 28, 1]
 * [train.x.dtype, train.y.dtype]; // => ['uint8', 'int32']
 * const batch = train.x.rows(0, 32);
 * ```
 */
export function mnist(options?: DatasetOptions): Promise<ImageDataset> {
  return loadIdxImages(source, options);
}
