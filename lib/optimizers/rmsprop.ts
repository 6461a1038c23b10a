import { checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { add, divide, maximum, multiply, subtract } from '../ops/binary.js';
import { sqrt, square } from '../ops/unary.js';
import { Optimizer, type OptimizerOptions, type OptimizerStep } from './optimizer.js';

export interface RMSpropOptions extends OptimizerOptions {
  /** What remains of the running means at each step. Default 0.9. */
  rho?: number;
  /** Share of the last step that is taken again. Default 0. */
  momentum?: number;
  /** Keeps the divisor from 0. Default 1e-7. */
  epsilon?: number;
  /** Divide by the deviation from the mean gradient instead of the mean square. Default false. */
  centered?: boolean;
}

/**
 * Steps divided by the running root mean square of the gradient (Tieleman and Hinton 2012):
 * v = rho * v + (1 - rho) * g^2, p -= rate * g / sqrt(v + epsilon). When centered, the square of the
 * running mean gradient is taken from v. Default learning rate 0.001.
 *
 * @example
 * ```ts
 * const weight = { units: 1, useBias: false, kernelInitializer: 'ones' };
 * const model = sequential([layers.dense({ ...weight, inputShape: [1] })]);
 * model.compile({ optimizer: optimizers.rmsprop({ learningRate: 0.1 }), loss: 'mse' });
 * await model.trainOnBatch([[1]], [[0]]); // the gradient is 2
 * model.getWeights()[0]; // => [[0.6838]]
 * ```
 */
export class RMSprop extends Optimizer {
  static override className = 'RMSprop';
  /** What remains of the running means at each step. */
  readonly rho: number;
  /** Share of the last step that is taken again. */
  readonly momentum: number;
  /** Keeps the divisor from 0. */
  readonly epsilon: number;
  /** Divide by the deviation from the mean gradient instead of the mean square. */
  readonly centered: boolean;
  override readonly slotNames: readonly string[];

  constructor(options: RMSpropOptions = {}) {
    super(options, 0.001, ['rho', 'momentum', 'epsilon', 'centered']);
    this.rho = checkRange('RMSprop: rho', options.rho ?? 0.9, 0, 1, true);
    this.momentum = checkRange('RMSprop: momentum', options.momentum ?? 0, 0, 1, true);
    this.epsilon = checkRange('RMSprop: epsilon', options.epsilon ?? 1e-7, 0);
    this.centered = options.centered ?? false;
    this.slotNames = [
      'velocity',
      ...(this.momentum > 0 ? ['momentum'] : []),
      ...(this.centered ? ['average_gradient'] : []),
    ];
  }

  override update(
    p: Value,
    g: Value,
    slots: Record<string, Value>,
    scalars: Record<string, Value>,
  ): OptimizerStep {
    const velocity = this.follow(slots.velocity as Value, square(g));
    const next: Record<string, Value> = { velocity };
    let spread = velocity;
    if (this.centered) {
      const average = this.follow(slots.average_gradient as Value, g);
      next.average_gradient = average;
      // By rounding, the difference can fall below 0 when the gradient stays the same.
      spread = maximum(subtract(velocity, square(average)), 0);
    }
    let step = divide(multiply(scalars.learningRate as Value, g), sqrt(add(spread, this.epsilon)));
    if (this.momentum > 0) {
      step = add(multiply(slots.momentum as Value, this.momentum), step);
      next.momentum = step;
    }
    return { p: subtract(p, step), slots: next };
  }

  /** The running mean, one step on. */
  private follow(mean: Value, value: Value): Value {
    return add(multiply(mean, this.rho), multiply(value, 1 - this.rho));
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      rho: this.rho,
      momentum: this.momentum,
      epsilon: this.epsilon,
      centered: this.centered,
    };
  }
}
