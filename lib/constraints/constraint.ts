import { type Config, classNameOf, optionsFromConfig } from '../core/registry.js';
import type { Value } from '../graph/ir.js';

/**
 * What a weight must be: training puts it right after every step of the optimizer.
 *
 * @example
 * ```ts
 * class Bounded extends constraints.Constraint {
 *   static override className = 'Bounded';
 *   override apply(weight: Value): Value {
 *     return ops.clip(weight, -1, 1);
 *   }
 * }
 * const layer = layers.dense({ units: 10, kernelConstraint: new Bounded() });
 * ```
 */
export abstract class Constraint {
  /** The class's name in configurations. */
  static className = 'Constraint';

  get className(): string {
    return classNameOf(this.constructor);
  }

  /** The nearest weight that is as it must be, of the same shape. */
  abstract apply(weight: Value): Value;

  /** The settings with Keras's names, from which `fromConfig` makes an equal constraint. */
  getConfig(): Config {
    return {};
  }

  /** A constraint from its settings; unknown ones are an error. */
  static fromConfig<C extends Constraint>(this: new (options: never) => C, config: Config): C {
    return new this(optionsFromConfig(config) as never);
  }
}
