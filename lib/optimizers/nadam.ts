import { checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { add, divide, multiply, subtract } from '../ops/binary.js';
import { sqrt, square } from '../ops/unary.js';
import { Optimizer, type OptimizerOptions, type OptimizerStep } from './optimizer.js';

export interface NadamOptions extends OptimizerOptions {
  /** What remains of the running mean gradient at each step, in [0, 1). Default 0.9. */
  beta1?: number;
  /** What remains of the running mean square at each step, in [0, 1). Default 0.999. */
  beta2?: number;
  /** Keeps the divisor from 0. Default 1e-7. */
  epsilon?: number;
}

/**
 * Adam with Nesterov's momentum (Dozat 2016, in the form that Keras uses):
 * m += (1 - beta1) * (g - m), v += (1 - beta2) * (g^2 - v),
 * p -= rate * (m * u' / (1 - U') + g * (1 - u) / (1 - U)) / (sqrt(v / (1 - beta2^t)) + epsilon),
 * where in step t = 1, 2, ... u = beta1 * (1 - 0.96^t / 2), U is the product of all u so far, and u'
 * and U' are those of the next step. Default learning rate 0.001.
 *
 * @example
 * ```ts
 * const weight = { units: 1, useBias: false, kernelInitializer: 'ones' };
 * const model = sequential([layers.dense({ ...weight, inputShape: [1] })]);
 * model.compile({ optimizer: optimizers.nadam({ learningRate: 0.1 }), loss: 'mse' });
 * await model.trainOnBatch([[1]], [[0]]); // the gradient is 2
 * model.getWeights()[0]; // => [[0.8937]]
 * ```
 */
export class Nadam extends Optimizer {
  static override className = 'Nadam';
  /** What remains of the running mean gradient at each step, in [0, 1). */
  readonly beta1: number;
  /** What remains of the running mean square at each step, in [0, 1). */
  readonly beta2: number;
  /** Keeps the divisor from 0. */
  readonly epsilon: number;
  override readonly slotNames: readonly string[] = ['momentum', 'velocity'];
  /** U of step t, so that the next one is a single factor on. */
  private product = { t: 0, value: 1 };

  constructor(options: NadamOptions = {}) {
    super(options, 0.001, ['beta1', 'beta2', 'epsilon']);
    this.beta1 = checkRange('Nadam: beta1', options.beta1 ?? 0.9, 0, 1);
    this.beta2 = checkRange('Nadam: beta2', options.beta2 ?? 0.999, 0, 1);
    this.epsilon = checkRange('Nadam: epsilon', options.epsilon ?? 1e-7, 0);
  }

  private factor(t: number): number {
    return this.beta1 * (1 - 0.5 * 0.96 ** t);
  }

  private productTo(t: number): number {
    if (this.product.t > t) this.product = { t: 0, value: 1 };
    while (this.product.t < t) {
      const next = this.product.t + 1;
      this.product = { t: next, value: this.product.value * this.factor(next) };
    }
    return this.product.value;
  }

  override runningNumbers(): number[] {
    return [this.productTo(Math.floor(this.iterations / (this.settings.accumulationSteps ?? 1)))];
  }

  override scalars(updates: number, rate?: number): Record<string, number> {
    const { learningRate } = super.scalars(updates, rate) as { learningRate: number };
    const t = updates + 1;
    const product = this.productTo(t);
    const next = this.factor(t + 1);
    return {
      momentumRate: (learningRate * next) / (1 - product * next),
      gradientRate: (learningRate * (1 - this.factor(t))) / (1 - product),
      velocityScale: 1 / (1 - this.beta2 ** t),
    };
  }

  override update(
    p: Value,
    g: Value,
    slots: Record<string, Value>,
    scalars: Record<string, Value>,
  ): OptimizerStep {
    const momentum = follow(slots.momentum as Value, g, this.beta1);
    const velocity = follow(slots.velocity as Value, square(g), this.beta2);
    const move = add(
      multiply(momentum, scalars.momentumRate as Value),
      multiply(g, scalars.gradientRate as Value),
    );
    const spread = sqrt(multiply(velocity, scalars.velocityScale as Value));
    return {
      p: subtract(p, divide(move, add(spread, this.epsilon))),
      slots: { momentum, velocity },
    };
  }

  override getConfig(): Config {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta_1: beta1, beta_2: beta2, epsilon };
  }
}

/** The running mean, one step on. */
function follow(mean: Value, value: Value, beta: number): Value {
  return add(mean, multiply(subtract(value, mean), 1 - beta));
}
