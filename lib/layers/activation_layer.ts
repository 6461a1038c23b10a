import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { Activation, type ActivationLike } from './activations.js';
import { Layer, type LayerOptions } from './layer.js';

export interface ActivationOptions extends LayerOptions {
  /** A name ('relu', 'softmax', ...) or a function written with `ops`. */
  activation: ActivationLike;
}

/**
 * activation(x), of any shape.
 *
 * Source: Keras's Activation.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'relu', inputShape: [2] })]);
 * await model.predict([[-1, 2]]); // => [[0, 2]]
 * ```
 */
export class ActivationLayer extends Layer {
  static override className = 'Activation';
  override supportsMasking = true;
  private readonly activation: Activation;

  constructor(options: ActivationOptions) {
    super(options, ['activation']);
    if (options.activation === undefined) {
      throw this.error('BAD_ARGUMENT', "expected an activation, such as { activation: 'relu' }.");
    }
    this.activation = this.named(() => new Activation(options.activation));
  }

  override call(x: Value): Value {
    return this.activation.apply(x);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), activation: this.activation.name };
  }
}
