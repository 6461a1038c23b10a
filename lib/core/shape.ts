import { LugeError } from './errors.js';
import { show } from './options.js';

/** Sizes of each axis, all known. */
export type Shape = readonly number[];

/** Sizes of each axis; null where it is not known until data comes (the batch). */
export type PartialShape = readonly (number | null)[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dim of shape) size *= dim;
  return size;
}

export function sameShape(a: PartialShape, b: PartialShape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** As users read it: `[null, 28, 28, 1]`. */
export function showShape(shape: PartialShape): string {
  return `[${shape.map((dim) => (dim === null ? 'null' : dim)).join(', ')}]`;
}

/** Whether it lists whole numbers of at least 1, and null where a size is not known. */
export function isPartialShape(shape: unknown): shape is PartialShape {
  const fits = (dim: unknown) => dim === null || (Number.isSafeInteger(dim) && (dim as number) > 0);
  return Array.isArray(shape) && shape.every(fits);
}

/** Throws BAD_SHAPE unless `shape` is a list. */
function checkList(shape: Shape, what: string): void {
  if (Array.isArray(shape)) return;
  throw new LugeError(
    'BAD_SHAPE',
    `${what}: expected a list of sizes, such as [2, 3], but got ${show(shape)}.`,
  );
}

/** The axis counted from the front; throws BAD_ARGUMENT when there is none such. */
export function normalizeAxis(axis: number, rank: number, what = 'axis'): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what} must be a whole number in [${-rank}, ${rank - 1}] for a tensor of rank ${rank}, but got ${show(axis)}.`,
    );
  }
  return normal;
}

/** Sorted distinct axes counted from the front; all of them when none are given. */
export function normalizeAxes(
  axis: number | readonly number[] | undefined,
  rank: number,
): number[] {
  if (axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  const axes = (Array.isArray(axis) ? axis : [axis]).map((a) => normalizeAxis(a, rank));
  const distinct = [...new Set(axes)].sort((a, b) => a - b);
  if (distinct.length !== axes.length) {
    throw new LugeError('BAD_ARGUMENT', `axes must differ from each other, but got [${axes}].`);
  }
  return distinct;
}

/** The common shape of NumPy's broadcasting rule; throws BAD_SHAPE when there is none. */
export function broadcastShapes(shapes: readonly Shape[], what = 'operands'): Shape {
  for (const shape of shapes) checkList(shape, what);
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const out: number[] = new Array(rank).fill(1);
  for (const shape of shapes) {
    const offset = rank - shape.length;
    shape.forEach((dim, i) => {
      const at = offset + i;
      if (dim === 1 || dim === out[at]) return;
      if (out[at] !== 1) {
        throw new LugeError(
          'BAD_SHAPE',
          `${what}: shapes ${shapes.map(showShape).join(' and ')} cannot be broadcast together ` +
            `(axis ${at}: ${out[at]} against ${dim}). Sizes must be equal or 1.`,
        );
      }
      out[at] = dim;
    });
  }
  return out;
}

/** Throws BAD_SHAPE unless every dim is a whole number of at least 0. */
export function checkShape(shape: Shape, what = 'shape'): void {
  checkList(shape, what);
  for (const dim of shape) {
    if (!Number.isSafeInteger(dim) || dim < 0) {
      throw new LugeError(
        'BAD_SHAPE',
        `${what} must hold whole numbers of at least 0, but got ${showShape(shape)}.`,
      );
    }
  }
}

/** `target` with its one -1 replaced so that it holds `size` elements; throws BAD_SHAPE when it cannot. */
export function resolveReshape(from: Shape, target: Shape, what = 'reshape'): Shape {
  checkList(target, what);
  const size = sizeOf(from);
  const unknown = target.filter((dim) => dim === -1).length;
  const known = sizeOf(target.filter((dim) => dim !== -1));
  const fits = unknown === 0 ? known === size : unknown === 1 && known > 0 && size % known === 0;
  if (!fits) {
    throw new LugeError(
      'BAD_SHAPE',
      `${what}: cannot turn ${showShape(from)} (${size} elements) into ${showShape(target)}` +
        `${unknown > 1 ? '; at most one size may be -1' : ''}.`,
    );
  }
  const resolved = target.map((dim) => (dim === -1 ? size / known : dim));
  checkShape(resolved, what);
  return resolved;
}
