export { type Cifar100Options, cifar10, cifar100 } from './cifar.js';
export { cifar10Labels, cifar100CoarseLabels, cifar100Labels } from './cifar_labels.js';
export { fashionMnist, fashionMnistLabels } from './fashion_mnist.js';
export type { ImageDataset, LabelledImages } from './labelled_images.js';
export type { DatasetOptions } from './locate.js';
export { mnist } from './mnist.js';
