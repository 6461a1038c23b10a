import {
  type Constraint,
  type ConstraintLike,
  get as getConstraint,
} from '../constraints/index.js';
import { type Config, serialize } from '../core/registry.js';
import {
  get as getInitializer,
  type Initializer,
  type InitializerLike,
} from '../initializers/index.js';
import {
  get as getRegularizer,
  type Regularizer,
  type RegularizerLike,
} from '../regularizers/index.js';

/**
 * How a weight starts, what its size costs and what it must stay: a layer's options
 * `<weight>Initializer`, `<weight>Regularizer` and `<weight>Constraint`.
 */
export class WeightRule {
  readonly initializer: Initializer;
  readonly regularizer: Regularizer | undefined;
  readonly constraint: Constraint | undefined;

  /** @param initializer the one that is taken when the options give none. */
  constructor(weight: string, options: object, initializer: string) {
    const [start, penalty, limit] = WeightRule.options(weight).map(
      (name) => (options as Readonly<Record<string, unknown>>)[name],
    );
    this.initializer = getInitializer((start as InitializerLike | undefined) ?? initializer);
    this.regularizer =
      penalty === undefined ? undefined : getRegularizer(penalty as RegularizerLike);
    this.constraint = limit === undefined ? undefined : getConstraint(limit as ConstraintLike);
  }

  /** The names of a weight's options. */
  static options(weight: string): string[] {
    return ['Initializer', 'Regularizer', 'Constraint'].map((kind) => `${weight}${kind}`);
  }

  /** The options with Keras's names. */
  getConfig(weight: string): Config {
    return {
      [`${weight}_initializer`]: serialize(this.initializer),
      [`${weight}_regularizer`]: serialize(this.regularizer),
      [`${weight}_constraint`]: serialize(this.constraint),
    };
  }
}
