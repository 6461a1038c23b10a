import type { Value } from '../graph/ir.js';
import { maximum, notEqual } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { reshape } from '../ops/reshape.js';

/** The mask of one input, or those of several. */
export type Masks = Value | undefined | (Value | undefined)[];

/** 1 where x is not 0, else 0: x as masks are. */
export function toMask(x: Value): Value {
  return cast(notEqual(x, 0), 'float32');
}

/** What counts where any of them does; undefined when one of the inputs has no mask. */
export function anyMask(masks: Masks): Value | undefined {
  const list = [masks].flat();
  if (list.includes(undefined)) return undefined;
  return (list as Value[]).reduce((a, b) => maximum(a, b));
}

/** A mask with axes of size 1 behind its own, so that it broadcasts with a value of that rank. */
export function spreadMask(mask: Value, rank: number): Value {
  return reshape(mask, [...mask.shape, ...new Array<number>(rank - mask.rank).fill(1)]);
}
