import { broadcastShapes, type Shape, sizeOf } from '../../lib/core/shape.js';
import type { Tensor } from '../../lib/core/tensor.js';

/** A tensor in float64, in which references are computed. */
export class Real {
  readonly shape: Shape;
  readonly data: Float64Array;
  private readonly strides: readonly number[];

  constructor(shape: Shape, data: Float64Array) {
    this.shape = shape;
    this.data = data;
    // An axis of size 1 answers to any index, as broadcasting has it.
    this.strides = shape.map((dim, i) => (dim === 1 ? 0 : sizeOf(shape.slice(i + 1))));
  }

  static of({ shape, data }: Tensor): Real {
    return new Real(shape, Float64Array.from(data));
  }

  /** A tensor from a function of the index. */
  static make(shape: Shape, element: (index: readonly number[]) => number): Real {
    const data = new Float64Array(sizeOf(shape));
    const index = shape.map(() => 0);
    for (let i = 0; i < data.length; i++) {
      data[i] = element(index);
      for (let axis = index.length - 1; axis >= 0; axis--) {
        index[axis] = (index[axis] as number) + 1;
        if ((index[axis] as number) < (shape[axis] as number)) break;
        index[axis] = 0;
      }
    }
    return new Real(shape, data);
  }

  /** The element at an index, which may have more axes in front. */
  at(index: readonly number[]): number {
    const lead = index.length - this.shape.length;
    let offset = 0;
    for (let axis = 0; axis < this.strides.length; axis++) {
      offset += (index[lead + axis] as number) * (this.strides[axis] as number);
    }
    return this.data[offset] as number;
  }

  map(f: (x: number) => number): Real {
    return new Real(this.shape, this.data.map(f));
  }
}

/** A function of numbers on tensors that broadcast. */
export function elementwise(f: (...xs: number[]) => number): (...xs: Real[]) => Real {
  return (...xs) =>
    Real.make(broadcastShapes(xs.map(({ shape }) => shape)), (index) =>
      f(...xs.map((x) => x.at(index))),
    );
}

/** A function of all the numbers along the axes, in order, which become size 1 or vanish. */
export function alongAxes(
  x: Real,
  axes: readonly number[],
  f: (xs: number[]) => number,
  keepDims = false,
): Real {
  const kept = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const inner = x.shape.map((dim, axis) => (axes.includes(axis) ? dim : 1));
  const full = Real.make(kept, (outer) => {
    const xs: number[] = [];
    Real.make(inner, (index) => xs.push(x.at(outer.map((at, i) => at + (index[i] as number)))));
    return f(xs);
  });
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  return new Real(shape, full.data);
}

export function total(xs: readonly number[]): number {
  return xs.reduce((sum, x) => sum + x, 0);
}
