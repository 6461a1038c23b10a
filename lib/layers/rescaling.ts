import { LugeError } from '../core/errors.js';
import type { Config } from '../core/registry.js';
import { Tensor, tensor } from '../core/tensor.js';
import type { Value } from '../graph/ir.js';
import { add, multiply } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { Layer, type LayerOptions } from './layer.js';

/** One factor, or one for each channel (the last axis). */
type Factor = number | readonly number[];

export interface RescalingOptions extends LayerOptions {
  /** What each element is multiplied by, such as 1 / 255 for images of bytes. */
  scale: Factor;
  /** What is added then. Default 0. */
  offset?: Factor;
}

/**
 * x * scale + offset in float32, of any shape; takes bytes as they are.
 *
 * Source: Keras's Rescaling.
 *
 * @example
 * ```ts
 * const model = sequential([layers.rescaling({ scale: 1 / 255, inputShape: [2] })]);
 * await model.predict([[0, 255]]); // => [[0, 1]]
 * ```
 */
export class Rescaling extends Layer {
  static override className = 'Rescaling';
  override supportsMasking = true;
  private readonly scale: number | Tensor;
  private readonly offset: number | Tensor;

  constructor(options: RescalingOptions) {
    super(options, ['scale', 'offset']);
    this.scale = this.named(() => factor('scale', options.scale));
    this.offset = this.named(() => factor('offset', options.offset ?? 0));
  }

  override call(x: Value): Value {
    const scaled = multiply(cast(x, 'float32'), this.scale);
    return this.offset === 0 ? scaled : add(scaled, this.offset);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), scale: plain(this.scale), offset: plain(this.offset) };
  }
}

function factor(name: string, value: Factor): number | Tensor {
  const numbers = typeof value === 'number' ? [value] : value;
  if (Array.isArray(numbers) && numbers.length > 0 && numbers.every(Number.isFinite)) {
    return typeof value === 'number' ? value : tensor(numbers);
  }
  throw new LugeError(
    'BAD_ARGUMENT',
    `${name} must be a finite number or a list of them, one a channel, but got ${JSON.stringify(value)}.`,
  );
}

function plain(value: number | Tensor): number | number[] {
  return value instanceof Tensor ? [...value.data] : value;
}
