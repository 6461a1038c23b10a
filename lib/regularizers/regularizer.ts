import { type Config, classNameOf, optionsFromConfig } from '../core/registry.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';

/**
 * A penalty on a weight, which training adds to the loss.
 *
 * @example
 * ```ts
 * // Keeps the mean of a weight near 0.
 * class MeanPenalty extends regularizers.Regularizer {
 *   static override className = 'MeanPenalty';
 *   override penalty(weight: Variable | Value): Value {
 *     return ops.square(ops.mean(weight));
 *   }
 * }
 * const layer = layers.dense({ units: 10, kernelRegularizer: new MeanPenalty() });
 * ```
 */
export abstract class Regularizer {
  /** The class's name in configurations. */
  static className = 'Regularizer';

  get className(): string {
    return classNameOf(this.constructor);
  }

  /** The penalty, a scalar of the graph under construction. */
  abstract penalty(weight: Variable | Value): Value;

  /** The settings with Keras's names, from which `fromConfig` makes an equal regularizer. */
  getConfig(): Config {
    return {};
  }

  /** A regularizer from its settings; unknown ones are an error. */
  static fromConfig<R extends Regularizer>(this: new (options: never) => R, config: Config): R {
    return new this(optionsFromConfig(config) as never);
  }
}
