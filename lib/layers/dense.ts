import { checkCount } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { matmul } from '../ops/matmul.js';
import { checkInput, knownSize } from './check_input.js';
import { KernelLayer, type KernelOptions } from './kernel_layer.js';

export interface DenseOptions extends KernelOptions {
  /** Size of the output's last axis. */
  units: number;
}

const axes = '[batch, ..., features]';

/**
 * activation(x kernel + bias) on the last axis.
 *
 * Input [batch, ..., n], output [batch, ..., units]; weights kernel [n, units] and bias [units].
 *
 * Source: Keras's Dense.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.dense({ units: 10, activation: 'softmax', inputShape: [784] }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 10]
 * model.countParams(); // => 7850
 * ```
 */
export class Dense extends KernelLayer {
  static override className = 'Dense';
  override supportsMasking = true;
  /** Size of the output's last axis. */
  readonly units: number;

  constructor(options: DenseOptions) {
    super(options, ['units']);
    this.units = this.named(() => checkCount('units', options.units));
  }

  override build(inputShape: PartialShape): void {
    checkInput(this, inputShape, { axes, minRank: 2 });
    this.addKernel([knownSize(this, inputShape, -1), this.units]);
  }

  override call(x: Value): Value {
    const sizes = { [-1]: this.kernel.shape[0] as number };
    checkInput(this, x.shape, { axes, minRank: 2, sizes });
    return this.activate(matmul(x, this.kernel));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), units: this.units };
  }
}
