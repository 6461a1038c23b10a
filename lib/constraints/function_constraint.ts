import { LugeError } from '../core/errors.js';
import type { Config } from '../core/registry.js';
import { sameShape, showShape } from '../core/shape.js';
import { Value } from '../graph/ir.js';
import { Constraint } from './constraint.js';

/** A constraint of your own, written with `ops`: the weight as it must be, of the same shape. */
export type ConstraintFunction = (weight: Value) => Value;

/** A user's function as a constraint. */
export class FunctionConstraint extends Constraint {
  static override className = 'FunctionConstraint';
  private readonly compute: ConstraintFunction;

  constructor(compute: ConstraintFunction) {
    super();
    this.compute = compute;
  }

  override apply(weight: Value): Value {
    const next = this.compute(weight);
    if (next instanceof Value && sameShape(next.shape, weight.shape)) return next;
    throw new LugeError(
      'BAD_SHAPE',
      `Constraint '${this.compute.name}': expected a weight of the same shape ${showShape(weight.shape)}, ` +
        `such as ops.maximum(w, 0), but got ${next instanceof Value ? showShape(next.shape) : typeof next}.`,
    );
  }

  override getConfig(): Config {
    return { function: this.compute.name };
  }

  static override fromConfig<C extends Constraint>(config: Config): C {
    throw new LugeError(
      'UNSUPPORTED',
      `Constraint '${config.function}': a configuration does not hold its function. Extend Constraint ` +
        'and register the class instead.',
    );
  }
}
