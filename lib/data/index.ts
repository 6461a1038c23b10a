export { Dataset } from './dataset.js';
export type { Element, ElementLike, ElementOf, Tensors } from './element.js';
export { fromArrays } from './from_arrays.js';
export { type FromGeneratorOptions, fromGenerator } from './from_generator.js';
