import { LugeError } from '../core/errors.js';
import { checkCount } from '../core/options.js';
import { type Pair, spatialAxes } from './image_options.js';

/** A number for all sides, or for each axis a number or [before, after]. */
export type Sides = number | readonly Pair[];

/** What the sides of an axis are called. */
const names: Readonly<Record<string, string>> = {
  time: '[first, last]',
  depth: '[front, back]',
  rows: '[top, bottom]',
  columns: '[left, right]',
};

/**
 * How many elements before and after each axis between the batch and the channels.
 *
 * @param axes all axes by name, such as '[batch, rows, columns, channels]'.
 */
export function checkSides(what: string, value: Sides, axes: string): [number, number][] {
  const spatial = spatialAxes(axes);
  const form = `[${spatial.join(', ')}] or [${spatial.map((axis) => names[axis]).join(', ')}]`;
  const wrong = (found: unknown) =>
    new LugeError(
      'BAD_ARGUMENT',
      `${what} must be a number, ${spatial.length === 1 ? '[first, last]' : form}, but got ` +
        `${JSON.stringify(found)}.`,
    );
  const each = typeof value === 'number' ? spatial.map(() => value) : value;
  if (!Array.isArray(each) || each.length !== spatial.length) throw wrong(value);
  return each.map((side) => {
    const both = typeof side === 'number' ? [side, side] : side;
    if (!Array.isArray(both) || both.length !== 2) throw wrong(side);
    return [checkCount(what, both[0], 0), checkCount(what, both[1], 0)];
  });
}
