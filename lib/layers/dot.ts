import type { Config } from '../core/registry.js';
import { sizeOf } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { maximum, multiply } from '../ops/binary.js';
import { matmul } from '../ops/matmul.js';
import { sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { moveAxis } from '../ops/transpose.js';
import { rsqrt, square } from '../ops/unary.js';
import { showBatched } from './check_input.js';
import { Layer, type LayerOptions } from './layer.js';

export interface DotOptions extends LayerOptions {
  /** The axis of both inputs, or of each, along which products are added up; not the batch. */
  axes: number | readonly [number, number];
  /** Whether to scale both inputs to length 1 along their axes, which gives the cosine. Default false. */
  normalize?: boolean;
}

/**
 * The products of two inputs added up along an axis of each, sample by sample: of [batch, a..., n]
 * and [batch, n, b...] with axes [-1, 1], [batch, a..., b...]. Of two vectors a sample, [batch, 1].
 *
 * Source: Keras's Dot.
 *
 * @example
 * ```ts
 * const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
 * const products = layers.dot({ axes: 1 }).apply([a, b]);
 * const similarity = model({ inputs: [a, b], outputs: products });
 * await similarity.predict([[[1, 2]], [[3, 4]]]); // => [[11]]
 * ```
 */
export class Dot extends Layer {
  static override className = 'Dot';
  private readonly axes: readonly [number, number];
  private readonly normalize: boolean;

  constructor(options: DotOptions) {
    super(options, ['axes', 'normalize']);
    const { axes } = options;
    const pair = typeof axes === 'number' ? [axes, axes] : axes;
    const fits = (axis: number) => Number.isSafeInteger(axis) && axis !== 0;
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every(fits)) {
      throw this.error(
        'BAD_ARGUMENT',
        `axes must be a whole number other than 0, which is the batch, or two of them, but got ` +
          `${JSON.stringify(axes)}.`,
      );
    }
    this.axes = pair as [number, number];
    this.normalize = this.flag('normalize', options.normalize, false);
  }

  override call(inputs: Value | Value[]): Value {
    const values = [inputs].flat();
    const places = values.map(({ rank }, i) => {
      const axis = this.axes[i] ?? 0;
      return axis < 0 ? axis + rank : axis;
    });
    const sizes = values.map(({ shape }, i) => shape[places[i] as number]);
    const [a, b] = values as [Value, Value];
    const inside = values.every(({ rank }, i) => (places[i] ?? 0) >= 1 && (places[i] ?? 0) < rank);
    if (values.length !== 2 || !inside || sizes[0] !== sizes[1] || a.shape[0] !== b.shape[0]) {
      throw this.error(
        'BAD_SHAPE',
        `expected 2 inputs of equal size on axes [${this.axes.join(', ')}], but got ` +
          `${values.map((value) => showBatched(value.shape)).join(' and ')}.`,
      );
    }
    const n = sizes[0] as number;
    const [left, right] = values.map((value, i) => this.scaled(value, places[i] as number)) as [
      Value,
      Value,
    ];
    const rows = moveAxis(left, places[0] as number, left.rank - 1);
    const columns = moveAxis(right, places[1] as number, 1);
    const [batch, ...outer] = rows.shape.slice(0, -1) as [number, ...number[]];
    const inner = columns.shape.slice(2);
    const y = matmul(
      reshape(rows, [batch, sizeOf(outer), n]),
      reshape(columns, [batch, n, sizeOf(inner)]),
    );
    const shape = [...outer, ...inner];
    return reshape(y, [batch, ...(shape.length === 0 ? [1] : shape)]);
  }

  /** What comes out has no steps that could be skipped. */
  override computeMask(): undefined {
    return undefined;
  }

  private scaled(x: Value, axis: number): Value {
    if (!this.normalize) return x;
    // Keras's smallest squared length.
    return multiply(x, rsqrt(maximum(sum(square(x), axis, true), 1e-12)));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), axes: this.axes, normalize: this.normalize };
  }
}
