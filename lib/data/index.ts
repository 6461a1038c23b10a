export type { AugmentOptions } from '../ops/augment_options.js';
export { augment } from './augment.js';
export type { ColumnName, CsvDescription } from './csv_table.js';
export { Dataset } from './dataset.js';
export type { Element, ElementLike, ElementOf, Tensors } from './element.js';
export { type ExpandOptions, expandByShifts } from './expand_by_shifts.js';
export { fromArrays } from './from_arrays.js';
export { CsvDataset, type CsvSource, type FromCsvOptions, fromCsv } from './from_csv.js';
export { type FromGeneratorOptions, fromGenerator } from './from_generator.js';
