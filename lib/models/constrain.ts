import type { Constraint } from '../constraints/index.js';
import { sizeOf } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Graph, Update, Value } from '../graph/ir.js';
import { concat } from '../ops/concat.js';
import { reshape } from '../ops/reshape.js';
import { slice } from '../ops/slice.js';

/**
 * Puts right what a step makes of the weights. The optimizer updates weights that lie side by side as
 * one, so a constrained one is cut out of that, and put back.
 */
export function addConstraints(graph: Graph, constraints: ReadonlyMap<Variable, Constraint>): void {
  if (constraints.size === 0) return;
  const updates = graph.updates.map((update) => constrained(update, constraints));
  graph.updates.splice(0, updates.length, ...updates);
}

function constrained(update: Update, constraints: ReadonlyMap<Variable, Constraint>): Update {
  const { variable, value } = update;
  const { root, offset } = variable.location;
  const size = sizeOf(variable.shape);
  const within = [...constraints.keys()]
    .map((weight) => ({ weight, from: weight.location.offset - offset }))
    .filter(({ weight, from }) => {
      return weight.location.root === root && from >= 0 && from + weight.size <= size;
    })
    .sort((a, b) => a.from - b.from);
  if (within.length === 0) return update;
  const flat = reshape(value, [size]);
  const pieces: Value[] = [];
  let done = 0;
  for (const { weight, from } of within) {
    if (from > done) pieces.push(slice(flat, [done], [from - done]));
    const whole = reshape(slice(flat, [from], [weight.size]), weight.shape);
    const right = (constraints.get(weight) as Constraint).apply(whole);
    pieces.push(reshape(right, [weight.size]));
    done = from + weight.size;
  }
  if (done < size) pieces.push(slice(flat, [done], [size - done]));
  const next = pieces.length === 1 ? (pieces[0] as Value) : concat(pieces, 0);
  return { variable, value: reshape(next, variable.shape) };
}
