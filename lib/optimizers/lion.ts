import { LugeError } from '../core/errors.js';
import { checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { add, multiply, subtract } from '../ops/binary.js';
import { sign } from '../ops/unary.js';
import { Optimizer, type OptimizerOptions, type OptimizerStep } from './optimizer.js';

export interface LionOptions extends OptimizerOptions {
  /** Share of the running mean in the direction of a step, in (0, 1]. Default 0.9. */
  beta1?: number;
  /** What remains of the running mean gradient at each step, in [0, 1]. Default 0.99. */
  beta2?: number;
}

/**
 * Steps of one size in the direction of the mean gradient's sign (Chen et al. 2023):
 * p -= rate * sign(beta1 * m + (1 - beta1) * g), m = beta2 * m + (1 - beta2) * g. It wants a rate 3 to
 * 10 times smaller than Adam's, and a weight decay as much larger. Default learning rate 0.001.
 *
 * @example
 * ```ts
 * const weight = { units: 1, useBias: false, kernelInitializer: 'ones' };
 * const model = sequential([layers.dense({ ...weight, inputShape: [1] })]);
 * model.compile({ optimizer: optimizers.lion({ learningRate: 0.1 }), loss: 'mse' });
 * await model.trainOnBatch([[1]], [[0]]); // the gradient is 2
 * model.getWeights()[0]; // => [[0.9]]
 * ```
 */
export class Lion extends Optimizer {
  static override className = 'Lion';
  /** Share of the running mean in the direction of a step, in (0, 1]. */
  readonly beta1: number;
  /** What remains of the running mean gradient at each step, in [0, 1]. */
  readonly beta2: number;
  override readonly slotNames: readonly string[] = ['momentum'];

  constructor(options: LionOptions = {}) {
    super(options, 0.001, ['beta1', 'beta2']);
    this.beta1 = checkRange('Lion: beta1', options.beta1 ?? 0.9, 0, 1, true);
    this.beta2 = checkRange('Lion: beta2', options.beta2 ?? 0.99, 0, 1, true);
    if (this.beta1 === 0) {
      throw new LugeError(
        'BAD_ARGUMENT',
        'Lion: beta1 must be above 0, but got 0, with which the running mean would not count.',
      );
    }
  }

  override update(
    p: Value,
    g: Value,
    slots: Record<string, Value>,
    scalars: Record<string, Value>,
  ): OptimizerStep {
    const mean = slots.momentum as Value;
    const ahead = subtract(g, mean);
    const mixed = (beta: number) => add(mean, multiply(ahead, 1 - beta));
    return {
      p: subtract(p, multiply(scalars.learningRate as Value, sign(mixed(this.beta1)))),
      slots: { momentum: mixed(this.beta2) },
    };
  }

  override getConfig(): Config {
    return { ...super.getConfig(), beta_1: this.beta1, beta_2: this.beta2 };
  }
}
