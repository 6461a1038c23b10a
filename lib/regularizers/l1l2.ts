import { checkOptions, checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import { add, multiply } from '../ops/binary.js';
import { sum } from '../ops/reduce.js';
import { abs, square } from '../ops/unary.js';
import { Regularizer } from './regularizer.js';

export interface L1L2Options {
  /** Factor of the sum of |w|. Default 0. */
  l1?: number;
  /** Factor of the sum of w^2. Default 0. */
  l2?: number;
}

/**
 * l1 * sum(|w|) + l2 * sum(w^2)
 *
 * Source: Keras's L1L2.
 *
 * @example
 * ```ts
 * const kernelRegularizer = regularizers.l1l2({ l1: 0.01, l2: 0.1 });
 * const options = { units: 1, useBias: false, kernelInitializer: 'ones', inputShape: [3] };
 * const model = sequential([layers.dense({ ...options, kernelRegularizer })]);
 * model.compile({ loss: 'mse' });
 * await model.evaluate([[0, 0, 0]], [[0]]); // => { loss: 0.33 }
 * ```
 */
export class L1L2 extends Regularizer {
  static override className = 'L1L2';
  /** Factor of the sum of |w|. */
  readonly l1: number;
  /** Factor of the sum of w^2. */
  readonly l2: number;

  constructor(options: L1L2Options = {}) {
    super();
    checkOptions(this.className, options, ['l1', 'l2']);
    this.l1 = checkRange(`${this.className}: l1`, options.l1 ?? 0, 0);
    this.l2 = checkRange(`${this.className}: l2`, options.l2 ?? 0, 0);
  }

  override penalty(weight: Variable | Value): Value {
    const absolute = multiply(this.l1, sum(abs(weight)));
    const squared = multiply(this.l2, sum(square(weight)));
    if (this.l2 === 0) return absolute;
    return this.l1 === 0 ? squared : add(absolute, squared);
  }

  override getConfig(): Config {
    return { l1: this.l1, l2: this.l2 };
  }
}

/**
 * l1 * sum(|w|)
 *
 * Source: Keras's L1.
 *
 * @example
 * ```ts
 * const kernelRegularizer = regularizers.l1(0.01);
 * const options = { units: 1, useBias: false, kernelInitializer: 'ones', inputShape: [3] };
 * const model = sequential([layers.dense({ ...options, kernelRegularizer })]);
 * model.compile({ loss: 'mse' });
 * await model.evaluate([[0, 0, 0]], [[0]]); // => { loss: 0.03 }
 * ```
 */
export class L1 extends L1L2 {
  static override className = 'L1';

  constructor(options: { l1?: number } = {}) {
    checkOptions('L1', options, ['l1']);
    super({ l1: options.l1 ?? 0.01 });
  }

  override getConfig(): Config {
    return { l1: this.l1 };
  }
}

/**
 * l2 * sum(w^2)
 *
 * Source: Keras's L2.
 *
 * @example
 * ```ts
 * const kernelRegularizer = regularizers.l2(0.01);
 * const options = { units: 1, useBias: false, kernelInitializer: 'ones', inputShape: [3] };
 * const model = sequential([layers.dense({ ...options, kernelRegularizer })]);
 * model.compile({ loss: 'mse' });
 * await model.evaluate([[0, 0, 0]], [[0]]); // => { loss: 0.03 }
 * ```
 */
export class L2 extends L1L2 {
  static override className = 'L2';

  constructor(options: { l2?: number } = {}) {
    checkOptions('L2', options, ['l2']);
    super({ l2: options.l2 ?? 0.01 });
  }

  override getConfig(): Config {
    return { l2: this.l2 };
  }
}
