import { tensor } from '../core/tensor.js';
import type { Value } from '../graph/ir.js';
import { add, greater, less, lessEqual, maximum, minimum, subtract } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { toValue } from '../ops/define.js';
import { gather } from '../ops/gather.js';
import { stepRows } from '../ops/recurrence.js';
import { sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { slice } from '../ops/slice.js';
import { where } from '../ops/where.js';
import { spreadMask } from './masks.js';
import { countsUpTo, type Recurrence } from './steps.js';

/**
 * A recurrence over the steps that a mask lets count, in one native instruction: these are moved to
 * the front, in their order, and the outputs back to where they belong, those of the step before at
 * steps that do not count. Written out step by step, a mask takes many times as long.
 *
 * @param mask [batch, time]
 * @param keep what xz [batch, time, n] is behind the last step that counts: [n], such that the states
 *   other than the output stay as they are.
 * @param before the output before the first step [batch, units].
 */
export function overCountedSteps(
  xz: Value,
  mask: Value,
  keep: Float32Array,
  before: Value,
  run: (xz: Value) => Recurrence,
): Recurrence {
  const [batch, time, n] = xz.shape as [number, number, number];
  const counts = countsUpTo(mask);
  // The step that is the j-th to count comes after all those up to which no more than j have.
  const order = tensor(Float32Array.from({ length: time }, (_, j) => j));
  const noMore = lessEqual(reshape(counts, [batch, 1, time]), reshape(order, [time, 1]));
  const from = sum(cast(noMore, 'float32'), 2);
  const front = reshape(gather(stepRows(xz), places(minimum(from, time - 1))), [batch, time, n]);
  const { hidden, states } = run(where(spreadMask(less(from, time), 3), front, tensor(keep)));
  const units = hidden.shape[2] as number;
  const last = gather(stepRows(hidden), places(maximum(subtract(counts, 1), 0)));
  const outputs = where(
    spreadMask(greater(counts, 0), 3),
    reshape(last, [batch, time, units]),
    reshape(before, [batch, 1, units]),
  );
  const end = reshape(slice(outputs, [0, time - 1, 0]), [batch, units]);
  return { hidden: outputs, states: [end, ...states.slice(1)] };
}

/** Steps [batch, time] of each sample as rows of all samples' steps, int32. */
function places(steps: Value): Value {
  const [batch, time] = steps.shape as [number, number];
  const first = tensor(
    Int32Array.from({ length: batch }, (_, b) => b * time),
    [batch, 1],
  );
  return add(cast(steps, 'int32'), toValue(steps.node.graph, first));
}
