export { fashionMnist, fashionMnistLabels } from './fashion_mnist.js';
export type { ImageDataset, LabelledImages } from './labelled_images.js';
export type { DatasetOptions } from './locate.js';
export { mnist } from './mnist.js';
