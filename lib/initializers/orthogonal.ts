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
 * other, w^T w = gain^2 I, or rows where there are fewer rows than columns, w w^T = gain^2 I. All
 * axes but the last count as rows. Keeps signals from growing or fading over the steps of a
 * recurrence.
 *
 * @example
 * ```ts
 * const w = initializers.orthogonal({ seed: 1 }).make([3, 3]);
 * const products = ops.matmul(w, w, { transposeA: true });
 * ops.round(ops.abs(products)); // => [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
 * ```
 */
export class Orthogonal extends RandomInitializer {
  static override className = 'Orthogonal';
  /** What the matrix is multiplied by. */
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
    const vectors = Float64Array.from(normal.data);
    orthonormalize(vectors, count, length);
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

/** So many vectors are taken off the others in one pass. */
const panel = 4;

/**
 * Makes the rows of vectors [count, length] orthonormal in place (modified Gram-Schmidt by panels of
 * rows): the q of the QR decomposition whose r has a positive diagonal, which is uniform over all
 * rotations when the rows are normal (Mezzadri 2007).
 */
function orthonormalize(vectors: Float64Array, count: number, length: number): void {
  for (let first = 0; first < count; first += panel) {
    const end = Math.min(count, first + panel);
    for (let k = first; k < end; k++) {
      normalize(vectors, k * length, length);
      for (let i = k + 1; i < end; i++) takeOff(vectors, k * length, i * length, length);
    }
    for (let i = end; i < count; i++) takeOffPanel(vectors, first * length, i * length, length);
  }
}

function normalize(x: Float64Array, at: number, length: number): void {
  let square = 0;
  for (let j = at; j < at + length; j++) square += (x[j] as number) ** 2;
  const factor = 1 / Math.sqrt(square);
  for (let j = at; j < at + length; j++) x[j] = (x[j] as number) * factor;
}

/** Takes the part along the unit vector at q off the one at a. */
function takeOff(x: Float64Array, q: number, a: number, length: number): void {
  let overlap = 0;
  for (let j = 0; j < length; j++) overlap += (x[q + j] as number) * (x[a + j] as number);
  for (let j = 0; j < length; j++) {
    x[a + j] = (x[a + j] as number) - overlap * (x[q + j] as number);
  }
}

/** The same for a panel of orthonormal vectors from q on: four sums that wait for each other less. */
function takeOffPanel(x: Float64Array, q0: number, a: number, length: number): void {
  const [q1, q2, q3] = [q0 + length, q0 + 2 * length, q0 + 3 * length];
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let j = 0; j < length; j++) {
    const value = x[a + j] as number;
    s0 += value * (x[q0 + j] as number);
    s1 += value * (x[q1 + j] as number);
    s2 += value * (x[q2 + j] as number);
    s3 += value * (x[q3 + j] as number);
  }
  for (let j = 0; j < length; j++) {
    const front = s0 * (x[q0 + j] as number) + s1 * (x[q1 + j] as number);
    const back = s2 * (x[q2 + j] as number) + s3 * (x[q3 + j] as number);
    x[a + j] = (x[a + j] as number) - (front + back);
  }
}
