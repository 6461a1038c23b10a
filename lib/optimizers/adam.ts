import { checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { add, divide, maximum, multiply, subtract } from '../ops/binary.js';
import { sqrt, square } from '../ops/unary.js';
import { Optimizer, type OptimizerOptions, type OptimizerStep } from './optimizer.js';

export interface AdamOptions extends OptimizerOptions {
  /** What remains of the running mean gradient at each step, in [0, 1). Default 0.9. */
  beta1?: number;
  /** What remains of the running mean square at each step, in [0, 1). Default 0.999. */
  beta2?: number;
  /** Keeps the divisor from 0; the "epsilon hat" of the paper. Default 1e-7. */
  epsilon?: number;
  /** Divide by the largest mean square so far (Reddi et al. 2018). Default false. */
  amsgrad?: boolean;
}

/**
 * Steps by the mean gradient over its root mean square (Kingma and Ba 2014):
 * m += (1 - beta1) * (g - m), v += (1 - beta2) * (g^2 - v), p -= a * m / (sqrt(v) + epsilon), where
 * in step t = 1, 2, ... a = rate * sqrt(1 - beta2^t) / (1 - beta1^t). Default learning rate 0.001.
 *
 * @example
 * ```ts
 * const weight = { units: 1, useBias: false, kernelInitializer: 'ones' };
 * const model = sequential([layers.dense({ ...weight, inputShape: [1] })]);
 * model.compile({ optimizer: optimizers.adam({ learningRate: 0.1 }), loss: 'mse' });
 * await model.trainOnBatch([[1]], [[0]]); // the gradient is 2
 * model.getWeights()[0]; // => [[0.9]]
 * ```
 */
export class Adam extends Optimizer {
  static override className = 'Adam';
  /** What remains of the running mean gradient at each step, in [0, 1). */
  readonly beta1: number;
  /** What remains of the running mean square at each step, in [0, 1). */
  readonly beta2: number;
  /** Keeps the divisor from 0; the "epsilon hat" of the paper. */
  readonly epsilon: number;
  /** Divide by the largest mean square so far (Reddi et al. 2018). */
  readonly amsgrad: boolean;
  override readonly slotNames: readonly string[];

  constructor(options: AdamOptions = {}) {
    super(options, 0.001, ['beta1', 'beta2', 'epsilon', 'amsgrad']);
    this.beta1 = checkRange(`${this.className}: beta1`, options.beta1 ?? 0.9, 0, 1);
    this.beta2 = checkRange(`${this.className}: beta2`, options.beta2 ?? 0.999, 0, 1);
    this.epsilon = checkRange(`${this.className}: epsilon`, options.epsilon ?? 1e-7, 0);
    this.amsgrad = options.amsgrad ?? false;
    this.slotNames = ['momentum', 'velocity', ...(this.amsgrad ? ['velocity_hat'] : [])];
  }

  override scalars(updates: number, rate?: number): Record<string, number> {
    const { learningRate } = super.scalars(updates, rate) as { learningRate: number };
    const t = updates + 1;
    return {
      alpha: (learningRate * Math.sqrt(1 - this.beta2 ** t)) / (1 - this.beta1 ** t),
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
    const next: Record<string, Value> = { momentum, velocity };
    let spread = velocity;
    if (this.amsgrad) {
      spread = maximum(slots.velocity_hat as Value, velocity);
      next.velocity_hat = spread;
    }
    const step = divide(
      multiply(momentum, scalars.alpha as Value),
      add(sqrt(spread), this.epsilon),
    );
    return { p: subtract(p, step), slots: next };
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      beta_1: this.beta1,
      beta_2: this.beta2,
      epsilon: this.epsilon,
      amsgrad: this.amsgrad,
    };
  }
}

/** The running mean, one step on. */
function follow(mean: Value, value: Value, beta: number): Value {
  return add(mean, multiply(subtract(value, mean), 1 - beta));
}
