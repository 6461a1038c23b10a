import { LugeError } from '../core/errors.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { add, divide, maximum, minimum, multiply, subtract } from '../ops/binary.js';
import { abs, log1p, softplus, square } from '../ops/unary.js';
import { ElementwiseLoss } from './elementwise_loss.js';
import type { LossOptions } from './loss.js';
import { kEpsilon } from './probabilities.js';

/**
 * mean((y - p)^2) over the last axis; both of shape [batch, ..., n].
 *
 * Source: Keras's MeanSquaredError.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: losses.meanSquaredError() });
 * await model.evaluate([[1, 4]], [[1, 2]]); // => { loss: 2 }
 * ```
 */
export class MeanSquaredError extends ElementwiseLoss {
  static override className = 'MeanSquaredError';

  constructor(options: LossOptions = {}) {
    super(options, 'mean_squared_error', []);
  }

  protected override each(truth: Value, predictions: Value): Value {
    return square(subtract(truth, predictions));
  }
}

/**
 * mean(|y - p|) over the last axis; both of shape [batch, ..., n].
 *
 * Source: Keras's MeanAbsoluteError.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: losses.meanAbsoluteError() });
 * await model.evaluate([[1, 4]], [[1, 2]]); // => { loss: 1 }
 * ```
 */
export class MeanAbsoluteError extends ElementwiseLoss {
  static override className = 'MeanAbsoluteError';

  constructor(options: LossOptions = {}) {
    super(options, 'mean_absolute_error', []);
  }

  protected override each(truth: Value, predictions: Value): Value {
    return abs(subtract(truth, predictions));
  }
}

/**
 * 100 * mean(|y - p| / max(|y|, 1e-7)) over the last axis; both of shape [batch, ..., n].
 *
 * Source: Keras's MeanAbsolutePercentageError.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: losses.meanAbsolutePercentageError() });
 * await model.evaluate([[1, 3]], [[1, 2]]); // => { loss: 25 }
 * ```
 */
export class MeanAbsolutePercentageError extends ElementwiseLoss {
  static override className = 'MeanAbsolutePercentageError';

  constructor(options: LossOptions = {}) {
    super(options, 'mean_absolute_percentage_error', []);
  }

  protected override each(truth: Value, predictions: Value): Value {
    const error = abs(subtract(truth, predictions));
    return multiply(divide(error, maximum(abs(truth), kEpsilon)), 100);
  }
}

/**
 * mean((log(1 + y) - log(1 + p))^2) over the last axis; both of shape [batch, ..., n]. What is below
 * 1e-7 counts as 1e-7.
 *
 * Source: Keras's MeanSquaredLogarithmicError.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: losses.meanSquaredLogarithmicError() });
 * await model.evaluate([[3]], [[1]]); // => { loss: 0.4805 }
 * ```
 */
export class MeanSquaredLogarithmicError extends ElementwiseLoss {
  static override className = 'MeanSquaredLogarithmicError';

  constructor(options: LossOptions = {}) {
    super(options, 'mean_squared_logarithmic_error', []);
  }

  protected override each(truth: Value, predictions: Value): Value {
    const logOf = (x: Value) => log1p(maximum(x, kEpsilon));
    return square(subtract(logOf(predictions), logOf(truth)));
  }
}

export interface HuberOptions extends LossOptions {
  /** The error up to which the loss is quadratic, above 0. Default 1. */
  delta?: number;
}

/**
 * The mean over the last axis of e^2 / 2 where the error e = p - y is at most delta, and of
 * delta * |e| - delta^2 / 2 where it is larger; both of shape [batch, ..., n].
 *
 * Huber, Robust Estimation of a Location Parameter, 1964.
 *
 * Source: Keras's Huber.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: losses.huber({ delta: 1 }) });
 * await model.evaluate([[0.5, 3]], [[0, 0]]); // => { loss: 1.3125 }
 * ```
 */
export class Huber extends ElementwiseLoss {
  static override className = 'Huber';
  private readonly delta: number;

  constructor(options: HuberOptions = {}) {
    super(options, 'huber_loss', ['delta']);
    this.delta = options.delta ?? 1;
    if (!(this.delta > 0 && this.delta < Number.POSITIVE_INFINITY)) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `Huber: delta must be a finite number above 0, but got ${this.delta}.`,
      );
    }
  }

  protected override each(truth: Value, predictions: Value): Value {
    // With q = min(|e|, delta) both cases are q * (|e| - q / 2).
    const error = abs(subtract(predictions, truth));
    const quadratic = minimum(error, this.delta);
    return multiply(quadratic, subtract(error, multiply(quadratic, 0.5)));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), delta: this.delta };
  }
}

/**
 * mean(log(cosh(p - y))) over the last axis; both of shape [batch, ..., n]. Computed as
 * e + log(1 + exp(-2e)) - log(2), which does not overflow.
 *
 * Source: Keras's LogCosh.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
 * model.compile({ loss: losses.logCosh() });
 * await model.evaluate([[1]], [[0]]); // => { loss: 0.4338 }
 * ```
 */
export class LogCosh extends ElementwiseLoss {
  static override className = 'LogCosh';

  constructor(options: LossOptions = {}) {
    super(options, 'log_cosh', []);
  }

  protected override each(truth: Value, predictions: Value): Value {
    const error = subtract(predictions, truth);
    return subtract(add(error, softplus(multiply(error, -2))), Math.LN2);
  }
}
