import '../ops/index.js'; // declares every operation
import { declaredOps } from '../compile/compile.js';
import { LugeError } from '../core/errors.js';
import type { NativeSignature } from '../graph/ir.js';
import { type VmathFunction, vmathFunctions } from '../ops/vmath.js';

/** The lists that both sides keep: native/ops/op_list.inc and native/simd/vmath_list.inc. */
interface Lists {
  readonly ops: readonly (NativeSignature & { name: string })[];
  readonly functions: readonly VmathFunction[];
}

/**
 * Compares the operations that lib/ops declares with those that the binary has. They can only
 * differ when the binary is from another version.
 *
 * @throws LugeError NATIVE that names the first difference.
 */
export function checkContract({ ops, functions }: Lists): void {
  const declared = declaredOps();
  for (const { name, inputs, outputs, attrs } of ops) {
    const mine = declared.get(name);
    if (mine === undefined) fail(`operation '${name}' is only in the binary`);
    const same = mine.inputs === inputs && mine.outputs === outputs && mine.attrs === attrs;
    if (!same) {
      fail(
        `operation '${name}' takes (${inputs}) -> (${outputs}) {${attrs}} in the binary, but ` +
          `(${mine.inputs}) -> (${mine.outputs}) {${mine.attrs}} here`,
      );
    }
    declared.delete(name);
  }
  for (const name of declared.keys()) fail(`operation '${name}' is missing in the binary`);
  const show = ({ name, arity, type }: VmathFunction) => `${name}/${arity} ${type}`;
  for (let i = 0; i < Math.max(functions.length, vmathFunctions.length); i++) {
    const [theirs, mine] = [functions[i], vmathFunctions[i]].map((f) => (f ? show(f) : 'nothing'));
    if (theirs !== mine) fail(`vector function ${i} is ${theirs} in the binary, but ${mine} here`);
  }
}

function fail(difference: string): never {
  throw new LugeError(
    'NATIVE',
    `The native binary does not belong to this version of luge: ${difference}. ` +
      'Build it again with: bash scripts/setup.sh',
  );
}
