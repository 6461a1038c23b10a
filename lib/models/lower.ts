import { LugeError } from '../core/errors.js';
import { showShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import {
  type Call,
  type CallContext,
  callsBetween,
  type SymbolicTensor,
} from '../graph/symbolic.js';
import { cast } from '../ops/cast.js';

/** The drawing of a model: which calls lead from its inputs to its outputs, in order. */
export interface Drawing {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly calls: readonly Call[];
}

/**
 * The calls between inputs and outputs.
 *
 * @throws LugeError BAD_ARGUMENT when an output depends on an input that is not among `inputs`, or
 *   an input is not used.
 */
export function draw(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): Drawing {
  const calls = callsBetween(inputs, outputs);
  const made = new Set([...inputs, ...calls.flatMap((call) => call.outputs)]);
  for (const tensor of [...calls.flatMap((call) => call.inputs), ...outputs]) {
    if (made.has(tensor)) continue;
    throw new LugeError(
      'BAD_ARGUMENT',
      `The outputs depend on input '${tensor.name}' of shape ${showShape(tensor.shape)}, which is not ` +
        `among the model's inputs (${inputs.map(({ name }) => `'${name}'`).join(', ')}). Add it to them.`,
    );
  }
  const used = new Set([...calls.flatMap((call) => call.inputs), ...outputs]);
  const idle = inputs.find((tensor) => !used.has(tensor));
  if (idle !== undefined) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `Input '${idle.name}' of shape ${showShape(idle.shape)} does not lead to any of the outputs.`,
    );
  }
  return { inputs, outputs, calls };
}

/** Computes a drawing on values: what its outputs are for those inputs. */
export function lower(
  { inputs, outputs, calls }: Drawing,
  values: readonly Value[],
  context: CallContext,
): Value[] {
  const known = new Map<SymbolicTensor, Value>();
  inputs.forEach((tensor, i) => {
    const value = values[i] as Value;
    known.set(tensor, cast(value, tensor.dtype).withMask(value.mask));
  });
  const find = (tensor: SymbolicTensor) => known.get(tensor) as Value;
  for (const call of calls) {
    const results = call.run(call.inputs.map(find), context);
    call.outputs.forEach((tensor, i) => {
      known.set(tensor, results[i] as Value);
    });
  }
  return outputs.map(find);
}
