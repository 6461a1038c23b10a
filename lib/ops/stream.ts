import { LugeError } from '../core/errors.js';
import type { Graph } from '../graph/ir.js';

// Random operations draw from streams of their own: numbered in a graph's order, or chosen by seed
// from the other half of the 32-bit numbers.
const seeded = 2 ** 31;
const drawn = new WeakMap<Graph, number>();

/** The stream of a random operation of `graph`: the next one, or that of its seed. */
export function streamOf(name: string, graph: Graph, seed: number | undefined): number {
  if (seed === undefined) {
    const next = drawn.get(graph) ?? 0;
    drawn.set(graph, next + 1);
    return next;
  }
  if (!Number.isSafeInteger(seed)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.${name}: seed must be a whole number, but got ${JSON.stringify(seed)}.`,
    );
  }
  return seeded + (((seed % seeded) + seeded) % seeded);
}
