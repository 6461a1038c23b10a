import type { Graph, Value } from '../graph/ir.js';
import { add, multiply } from './binary.js';
import { broadcastTo } from './broadcast.js';
import { concat } from './concat.js';
import { cos, sin } from './unary.js';

/** A number for all images, or one for each: [n, 1]. */
export type Entry = number | Value;

/** A map of the plane: (column, row) to (a column + b row + c, d column + e row + f). */
export type Affine = readonly [a: Entry, b: Entry, c: Entry, d: Entry, e: Entry, f: Entry];

export const shift = (columns: Entry, rows: Entry): Affine => [1, 0, columns, 0, 1, rows];
export const scale = (columns: Entry, rows: Entry): Affine => [columns, 0, 0, 0, rows, 0];
/** Columns move by so much of the row. */
export const shear = (columns: Entry, rows: Entry = 0): Affine => [1, columns, 0, rows, 1, 0];

/** By an angle in radians, from the axis of columns towards that of rows. */
export function rotate(angle: Entry): Affine {
  const [c, s] =
    typeof angle === 'number' ? [Math.cos(angle), Math.sin(angle)] : [cos(angle), sin(angle)];
  return [c, times(s, -1), 0, s, c, 0];
}

/** The map that does one after the other; nothing for none. */
export function inTurn(...maps: readonly Affine[]): Affine {
  return maps.reduce(
    (first, then) => {
      const [a, b, c, d, e, f] = first;
      const row = (x: Entry, y: Entry, z: Entry): [Entry, Entry, Entry] => [
        plus(times(x, a), times(y, d)),
        plus(times(x, b), times(y, e)),
        plus(plus(times(x, c), times(y, f)), z),
      ];
      return [...row(then[0], then[1], then[2]), ...row(then[3], then[4], then[5])];
    },
    shift(0, 0),
  );
}

/** The map with the centre of an image of that size as its origin. */
export function aboutCentre(map: Affine, rows: number, columns: number): Affine {
  const [x, y] = [(columns - 1) / 2, (rows - 1) / 2];
  return inTurn(shift(-x, -y), map, shift(x, y));
}

/** As `warpImages` takes it: [n, 6]. */
export function transformsOf(graph: Graph, map: Affine, n: number): Value {
  return concat(
    map.map((entry) =>
      broadcastTo(typeof entry === 'number' ? graph.constant(entry) : entry, [n, 1]),
    ),
    1,
  );
}

export function times(a: Entry, b: Entry): Entry {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (a === 0 || b === 0) return 0;
  if (a === 1) return b;
  if (b === 1) return a;
  return typeof a === 'number' ? multiply(b as Value, a) : multiply(a, b);
}

export function plus(a: Entry, b: Entry): Entry {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === 0) return b;
  if (b === 0) return a;
  return typeof a === 'number' ? add(b as Value, a) : add(a, b);
}
