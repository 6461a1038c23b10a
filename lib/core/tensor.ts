import {
  bytesPerElement,
  checkDType,
  type DType,
  dtypeOf,
  newArray,
  type TypedArray,
} from './dtype.js';
import { LugeError } from './errors.js';
import { checkShape, resolveReshape, type Shape, showShape, sizeOf } from './shape.js';

/** Numbers nested as deeply as the tensor has axes. */
export type NestedArray = number | readonly NestedArray[];

/** What can be turned into a tensor. */
export type TensorLike = Tensor | TypedArray | NestedArray;

/**
 * A dense array of numbers in row-major order: a typed array and its shape.
 *
 * @example
 * ```ts
 * const x = new Tensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * x.toArray(); // => [[1, 2, 3], [4, 5, 6]]
 * x.reshape([3, -1]).shape; // => [3, 2]
 * x.rows(1, 2); // => [[4, 5, 6]]
 * [x.dtype, x.size, x.rank]; // => ['float32', 6, 2]
 * ```
 */
export class Tensor {
  /** The elements in row-major order. */
  readonly data: TypedArray;
  /** Sizes of the axes; [] for a single number. */
  readonly shape: Shape;
  /** Element type: 'float32', 'int32' or 'uint8'. */
  readonly dtype: DType;

  /** Wraps `data` without copying. Throws BAD_SHAPE when the sizes do not agree. */
  constructor(data: TypedArray, shape: Shape) {
    checkShape(shape);
    if (sizeOf(shape) !== data.length) {
      throw new LugeError(
        'BAD_SHAPE',
        `A tensor of shape ${showShape(shape)} holds ${sizeOf(shape)} elements, but the data has ${data.length}.`,
      );
    }
    this.data = data;
    this.shape = [...shape];
    this.dtype = dtypeOf(data);
  }

  /** The number of elements. */
  get size(): number {
    return this.data.length;
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Nested arrays of numbers; a plain number for a tensor of rank 0. */
  toArray(): NestedArray {
    const build = (axis: number, offset: number, stride: number): NestedArray => {
      if (axis === this.shape.length) return this.data[offset] as number;
      const dim = this.shape[axis] as number;
      const inner = dim === 0 ? 0 : stride / dim;
      return Array.from({ length: dim }, (_, i) => build(axis + 1, offset + i * inner, inner));
    };
    return build(0, 0, this.size);
  }

  /** The same data under another shape; one size may be -1. */
  reshape(shape: Shape): Tensor {
    return new Tensor(this.data, resolveReshape(this.shape, shape));
  }

  /** Rows [from, to) of the first axis, sharing the data. */
  rows(from: number, to: number = this.shape[0] ?? 0): Tensor {
    const count = this.shape[0];
    if (count === undefined || !(from >= 0 && from <= to && to <= count)) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `rows(${from}, ${to}) is outside a tensor of shape ${showShape(this.shape)}.`,
      );
    }
    const stride = sizeOf(this.shape.slice(1));
    return new Tensor(this.data.subarray(from * stride, to * stride), [
      to - from,
      ...this.shape.slice(1),
    ]);
  }

  /** Bytes of the data. */
  get byteLength(): number {
    return this.size * bytesPerElement(this.dtype);
  }

  /** Shape and element type, not the elements. */
  toString(): string {
    return `Tensor ${showShape(this.shape)} ${this.dtype}`;
  }
}

/**
 * A tensor from a typed array (not copied), a number, or flat or nested arrays of numbers.
 *
 * @param shape by default that of the nesting, or one axis for a typed array.
 * @param dtype by default that of the typed array, or float32.
 * @throws LugeError BAD_SHAPE when the nesting is ragged or does not fit `shape`.
 * @example
 * ```ts
 * tensor([[1, 2], [3, 4]]).shape; // => [2, 2]
 * tensor([1, 2, 3, 4], [2, 2]); // => [[1, 2], [3, 4]]
 * tensor([0.5, 1.5], [2], 'int32'); // => [0, 1]
 * tensor(Uint8Array.of(7, 8)).dtype; // => 'uint8'
 * ```
 */
export function tensor(data: TensorLike, shape?: Shape, dtype?: DType): Tensor {
  const wanted = dtype === undefined ? undefined : checkDType(dtype);
  if (data instanceof Tensor) {
    return new Tensor(convert(data.data, wanted ?? data.dtype), shape ?? data.shape);
  }
  if (ArrayBuffer.isView(data)) {
    const array = data as TypedArray;
    return new Tensor(convert(array, wanted ?? dtypeOf(array)), shape ?? [array.length]);
  }
  const nested = nestedShape(data);
  const flat = newArray(wanted ?? 'float32', sizeOf(nested));
  fill(data, nested, 0, flat, 0);
  return new Tensor(flat, shape ?? nested);
}

function convert(data: TypedArray, dtype: DType): TypedArray {
  if (dtypeOf(data) === dtype) return data;
  const out = newArray(dtype, data.length);
  out.set(data);
  return out;
}

function nestedShape(data: NestedArray): Shape {
  const shape: number[] = [];
  let level: NestedArray | undefined = data;
  while (Array.isArray(level)) {
    shape.push(level.length);
    level = level[0];
  }
  if (level !== undefined && typeof level !== 'number') {
    throw new LugeError(
      'BAD_DATA',
      `A tensor is made of numbers, but the data holds ${describe(level)}.`,
    );
  }
  return shape;
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Copies nested numbers into `flat` from `at` on; returns the position after them. */
function fill(data: NestedArray, shape: Shape, axis: number, flat: TypedArray, at: number): number {
  if (axis === shape.length) {
    if (typeof data !== 'number') {
      throw new LugeError(
        Array.isArray(data) ? 'BAD_SHAPE' : 'BAD_DATA',
        Array.isArray(data)
          ? 'The nested arrays are ragged: some are nested more deeply than the first.'
          : `A tensor is made of numbers, but the data holds ${describe(data)}.`,
      );
    }
    flat[at] = data;
    return at + 1;
  }
  if (!Array.isArray(data) || data.length !== shape[axis]) {
    throw new LugeError(
      'BAD_SHAPE',
      `The nested arrays are ragged: on axis ${axis} expected ${shape[axis]} elements, but got ` +
        `${Array.isArray(data) ? data.length : describe(data)}.`,
    );
  }
  let next = at;
  for (const item of data) next = fill(item, shape, axis + 1, flat, next);
  return next;
}
