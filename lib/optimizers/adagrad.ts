import { checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { add, divide, multiply, subtract } from '../ops/binary.js';
import { sqrt, square } from '../ops/unary.js';
import { Optimizer, type OptimizerOptions, type OptimizerStep } from './optimizer.js';

export interface AdagradOptions extends OptimizerOptions {
  /** What the sum of squares starts from. Default 0.1. */
  initialAccumulatorValue?: number;
  /** Keeps the divisor from 0. Default 1e-7. */
  epsilon?: number;
}

/**
 * Smaller steps where gradients were large (Duchi et al. 2011): s += g^2,
 * p -= rate * g / sqrt(s + epsilon). Default learning rate 0.001.
 *
 * @example
 * ```ts
 * const weight = { units: 1, useBias: false, kernelInitializer: 'ones' };
 * const model = sequential([layers.dense({ ...weight, inputShape: [1] })]);
 * model.compile({ optimizer: optimizers.adagrad({ learningRate: 0.1 }), loss: 'mse' });
 * await model.trainOnBatch([[1]], [[0]]); // the gradient is 2
 * model.getWeights()[0]; // => [[0.9012]]
 * ```
 */
export class Adagrad extends Optimizer {
  static override className = 'Adagrad';
  /** What the sum of squares starts from. */
  readonly initialAccumulatorValue: number;
  /** Keeps the divisor from 0. */
  readonly epsilon: number;
  override readonly slotNames: readonly string[] = ['accumulator'];

  constructor(options: AdagradOptions = {}) {
    super(options, 0.001, ['initialAccumulatorValue', 'epsilon']);
    const initial = options.initialAccumulatorValue ?? 0.1;
    this.initialAccumulatorValue = checkRange('Adagrad: initialAccumulatorValue', initial, 0);
    this.epsilon = checkRange('Adagrad: epsilon', options.epsilon ?? 1e-7, 0);
  }

  override slotInitial(): number {
    return this.initialAccumulatorValue;
  }

  override update(
    p: Value,
    g: Value,
    slots: Record<string, Value>,
    scalars: Record<string, Value>,
  ): OptimizerStep {
    const accumulator = add(slots.accumulator as Value, square(g));
    const step = divide(
      multiply(scalars.learningRate as Value, g),
      sqrt(add(accumulator, this.epsilon)),
    );
    return { p: subtract(p, step), slots: { accumulator } };
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      initial_accumulator_value: this.initialAccumulatorValue,
      epsilon: this.epsilon,
    };
  }
}
