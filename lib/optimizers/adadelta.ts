import { checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { add, divide, multiply, subtract } from '../ops/binary.js';
import { sqrt, square } from '../ops/unary.js';
import { Optimizer, type OptimizerOptions, type OptimizerStep } from './optimizer.js';

export interface AdadeltaOptions extends OptimizerOptions {
  /** What remains of the running means at each step. Default 0.95. */
  rho?: number;
  /** Keeps divisor and first steps from 0. Default 1e-7. */
  epsilon?: number;
}

/**
 * Steps in the unit of the parameters (Zeiler 2012): s = rho * s + (1 - rho) * g^2,
 * d = g * sqrt(u + epsilon) / sqrt(s + epsilon), u = rho * u + (1 - rho) * d^2, p -= rate * d.
 * Default learning rate 0.001; the paper's is 1.
 *
 * @example
 * ```ts
 * const weight = { units: 1, useBias: false, kernelInitializer: 'ones' };
 * const model = sequential([layers.dense({ ...weight, inputShape: [1] })]);
 * model.compile({ optimizer: optimizers.adadelta({ learningRate: 1 }), loss: 'mse' });
 * await model.trainOnBatch([[1]], [[0]]); // the gradient is 2
 * model.getWeights()[0]; // => [[0.9986]]
 * ```
 */
export class Adadelta extends Optimizer {
  static override className = 'Adadelta';
  /** What remains of the running means at each step. */
  readonly rho: number;
  /** Keeps divisor and first steps from 0. */
  readonly epsilon: number;
  override readonly slotNames: readonly string[] = ['accumulated_grad', 'accumulated_delta_var'];

  constructor(options: AdadeltaOptions = {}) {
    super(options, 0.001, ['rho', 'epsilon']);
    this.rho = checkRange('Adadelta: rho', options.rho ?? 0.95, 0, 1, true);
    this.epsilon = checkRange('Adadelta: epsilon', options.epsilon ?? 1e-7, 0);
  }

  override update(
    p: Value,
    g: Value,
    slots: Record<string, Value>,
    scalars: Record<string, Value>,
  ): OptimizerStep {
    const deltas = slots.accumulated_delta_var as Value;
    const gradients = this.follow(slots.accumulated_grad as Value, square(g));
    const delta = divide(multiply(this.rootOf(deltas), g), this.rootOf(gradients));
    return {
      p: subtract(p, multiply(scalars.learningRate as Value, delta)),
      slots: {
        accumulated_grad: gradients,
        accumulated_delta_var: this.follow(deltas, square(delta)),
      },
    };
  }

  private rootOf(x: Value): Value {
    return sqrt(add(x, this.epsilon));
  }

  /** The running mean, one step on. */
  private follow(mean: Value, value: Value): Value {
    return add(multiply(mean, this.rho), multiply(value, 1 - this.rho));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), rho: this.rho, epsilon: this.epsilon };
  }
}
