import { LugeError } from '../core/errors.js';
import { showShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import type { Spec } from '../graph/ir.js';

/** Samples as a step takes them: a tensor for each input, output and weighted output. */
export class Samples {
  readonly x: readonly Tensor[];
  readonly y: readonly Tensor[];
  /** Sample weights [n] of each output; undefined where all weigh the same. */
  readonly weights: readonly (Tensor | undefined)[];

  /** @throws LugeError BAD_DATA when there are none, BAD_SHAPE when numbers of samples differ. */
  constructor(
    what: string,
    x: readonly Tensor[],
    y: readonly Tensor[] = [],
    weights: readonly (Tensor | undefined)[] = [],
  ) {
    this.x = x;
    this.y = y;
    this.weights = weights;
    for (const [name, tensors] of [
      ['x', x],
      ['y', y],
      ['sampleWeight', weights],
    ] as const) {
      for (const tensor of tensors) if (tensor !== undefined) this.check(what, name, tensor);
    }
  }

  /** The number of samples. */
  get count(): number {
    return (this.x[0] as Tensor).shape[0] as number;
  }

  /** In the order of a step's feeds. */
  get tensors(): Tensor[] {
    return [...this.x, ...this.y, ...this.weights.filter((weight) => weight !== undefined)];
  }

  /** Samples [from, to), without copying. */
  rows(from: number, to: number): Samples {
    const cut = (tensor: Tensor) => tensor.rows(from, to);
    return new Samples(
      '',
      this.x.map(cut),
      this.y.map(cut),
      this.weights.map((weight) => weight && cut(weight)),
    );
  }

  /** The same in memory of its own. */
  copied(): Samples {
    const copy = ({ data, shape }: Tensor) => new Tensor(data.slice(), shape);
    return new Samples(
      '',
      this.x.map(copy),
      this.y.map(copy),
      this.weights.map((weight) => weight && copy(weight)),
    );
  }

  private check(what: string, name: string, tensor: Tensor): void {
    const found = tensor.shape[0];
    if (found === undefined || found === 0) {
      throw new LugeError(
        'BAD_DATA',
        `${what}: ${name} of shape ${showShape(tensor.shape)} has no samples; at least one is needed.`,
      );
    }
    if (found !== this.count) {
      throw new LugeError(
        'BAD_SHAPE',
        `${what}: all of the data must have as many samples, but x has ${this.count} ` +
          `(${showShape((this.x[0] as Tensor).shape)}) and ${name} has ${found} (${showShape(tensor.shape)}).`,
      );
    }
  }
}

/** A tensor's rows: their shape and element type. */
export function rowSpec({ shape, dtype }: Tensor): Spec {
  return { shape: shape.slice(1), dtype };
}
