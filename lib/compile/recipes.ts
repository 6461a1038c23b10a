import { Variable } from '../core/variable.js';
import type { Buffer, Placement, Ref } from './place.js';

const identities = new WeakMap<Variable, number>();
let known = 0;

function identityOf(variable: Variable): number {
  const found = identities.get(variable) ?? known++;
  identities.set(variable, found);
  return found;
}

/**
 * How each buffer of the prologue is made from weights, as text: two programs in which it is the same
 * compute the same bits, and can share what they keep.
 */
export function recipes({ instructions, prologue }: Placement): ReadonlyMap<Buffer, string> {
  const made = new Map<Buffer, string>();
  const place = ({ byteOffset, shape, dtype }: Ref) => `${byteOffset}:${dtype}[${shape}]`;
  const source = (ref: Ref) => {
    const { base } = ref;
    const name = base instanceof Variable ? identityOf(base) : `{${made.get(base)}}`;
    return `${name}+${place(ref)}`;
  };
  for (const { op, inputs, outputs, words } of instructions.slice(0, prologue)) {
    const text = `${op}(${inputs.map(source).join()})(${words})`;
    outputs.forEach((output, i) => {
      const { base } = output;
      if (base instanceof Variable) return;
      // A concatenation is made by several instructions, piece by piece.
      made.set(base, `${made.get(base) ?? ''}${place(output)}=${text}.${i};`);
    });
  }
  return made;
}
