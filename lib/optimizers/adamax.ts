import { checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { add, divide, maximum, multiply, subtract } from '../ops/binary.js';
import { abs } from '../ops/unary.js';
import { Optimizer, type OptimizerOptions, type OptimizerStep } from './optimizer.js';

export interface AdamaxOptions extends OptimizerOptions {
  /** What remains of the running mean gradient at each step, in [0, 1). Default 0.9. */
  beta1?: number;
  /** What remains of the largest gradient at each step, in [0, 1). Default 0.999. */
  beta2?: number;
  /** Keeps the divisor from 0. Default 1e-7. */
  epsilon?: number;
}

/**
 * Adam by the largest gradient instead of the mean square (Kingma and Ba 2014, section 7):
 * m += (1 - beta1) * (g - m), u = max(beta2 * u, |g|), p -= a * m / (u + epsilon), where in step
 * t = 1, 2, ... a = rate / (1 - beta1^t). Default learning rate 0.001.
 *
 * @example
 * ```ts
 * const weight = { units: 1, useBias: false, kernelInitializer: 'ones' };
 * const model = sequential([layers.dense({ ...weight, inputShape: [1] })]);
 * model.compile({ optimizer: optimizers.adamax({ learningRate: 0.1 }), loss: 'mse' });
 * await model.trainOnBatch([[1]], [[0]]); // the gradient is 2
 * model.getWeights()[0]; // => [[0.9]]
 * ```
 */
export class Adamax extends Optimizer {
  static override className = 'Adamax';
  /** What remains of the running mean gradient at each step, in [0, 1). */
  readonly beta1: number;
  /** What remains of the largest gradient at each step, in [0, 1). */
  readonly beta2: number;
  /** Keeps the divisor from 0. */
  readonly epsilon: number;
  override readonly slotNames: readonly string[] = ['momentum', 'norm'];

  constructor(options: AdamaxOptions = {}) {
    super(options, 0.001, ['beta1', 'beta2', 'epsilon']);
    this.beta1 = checkRange('Adamax: beta1', options.beta1 ?? 0.9, 0, 1);
    this.beta2 = checkRange('Adamax: beta2', options.beta2 ?? 0.999, 0, 1);
    this.epsilon = checkRange('Adamax: epsilon', options.epsilon ?? 1e-7, 0);
  }

  override scalars(updates: number, rate?: number): Record<string, number> {
    const { learningRate } = super.scalars(updates, rate) as { learningRate: number };
    return { alpha: learningRate / (1 - this.beta1 ** (updates + 1)) };
  }

  override update(
    p: Value,
    g: Value,
    slots: Record<string, Value>,
    scalars: Record<string, Value>,
  ): OptimizerStep {
    const mean = slots.momentum as Value;
    const momentum = add(mean, multiply(subtract(g, mean), 1 - this.beta1));
    const norm = maximum(multiply(slots.norm as Value, this.beta2), abs(g));
    const step = divide(multiply(momentum, scalars.alpha as Value), add(norm, this.epsilon));
    return { p: subtract(p, step), slots: { momentum, norm } };
  }

  override getConfig(): Config {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta_1: beta1, beta_2: beta2, epsilon };
  }
}
