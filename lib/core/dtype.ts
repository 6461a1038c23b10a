import { LugeError } from './errors.js';

/** Element types. Comparisons give uint8 (0 or 1); labels and indices are int32 or uint8. */
export type DType = 'float32' | 'int32' | 'uint8';

export type TypedArray = Float32Array | Int32Array | Uint8Array;

/** In the order of the native enum (native/base/dtype.h). */
export const dtypes: readonly DType[] = ['float32', 'int32', 'uint8'];

export function bytesPerElement(dtype: DType): number {
  return dtype === 'uint8' ? 1 : 4;
}

export function newArray(dtype: DType, size: number): TypedArray {
  if (dtype === 'float32') return new Float32Array(size);
  return dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}

/** The dtype of a typed array; throws BAD_DTYPE for kinds that tensors do not hold. */
export function dtypeOf(data: ArrayBufferView): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Uint8Array) return 'uint8';
  throw new LugeError(
    'BAD_DTYPE',
    `A tensor holds a Float32Array, Int32Array or Uint8Array, but got ${data.constructor.name}. ` +
      'Convert it first, for example with Float32Array.from(data).',
  );
}

export function checkDType(dtype: string): DType {
  if ((dtypes as readonly string[]).includes(dtype)) return dtype as DType;
  throw new LugeError(
    'BAD_DTYPE',
    `dtype must be one of ${dtypes.join(', ')}, but got '${dtype}'.`,
  );
}
