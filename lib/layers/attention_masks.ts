import { tensor } from '../core/tensor.js';
import type { Value } from '../graph/ir.js';
import { multiply } from '../ops/binary.js';
import { toValue } from '../ops/define.js';
import { reshape } from '../ops/reshape.js';
import { where } from '../ops/where.js';

/** A mask [..., time, source] of 1 where a query may look, else 0, by the places of both. */
export function maskByPlace(
  { node: { graph } }: Value,
  [time, source]: readonly [number, number],
  allowed: (query: number, key: number) => boolean,
): Value {
  const places = Float32Array.from({ length: time * source }, (_, i) =>
    Number(allowed(Math.floor(i / source), i % source)),
  );
  return toValue(graph, tensor(places, [time, source]));
}

/** Whether a key lies at the query's place or before it. */
export const isNotAhead = (query: number, key: number): boolean => key <= query;

/** The mask of a query's steps [batch, ..., time], for scores of that rank, [batch, ..., time, source]. */
export function ofQueries(mask: Value, rank: number): Value {
  return alongScores(mask, rank, [mask.shape.at(-1) as number, 1]);
}

/** The mask of the steps that are looked at [batch, ..., source], for scores likewise. */
export function ofKeys(mask: Value, rank: number): Value {
  return alongScores(mask, rank, [1, mask.shape.at(-1) as number]);
}

function alongScores(mask: Value, rank: number, last: readonly [number, number]): Value {
  const between = new Array<number>(rank - mask.rank - 1).fill(1);
  return reshape(mask, [...mask.shape.slice(0, -1), ...between, ...last]);
}

/** What counts where all of the masks let it; undefined when there are none. */
export function allMasks(masks: readonly (Value | undefined)[]): Value | undefined {
  const given = masks.filter((mask) => mask !== undefined);
  return given.length === 0 ? undefined : given.reduce((a, b) => multiply(a, b));
}

/** Scores so low where the mask is 0 that a softmax gives nothing there. */
export function maskScores(scores: Value, mask: Value | undefined): Value {
  return mask === undefined ? scores : where(mask, scores, -1e9);
}
