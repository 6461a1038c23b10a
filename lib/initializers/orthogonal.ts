import { LugeError } from '../core/errors.js';
import type { Config } from '../core/registry.js';
import { type Shape, showShape, sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { randomNormal } from '../ops/random.js';
import { RandomInitializer, type SeedOptions } from './random.js';

export interface OrthogonalOptions extends SeedOptions {
  /** What the matrix is multiplied by. Default 1. */
  gain?: number;
}

/**
 * A random orthogonal matrix (Saxe et al. 2014): columns of length `gain` at right angles to each
 * other, or rows where there are fewer rows than columns. All axes but the last count as rows. Keeps
 * signals from growing or fading over the steps of a recurrence.
 */
export class Orthogonal extends RandomInitializer {
  static override className = 'Orthogonal';
  readonly gain: number;

  constructor(options: OrthogonalOptions = {}) {
    super(options, ['gain']);
    this.gain = options.gain ?? 1;
    if (!Number.isFinite(this.gain)) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `Orthogonal: gain must be a finite number, but got ${this.gain}.`,
      );
    }
  }

  protected override draw(shape: Shape): Tensor {
    if (shape.length < 2) {
      throw new LugeError(
        'BAD_SHAPE',
        `Orthogonal makes weights of at least two axes, but ${showShape(shape)} is wanted.`,
      );
    }
    const columns = shape.at(-1) as number;
    const rows = sizeOf(shape) / columns;
    const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
    const { seed } = this;
    const normal = randomNormal([count, length], { mean: 0, stddev: 1, seed });
    const vectors = orthonormalize(Float64Array.from(normal.data), count, length);
    const data = new Float32Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const at = rows < columns ? i * length + j : j * length + i;
        data[i * columns + j] = this.gain * (vectors[at] as number);
      }
    }
    return new Tensor(data, shape);
  }

  override getConfig(): Config {
    return { gain: this.gain, ...super.getConfig() };
  }
}

/**
 * Makes the rows of vectors [count, length] orthonormal in place (modified Gram-Schmidt): the q of
 * the QR decomposition whose r has a positive diagonal, which is uniform over all rotations when the
 * rows are normal (Mezzadri 2007).
 */
function orthonormalize(vectors: Float64Array, count: number, length: number): Float64Array {
  for (let k = 0; k < count; k++) {
    const q = vectors.subarray(k * length, (k + 1) * length);
    scale(q, 1 / Math.sqrt(dot(q, q)));
    for (let i = k + 1; i < count; i++) {
      const a = vectors.subarray(i * length, (i + 1) * length);
      const overlap = dot(q, a);
      for (let j = 0; j < length; j++) a[j] = (a[j] as number) - overlap * (q[j] as number);
    }
  }
  return vectors;
}

function scale(x: Float64Array, factor: number): void {
  for (let j = 0; j < x.length; j++) x[j] = (x[j] as number) * factor;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number);
  return sum;
}
