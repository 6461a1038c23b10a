import { LugeError } from '../core/errors.js';
import type { Config } from '../core/registry.js';
import { showShape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import { Value } from '../graph/ir.js';
import { currentGraph, toValue } from '../ops/define.js';
import { Regularizer } from './regularizer.js';

/** A penalty of your own: a scalar, written with `ops`, which is what gives it a gradient. */
export type RegularizerFunction = (weight: Value) => Value;

/** A user's function as a regularizer. */
export class FunctionRegularizer extends Regularizer {
  static override className = 'FunctionRegularizer';
  private readonly compute: RegularizerFunction;

  constructor(compute: RegularizerFunction) {
    super();
    this.compute = compute;
  }

  override penalty(weight: Variable | Value): Value {
    const penalty = this.compute(toValue(currentGraph(), weight));
    if (penalty instanceof Value && penalty.rank === 0) return penalty;
    throw new LugeError(
      'BAD_SHAPE',
      `Regularizer '${this.compute.name}': expected a single number, such as ops.sum(ops.abs(w)), but got ` +
        `${penalty instanceof Value ? showShape(penalty.shape) : typeof penalty}.`,
    );
  }

  override getConfig(): Config {
    return { function: this.compute.name };
  }

  static override fromConfig<R extends Regularizer>(config: Config): R {
    throw new LugeError(
      'UNSUPPORTED',
      `Regularizer '${config.function}': a configuration does not hold its function. Extend Regularizer ` +
        'and register the class instead.',
    );
  }
}
