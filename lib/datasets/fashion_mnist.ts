import { type ImageDataset, idxFiles, loadIdxImages } from './labelled_images.js';
import type { DatasetOptions, DatasetSource } from './locate.js';

/** The classes of Fashion-MNIST, by label. */
export const fashionMnistLabels: readonly string[] = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

const source: DatasetSource = {
  title: 'Fashion-MNIST',
  folders: ['fashion-mnist', 'fashion_mnist'],
  files: idxFiles(
    [26421880, 29515, 4422102, 5148],
    [
      '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
    ],
  ),
  systemFolders: ['/usr/share/datasets/fashion-mnist'],
  mirrors: [
    'https://storage.googleapis.com/tensorflow/tf-keras-datasets/',
    'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
    'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
  ],
  hint: "On Debian and Ubuntu, 'apt-get install dataset-fashion-mnist' provides it too.",
};

/**
 * Fashion-MNIST: 60,000 pictures of clothes to train on and 10,000 to test with, in the form of
 * MNIST but harder (Xiao, Rasul, Vollgraf, https://arxiv.org/abs/1708.07747; MIT license).
 *
 * Looked for in `dir`, `$LUGE_DATA/fashion-mnist`, the user's cache and the folder of Debian's
 * package dataset-fashion-mnist, then downloaded (30.9 MB), into `dir` where it is given and the
 * cache otherwise.
 *
 * @returns `train` and `test`, each x: uint8 [n, 28, 28, 1] (0 is the background) and
 *   y: int32 [n], an index into `fashionMnistLabels`.
 * @throws LugeError NOT_FOUND when it can be neither found nor downloaded; BAD_DATA when a file is
 *   damaged.
 * @example
 * ```ts
 * const { train } = await datasets.fashionMnist();
 * const [first] = train.y.data;
 * datasets.fashionMnistLabels[first as number]; // => 'T-shirt/top'
 * ```
 */
export function fashionMnist(options?: DatasetOptions): Promise<ImageDataset> {
  return loadIdxImages(source, options);
}
