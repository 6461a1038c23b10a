import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type DType, newArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { showShape, sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';

interface ElementType {
  readonly bytes: number;
  readonly dtype: DType;
  readonly read: (view: DataView, at: number) => number;
}

/** By the third byte of the file; numbers are big-endian. */
const elementTypes: Readonly<Record<number, ElementType>> = {
  8: { bytes: 1, dtype: 'uint8', read: (view, at) => view.getUint8(at) },
  9: { bytes: 1, dtype: 'int32', read: (view, at) => view.getInt8(at) },
  11: { bytes: 2, dtype: 'int32', read: (view, at) => view.getInt16(at) },
  12: { bytes: 4, dtype: 'int32', read: (view, at) => view.getInt32(at) },
  13: { bytes: 4, dtype: 'float32', read: (view, at) => view.getFloat32(at) },
  14: { bytes: 8, dtype: 'float32', read: (view, at) => view.getFloat64(at) },
};

/**
 * Reads the IDX format of the MNIST database (http://yann.lecun.com/exdb/mnist): two zero bytes, the
 * element type, the number of axes, the size of each axis as a 32-bit big-endian number, the data.
 *
 * @param name of the file, for messages.
 * @returns uint8 (sharing `bytes`), int32 or float32, whichever holds the file's type.
 * @throws LugeError BAD_DATA for anything malformed.
 */
export function parseIdx(bytes: Uint8Array, name: string): Tensor {
  const wrong = (problem: string) => new LugeError('BAD_DATA', `${name} ${problem}.`);
  if (bytes.length < 4) {
    throw wrong(`is too short for an IDX file: ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  const type = elementTypes[(magic >>> 8) & 255];
  const rank = magic & 255;
  if (magic >>> 16 !== 0 || type === undefined || rank === 0) {
    const found = `0x${magic.toString(16).padStart(8, '0')}`;
    throw wrong(
      `is not an IDX file: it begins with ${found}, not with a magic number such as 0x00000803`,
    );
  }
  const header = 4 + 4 * rank;
  if (bytes.length < header) {
    throw wrong(
      `is cut short: ${rank} axes need a header of ${header} bytes, but it has ${bytes.length}`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = sizeOf(shape);
  const expected = header + size * type.bytes;
  if (bytes.length !== expected) {
    const how = bytes.length < expected ? 'is cut short' : 'is too long';
    throw wrong(
      `${how}: its header says ${showShape(shape)}, which takes ${expected} bytes, but it has ` +
        `${bytes.length}`,
    );
  }
  if (type.dtype === 'uint8') {
    // Not a part of the Buffer, whose `slice` would share its memory.
    return new Tensor(new Uint8Array(bytes.buffer, bytes.byteOffset + header, size), shape);
  }
  const data = newArray(type.dtype, size);
  for (let i = 0; i < size; i++) data[i] = type.read(view, header + i * type.bytes);
  return new Tensor(data, shape);
}

/** `bytes` as they are, or unpacked when they are gzip; throws BAD_DATA when damaged. */
export async function unpack(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await promisify(gunzip)(bytes);
  } catch (error) {
    throw new LugeError(
      'BAD_DATA',
      `${name} cannot be unpacked: ${(error as Error).message}. The file is damaged or cut short.`,
      { cause: error },
    );
  }
}
