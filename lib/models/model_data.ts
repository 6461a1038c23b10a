import type { TypedArray } from '../core/dtype.js';
import { LugeError, unknownName } from '../core/errors.js';
import { type PartialShape, type Shape, showShape, sizeOf } from '../core/shape.js';
import { Tensor, type TensorLike, tensor } from '../core/tensor.js';

/** Numbers for one input or output: a tensor, any typed array, or nested arrays. */
export type ArrayLikeData = TensorLike | Float64Array | Int8Array | Int16Array | Uint16Array;

/** The same for several inputs or outputs: in their order, or by name. */
export type ModelData = ArrayLikeData | readonly ArrayLikeData[] | Record<string, ArrayLikeData>;

/** An input or output that wants data. */
export interface Slot {
  readonly name: string;
  /** With the batch in front; undefined when any shape will do. */
  readonly shape?: PartialShape;
}

/**
 * Data as tensors, one for each slot; typed arrays that tensors hold are not copied.
 *
 * @param what how errors call the data, such as 'fit: x'.
 * @throws LugeError BAD_DATA, BAD_SHAPE, BAD_DTYPE or UNKNOWN_NAME.
 */
export function toTensors(
  what: string,
  kind: 'input' | 'output',
  slots: readonly Slot[],
  data: ModelData,
): Tensor[] {
  return assign(what, kind, slots, data).map((item, i) => {
    const { name, shape } = slots[i] as Slot;
    const label = slots.length === 1 ? what : `${what} for ${kind} '${name}'`;
    const found = toTensor(label, item);
    return shape === undefined ? found : fitShape(label, name, shape, found);
  });
}

/** Which item goes to which slot. */
export function assign<T>(
  what: string,
  kind: 'input' | 'output',
  slots: readonly Slot[],
  data: T | readonly T[] | Record<string, T>,
): T[] {
  const names = slots.map(({ name }) => name);
  if (isRecord(data)) {
    for (const name of Object.keys(data as object)) {
      if (!names.includes(name)) throw unknownName(kind, name, names);
    }
    return names.map((name) => {
      const item = (data as Record<string, T>)[name];
      if (item === undefined) {
        throw new LugeError('BAD_ARGUMENT', `${what}: nothing is given for ${kind} '${name}'.`);
      }
      return item;
    });
  }
  if (slots.length === 1) {
    const wrapped = Array.isArray(data) && data.length === 1 && isWhole(data[0]);
    return [(wrapped ? data[0] : data) as T];
  }
  if (!Array.isArray(data) || data.length !== slots.length) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what}: the model has ${slots.length} ${kind}s (${names.join(', ')}), so a list of as many or a ` +
        `record by name is expected, but got ${Array.isArray(data) ? `a list of ${data.length}` : describe(data)}.`,
    );
  }
  return [...data];
}

/** One tensor; numbers that are neither float32, int32 nor uint8 are converted. */
export function toTensor(what: string, data: ArrayLikeData): Tensor {
  if (data instanceof Tensor) return data;
  if (data === undefined || data === null || typeof data === 'string') {
    throw new LugeError(
      'BAD_DATA',
      `${what}: expected a tensor or an array of numbers, but got ${describe(data)}.`,
    );
  }
  try {
    return tensor(ArrayBuffer.isView(data) ? held(data as ArrayBufferView) : (data as TensorLike));
  } catch (error) {
    if (!(error instanceof LugeError)) throw error;
    throw new LugeError(error.code, `${what}: ${error.message}`, { cause: error });
  }
}

function held(data: ArrayBufferView): TypedArray {
  if (data instanceof Float64Array) return Float32Array.from(data);
  if (data instanceof Int8Array || data instanceof Int16Array || data instanceof Uint16Array) {
    return Int32Array.from(data);
  }
  if (data instanceof Uint8ClampedArray) {
    return new Uint8Array(data.buffer, data.byteOffset, data.length);
  }
  return data as TypedArray;
}

/** The tensor under the shape that the model wants; only a last axis of size 1 may be missing. */
function fitShape(what: string, name: string, given: PartialShape, found: Tensor): Tensor {
  const { shape } = found;
  // How many samples there are in all is free, also where each batch must be of one size.
  const wanted = [null, ...given.slice(1)];
  if (matches(wanted, shape)) return found;
  if (wanted.length > 1 && wanted.at(-1) === 1 && matches(wanted.slice(0, -1), shape)) {
    return found.reshape([...shape, 1]);
  }
  throw new LugeError(
    'BAD_SHAPE',
    `${what}: input '${name}' expects data of shape ${showShape(wanted)}, but got ` +
      `${showShape(shape)}.${shapeHint(wanted, shape)}`,
  );
}

function matches(wanted: PartialShape, shape: Shape): boolean {
  return (
    wanted.length === shape.length && wanted.every((dim, i) => dim === null || dim === shape[i])
  );
}

function shapeHint(wanted: PartialShape, shape: Shape): string {
  const sample = wanted.slice(1);
  if (matches(sample, shape)) {
    const one = `x.reshape([1, ${shape.join(', ')}])`;
    return ` For a single sample, add the batch axis: ${one}, or for a data set of them, .batch(32).`;
  }
  if (sample.includes(null)) return '';
  const [count, ...rest] = shape;
  const size = sizeOf(sample as Shape);
  const isFlat = shape.length === 1 && (count as number) % size === 0;
  if (!isFlat && (rest.length === 0 || sizeOf(rest) !== size)) return '';
  return ` It has as many numbers: x.reshape([-1, ${sample.join(', ')}]).`;
}

function isRecord(data: unknown): boolean {
  return typeof data === 'object' && data !== null && !isArray(data);
}

function isArray(data: unknown): boolean {
  return Array.isArray(data) || isWhole(data);
}

function isWhole(data: unknown): boolean {
  return ArrayBuffer.isView(data) || data instanceof Tensor;
}

export function describe(data: unknown): string {
  if (data instanceof Tensor) return data.toString();
  if (data === null || data === undefined) return `${data}`;
  if (typeof data === 'object') return `an object of ${data.constructor?.name ?? 'no class'}`;
  return typeof data === 'string' ? `the text '${data}'` : `${typeof data} ${String(data)}`;
}
