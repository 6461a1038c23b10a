import { LugeError } from '../core/errors.js';
import { type PartialShape, showShape } from '../core/shape.js';
import type { Layer } from './layer.js';

/** What a layer asks of its input. */
export interface InputRule {
  /** The axes by name, such as '[batch, rows, columns, channels]'. */
  readonly axes: string;
  readonly rank?: number;
  readonly minRank?: number;
  /** Sizes that some axes must have. */
  readonly sizes?: Readonly<Record<number, number>>;
}

/** Throws BAD_SHAPE, naming the layer, unless the input's shape (batch in front) keeps the rule. */
export function checkInput(layer: Layer, shape: PartialShape, rule: InputRule): void {
  const { axes, rank, minRank = rank ?? 1, sizes = {} } = rule;
  const rankFits = shape.length >= minRank && (rank === undefined || shape.length === rank);
  const wrong = Object.entries(sizes).find(([axis, size]) => shape.at(Number(axis)) !== size);
  if (rankFits && wrong === undefined) return;
  const wanted = !rankFits
    ? `${axes}, of rank ${rank ?? `${minRank} or more`}`
    : `${axes} with ${wrong?.[1]} on axis ${wrong?.[0]} (the layer was built for that)`;
  throw layer.error('BAD_SHAPE', `expected an input ${wanted}, but got ${showBatched(shape)}.`);
}

/** The size of an axis that weights depend on; throws BAD_SHAPE when it is not known. */
export function knownSize(layer: Layer, shape: PartialShape, axis: number): number {
  const size = shape.at(axis);
  if (typeof size === 'number' && size > 0) return size;
  throw layer.error(
    'BAD_SHAPE',
    `axis ${axis} of its input must be known and at least 1, since weights depend on it, but the ` +
      `input's shape is ${showShape(shape)}. Give the input a full shape.`,
  );
}

/** Runs `body` for a layer inside of another one, which its errors then name, too. */
export function inside<T>(outer: Layer, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof LugeError)) throw error;
    throw outer.error(error.code, error.message, error);
  }
}

/** A shape as users know it: the batch is open. */
export function showBatched(shape: PartialShape): string {
  return showShape(shape.length === 0 ? shape : [null, ...shape.slice(1)]);
}

/** One shape, or those of several inputs, as a list. */
export function shapesOf(shape: PartialShape | PartialShape[]): PartialShape[] {
  return Array.isArray(shape[0]) ? (shape as PartialShape[]) : [shape as PartialShape];
}
