import type { NativeSignature, OpDef } from '../graph/ir.js';

/** A native operation: its row in op_list.inc and its rules. */
export interface NativeOp extends OpDef {
  readonly kind: 'native';
  readonly signature: NativeSignature;
}

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
  rules: Pick<OpDef, 'infer' | 'vjp' | 'words'>,
): NativeOp {
  const [inputs, outputs, attrs] = signature;
  const op: NativeOp = { name, kind: 'native', signature: { inputs, outputs, attrs }, ...rules };
  nativeOps.set(name, op);
  return op;
}

const buffer = new DataView(new ArrayBuffer(4));

/** A float as the attribute word that holds its bits. */
export function floatWord(value: number): number {
  buffer.setFloat32(0, value);
  return buffer.getInt32(0);
}
