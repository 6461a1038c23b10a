import { checkCount } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { broadcastTo } from '../ops/broadcast.js';
import { reshape } from '../ops/reshape.js';
import { transpose } from '../ops/transpose.js';
import { checkInput } from './check_input.js';
import { Layer, type LayerOptions } from './layer.js';

export interface PermuteOptions extends LayerOptions {
  /** The axes of a sample, counted from 1, in their new order: [2, 1] swaps two. */
  dims: readonly number[];
}

/**
 * The axes of each sample in another order; the batch stays in front. Input [batch, ...], output
 * [batch, ...] of the sizes that `dims` says.
 *
 * Source: Keras's Permute.
 *
 * @example
 * ```ts
 * const model = sequential([layers.permute({ dims: [2, 1], inputShape: [2, 3] })]);
 * await model.predict([[[1, 2, 3], [4, 5, 6]]]); // => [[[1, 4], [2, 5], [3, 6]]]
 * ```
 */
export class Permute extends Layer {
  static override className = 'Permute';
  private readonly dims: readonly number[];

  constructor(options: PermuteOptions) {
    super(options, ['dims']);
    const { dims } = options;
    const isOrder =
      Array.isArray(dims) && [...dims].sort((a, b) => a - b).every((d, i) => d === i + 1);
    if (!isOrder) {
      throw this.error(
        'BAD_ARGUMENT',
        'dims must hold the axes of a sample, 1, 2, ..., each once, such as [2, 1], but got ' +
          `${JSON.stringify(dims)}.`,
      );
    }
    this.dims = [...dims];
  }

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: '[batch, ...]', rank: this.dims.length + 1 });
    return transpose(x, [0, ...this.dims]);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), dims: this.dims };
  }
}

export interface RepeatVectorOptions extends LayerOptions {
  /** How many times. */
  n: number;
}

/**
 * Each sample n times, as the steps of a sequence: [batch, features] to [batch, n, features].
 *
 * Source: Keras's RepeatVector.
 *
 * @example
 * ```ts
 * const model = sequential([layers.repeatVector({ n: 3, inputShape: [2] })]);
 * await model.predict([[1, 2]]); // => [[[1, 2], [1, 2], [1, 2]]]
 * ```
 */
export class RepeatVector extends Layer {
  static override className = 'RepeatVector';
  private readonly n: number;

  constructor(options: RepeatVectorOptions) {
    super(options, ['n']);
    this.n = this.named(() => checkCount('n', options.n));
  }

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: '[batch, features]', rank: 2 });
    const [batch, features] = x.shape as [number, number];
    return broadcastTo(reshape(x, [batch, 1, features]), [batch, this.n, features]);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), n: this.n };
  }
}
