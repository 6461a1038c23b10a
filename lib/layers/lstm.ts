import type { DType } from '../core/dtype.js';
import type { Config } from '../core/registry.js';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import { Initializer, ones } from '../initializers/index.js';
import { add, multiply } from '../ops/binary.js';
import { concat } from '../ops/concat.js';
import { lstm } from '../ops/lstm.js';
import { split } from '../ops/slice.js';
import { overCountedSteps } from './counted_steps.js';
import { GatedLayer } from './gated_layer.js';
import type { Sequence } from './recurrent_layer.js';
import type { GatedOptions } from './recurrent_options.js';
import { type Recurrence, writeOut } from './steps.js';

export interface LSTMOptions extends GatedOptions {
  /** Whether the bias of the forget gate starts at 1 (Jozefowicz et al. 2015). Default true. */
  unitForgetBias?: boolean;
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997), with Keras's meaning and gate order
 * i, f, c, o. From one step to the next,
 *
 *     z = x kernel + h recurrent_kernel + bias
 *     c = sigmoid(z_f) c + sigmoid(z_i) tanh(z_c),   h = sigmoid(z_o) tanh(c)
 *
 * Input [batch, time, n], or that and the first h and c [batch, units] each; output h after the last
 * step [batch, units], with `returnSequences` after each [batch, time, units], with `returnState`
 * followed by the last h and c. Weights kernel [n, 4 units], recurrent_kernel [units, 4 units] and
 * bias [4 units].
 *
 * @example
 * ```ts
 * // Rows of an image as the steps of a sequence.
 * const model = sequential([
 *   layers.lstm({ units: 128, inputShape: [28, 28] }),
 *   layers.dense({ units: 10, activation: 'softmax' }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 10]
 *
 * // The last states of one sequence are the first of another.
 * const [question, words] = [input({ shape: [null, 16] }), input({ shape: [null, 16] })];
 * const encoder = layers.lstm({ units: 64, returnState: true });
 * const [, h, c] = encoder.apply<SymbolicTensor, SymbolicTensor[]>(question);
 * const decoder = layers.lstm({ units: 64, returnSequences: true });
 * const reply = decoder.apply([words, h, c] as SymbolicTensor[]);
 * ```
 */
export class LSTM extends GatedLayer {
  static override className = 'LSTM';
  protected override readonly gates = 4;
  protected override readonly stateCount = 2;
  private readonly unitForgetBias: boolean;

  constructor(options: LSTMOptions) {
    super(options, ['unitForgetBias' satisfies keyof LSTMOptions]);
    this.unitForgetBias = this.flag('unitForgetBias', options.unitForgetBias, true);
  }

  protected override biasShape(): Shape {
    return [4 * this.units];
  }

  protected override initializerOfBias(): Initializer {
    return this.unitForgetBias ? new ForgetBias(this.biasInitializer) : this.biasInitializer;
  }

  protected override run(sequence: Sequence): Recurrence {
    const product = this.inputProduct(sequence);
    const xz = this.bias === undefined ? product : add(product, this.bias);
    const dropped = this.stateMasks(sequence);
    const { initial, mask } = sequence;
    if (this.hasDefaultActivations() && dropped === undefined) {
      const run = (sequence: Value): Recurrence => {
        const [hidden, ...states] = lstm<Value | Variable>(sequence, this.recurrentKernel, initial);
        return { hidden, states };
      };
      if (mask === undefined) return run(xz);
      const [h] = this.startOf(sequence) as [Value];
      return overCountedSteps(xz, mask, this.keepingCell(), h, run);
    }
    return writeOut(xz, this.startOf(sequence), mask, (xzStep, [h, c]) => {
      const z = add(xzStep, this.stateProduct(h as Value, dropped));
      const [zi, zf, zc, zo] = split(z, 4) as [Value, Value, Value, Value];
      const [i, f, o] = [zi, zf, zo].map(this.recurrentActivation.apply) as [Value, Value, Value];
      const cell = add(multiply(f, c as Value), multiply(i, this.activation.apply(zc)));
      return [multiply(o, this.activation.apply(cell)), cell];
    });
  }

  /** What shuts the input gate and opens the forget gate: the cell stays as it is. */
  private keepingCell(): Float32Array {
    const gates = [-1e9, 1e9, 0, 0];
    return Float32Array.from(
      { length: 4 * this.units },
      (_, i) => gates[Math.floor(i / this.units)] as number,
    );
  }

  override getConfig(): Config {
    return { ...super.getConfig(), unit_forget_bias: this.unitForgetBias };
  }
}

/** 1 for the forget gate, the second of four; the others as they would be. */
class ForgetBias extends Initializer {
  private readonly others: Initializer;

  constructor(others: Initializer) {
    super();
    this.others = others;
  }

  override make(shape: Shape, dtype: DType = 'float32'): Tensor {
    const units = (shape[0] as number) / 4;
    const parts = [this.others.make([units], dtype), ones().make([units], dtype)];
    return concat([...parts, this.others.make([2 * units], dtype)], 0);
  }
}
