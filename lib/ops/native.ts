import type { NativeSignature, OpDef } from '../graph/ir.js';

/** A native operation: its row in op_list.inc and its rules. */
export interface NativeOp extends OpDef {
  readonly kind: 'native';
  readonly signature: NativeSignature;
  /** Outputs that may be written over an input that dies with the instruction, element for element. */
  readonly inPlace: readonly (readonly [output: number, input: number])[];
  /** How many outputs it makes at least; those after them can be left out. Default: all. */
  readonly leastOutputs?: number;
}

type NativeRules = Pick<OpDef, 'infer' | 'vjp' | 'words'> &
  Partial<Pick<NativeOp, 'inPlace' | 'leastOutputs'>>;

/** Every native operation by name, for the contract with the addon and for lowering. */
export const nativeOps = new Map<string, NativeOp>();

/**
 * Declares a native operation.
 *
 * @param signature names of inputs, outputs and attributes exactly as in op_list.inc.
 */
export function defineNative(
  name: string,
  signature: readonly [inputs: string, outputs: string, attrs: string],
  { inPlace = [], ...rules }: NativeRules,
): NativeOp {
  const [inputs, outputs, attrs] = signature;
  const declared = { inputs, outputs, attrs };
  const op: NativeOp = { name, kind: 'native', signature: declared, inPlace, ...rules };
  nativeOps.set(name, op);
  return op;
}

const buffer = new DataView(new ArrayBuffer(4));

/** A float as the attribute word that holds its bits. */
export function floatWord(value: number): number {
  buffer.setFloat32(0, value);
  return buffer.getInt32(0);
}
