import { checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { add, multiply, subtract } from '../ops/binary.js';
import { Optimizer, type OptimizerOptions, type OptimizerStep } from './optimizer.js';

export interface SGDOptions extends OptimizerOptions {
  /** Share of the last step that is taken again, in [0, 1]. Default 0. */
  momentum?: number;
  /** Whether the gradient is taken to lie ahead, where momentum leads. Default false. */
  nesterov?: boolean;
}

/**
 * Stochastic gradient descent. Default learning rate 0.01.
 *
 * p -= rate * g, or with momentum v = momentum * v - rate * g, p += v, or with Nesterov's
 * p += momentum * v - rate * g (Sutskever et al. 2013, in the form that Keras uses).
 *
 * @example
 * ```ts
 * const weight = { units: 1, useBias: false, kernelInitializer: 'ones' };
 * const model = sequential([layers.dense({ ...weight, inputShape: [1] })]);
 * model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1, momentum: 0.9 }), loss: 'mse' });
 * await model.trainOnBatch([[1]], [[0]]); // the gradient is 2
 * model.getWeights()[0]; // => [[0.8]]
 * ```
 */
export class SGD extends Optimizer {
  static override className = 'SGD';
  /** Share of the last step that is taken again, in [0, 1]. */
  readonly momentum: number;
  /** Whether the gradient is taken to lie ahead, where momentum leads. */
  readonly nesterov: boolean;
  override readonly slotNames: readonly string[];

  constructor(options: SGDOptions = {}) {
    super(options, 0.01, ['momentum', 'nesterov']);
    this.momentum = checkRange('SGD: momentum', options.momentum ?? 0, 0, 1, true);
    this.nesterov = options.nesterov ?? false;
    this.slotNames = this.momentum === 0 ? [] : ['momentum'];
  }

  override update(
    p: Value,
    g: Value,
    slots: Record<string, Value>,
    scalars: Record<string, Value>,
  ): OptimizerStep {
    const step = multiply(scalars.learningRate as Value, g);
    if (this.momentum === 0) return { p: subtract(p, step), slots: {} };
    const momentum = subtract(multiply(slots.momentum as Value, this.momentum), step);
    const move = this.nesterov ? subtract(multiply(momentum, this.momentum), step) : momentum;
    return { p: add(p, move), slots: { momentum } };
  }

  override getConfig(): Config {
    return { ...super.getConfig(), momentum: this.momentum, nesterov: this.nesterov };
  }
}
