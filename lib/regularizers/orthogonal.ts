import { LugeError } from '../core/errors.js';
import { checkChoice, checkOptions, checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import { showShape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import { maximum, multiply } from '../ops/binary.js';
import { matmul } from '../ops/matmul.js';
import { sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { slice } from '../ops/slice.js';
import { transpose } from '../ops/transpose.js';
import { abs, rsqrt, square } from '../ops/unary.js';
import { Regularizer } from './regularizer.js';

export interface OrthogonalRegularizerOptions {
  /** What the mean is multiplied by. Default 0.01. */
  factor?: number;
  /** Which vectors of the weight are to be at right angles. Default 'rows'. */
  mode?: 'rows' | 'columns';
}

/** factor * mean(|cos|) of the angles between any two rows, or columns, of a matrix. */
export class OrthogonalRegularizer extends Regularizer {
  static override className = 'OrthogonalRegularizer';
  private readonly factor: number;
  private readonly mode: 'rows' | 'columns';

  constructor(options: OrthogonalRegularizerOptions = {}) {
    super();
    checkOptions(this.className, options, ['factor', 'mode']);
    this.factor = checkRange(`${this.className}: factor`, options.factor ?? 0.01, 0);
    const { mode = 'rows' } = options;
    this.mode = checkChoice(`${this.className} mode`, mode, ['rows', 'columns']);
  }

  override penalty(weight: Variable | Value): Value {
    if (weight.shape.length !== 2) {
      throw new LugeError(
        'BAD_SHAPE',
        `${this.className}: expected a weight with rows and columns, such as the kernel of a dense ` +
          `layer, but got one of shape ${showShape(weight.shape)}.`,
      );
    }
    const vectors = this.mode === 'rows' ? multiply(weight, 1) : transpose(weight, [1, 0]);
    const [count] = vectors.shape as [number, number];
    if (count === 1) return vectors.node.graph.constant(0);
    // Keras's smallest length is 1e-7.
    const lengths = maximum(sum(square(vectors), 1, true), 1e-14);
    const units = multiply(vectors, rsqrt(lengths));
    const cosines = matmul(units, transpose(units, [1, 0]));
    const total = sum(abs(withoutDiagonal(cosines, count)));
    return multiply(this.factor / (count * (count - 1)), total);
  }

  override getConfig(): Config {
    return { factor: this.factor, mode: this.mode };
  }
}

/** x [n, n] as [n - 1, n]: behind the first number, every (n + 1)th is of the diagonal. */
function withoutDiagonal(x: Value, n: number): Value {
  const behind = slice(reshape(x, [n * n]), [1], [n * n - 1]);
  return slice(reshape(behind, [n - 1, n + 1]), [0, 0], [n - 1, n]);
}
