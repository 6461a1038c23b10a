import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { softmax } from '../ops/softmax.js';
import { Layer, type LayerOptions } from './layer.js';

export interface SoftmaxOptions extends LayerOptions {
  /** The axis along which the outputs add up to 1, the batch being axis 0. Default -1. */
  axis?: number;
}

/**
 * e^x / sum(e^x) along an axis, of any shape.
 *
 * Source: Keras's Softmax.
 *
 * @example
 * ```ts
 * const model = sequential([layers.softmax({ inputShape: [2] })]);
 * await model.predict([[0, 0]]); // => [[0.5, 0.5]]
 * ```
 */
export class Softmax extends Layer {
  static override className = 'Softmax';
  override supportsMasking = true;
  private readonly axis: number;

  constructor(options: SoftmaxOptions = {}) {
    super(options, ['axis']);
    this.axis = options.axis ?? -1;
    if (!Number.isSafeInteger(this.axis)) {
      throw this.error('BAD_ARGUMENT', `axis must be a whole number, but got ${this.axis}.`);
    }
  }

  override call(x: Value): Value {
    return softmax(x, this.axis);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), axis: this.axis };
  }
}
