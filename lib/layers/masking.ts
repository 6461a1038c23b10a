import type { Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { notEqual } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { max } from '../ops/reduce.js';
import { where } from '../ops/where.js';
import { checkInput } from './check_input.js';
import { Layer, type LayerOptions } from './layer.js';

export interface MaskingOptions extends LayerOptions {
  /** A step that holds nothing but this number is skipped. Default 0. */
  maskValue?: number;
}

/**
 * Marks the steps of a sequence to skip: those in which every feature is `maskValue`. Layers behind
 * it that know about masks leave them out; see `Layer.supportsMasking`. Keras's `Masking`.
 *
 * Input and output [batch, time, ..., features]; marked steps become 0.
 *
 * @throws LugeError BAD_ARGUMENT when `maskValue` is not a number.
 *
 * @example
 * ```ts
 * // Sequences of different lengths, filled up with -1.
 * const model = sequential([
 *   layers.masking({ maskValue: -1, inputShape: [null, 1] }),
 *   layers.globalAveragePooling1d(),
 * ]);
 * await model.predict([[[2], [4], [-1]], [[3], [-1], [-1]]]); // => [[3], [3]]
 * ```
 */
export class Masking extends Layer {
  static override className = 'Masking';
  private readonly maskValue: number;

  constructor(options: MaskingOptions = {}) {
    super(options, ['maskValue']);
    this.maskValue = options.maskValue ?? 0;
    if (typeof this.maskValue === 'number' && Number.isFinite(this.maskValue)) return;
    throw this.error(
      'BAD_ARGUMENT',
      `maskValue must be a finite number, but got ${JSON.stringify(options.maskValue)}.`,
    );
  }

  override build(inputShape: PartialShape): void {
    checkInput(this, inputShape, { axes: '[batch, ..., features]', minRank: 2 });
  }

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: '[batch, ..., features]', minRank: 2 });
    return where(max(this.differs(x), -1, true), x, 0);
  }

  override computeMask(inputs: Value | Value[]): Value {
    return max(this.differs(inputs as Value), -1);
  }

  private differs(x: Value): Value {
    return cast(notEqual(x, this.maskValue), 'float32');
  }

  override getConfig(): Config {
    return { ...super.getConfig(), mask_value: this.maskValue };
  }
}
