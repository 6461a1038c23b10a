import type { Config } from '../core/registry.js';
import type { Shape } from '../core/shape.js';
import { tensor } from '../core/tensor.js';
import type { Value } from '../graph/ir.js';
import { add, multiply, subtract } from '../ops/binary.js';
import { broadcastTo } from '../ops/broadcast.js';
import { gru } from '../ops/gru.js';
import { matmul } from '../ops/matmul.js';
import { reshape } from '../ops/reshape.js';
import { split } from '../ops/slice.js';
import { where } from '../ops/where.js';
import { GatedLayer } from './gated_layer.js';
import { spreadMask } from './masks.js';
import type { Sequence } from './recurrent_layer.js';
import type { GatedOptions } from './recurrent_options.js';
import { type Recurrence, writeOut } from './steps.js';

export interface GRUOptions extends GatedOptions {
  /**
   * Whether the reset gate applies after the product with the recurrent kernel, as in cuDNN, with a
   * second bias there. Default true.
   */
  resetAfter?: boolean;
}

/**
 * Gated recurrent unit (Cho et al. 2014), with Keras's meaning and gate order z, r, h. From one step
 * to the next, with the two rows b and b' of the bias,
 *
 *     z = sigmoid(x k_z + b_z + h r_z + b'_z),   r = sigmoid(x k_r + b_r + h r_r + b'_r)
 *     h = z h + (1 - z) tanh(x k_h + b_h + r (h r_h + b'_h))
 *
 * or without `resetAfter`, as first published, tanh(x k_h + b_h + (r h) r_h) and one bias.
 *
 * Input [batch, time, n], or that and the first h [batch, units]; output h after the last step
 * [batch, units], with `returnSequences` after each [batch, time, units], with `returnState` followed
 * by the last h. Weights kernel [n, 3 units], recurrent_kernel [units, 3 units] and bias
 * [2, 3 units], or [3 units] without `resetAfter`.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.gru({ units: 64, returnSequences: true, inputShape: [null, 16] }),
 *   layers.gru({ units: 64 }),
 *   layers.dense({ units: 1 }),
 * ]);
 * model.outputs[0]?.shape; // => [null, 1]
 * ```
 */
export class GRU extends GatedLayer {
  static override className = 'GRU';
  protected override readonly gates = 3;
  protected override readonly stateCount = 1;
  private readonly resetAfter: boolean;

  constructor(options: GRUOptions) {
    super(options, ['resetAfter' satisfies keyof GRUOptions]);
    this.resetAfter = this.flag('resetAfter', options.resetAfter, true);
  }

  protected override biasShape(): Shape {
    return this.resetAfter ? [2, 3 * this.units] : [3 * this.units];
  }

  protected override run(sequence: Sequence): Recurrence {
    const product = this.inputProduct(sequence);
    const [bias, recurrentBias] = this.biases(product);
    const xz = bias === undefined ? product : add(product, bias);
    const { graph } = product.node;
    const dropped = this.stateMasks(sequence);
    const { initial, mask } = sequence;
    if (this.hasDefaultActivations() && dropped === undefined) {
      // Without a bias, resetting after the product still needs one: of zeros.
      const zeros = () => broadcastTo(graph.constant(0), [3 * this.units]);
      const inner = this.resetAfter ? (recurrentBias ?? zeros()) : undefined;
      const kept = mask === undefined ? xz : this.keeping(xz, mask);
      const recurrent = graph.read(this.recurrentKernel);
      const [hidden, last] = gru(kept, recurrent, { bias: inner, initial: initial?.[0] });
      return { hidden, states: [last] };
    }
    return writeOut(xz, this.startOf(sequence), mask, (xzStep, [h]) => [
      this.resetAfter
        ? this.stepResetAfter(xzStep, h as Value, dropped, recurrentBias)
        : this.stepResetBefore(xzStep, h as Value, dropped),
    ]);
  }

  /** xz with an update gate of exactly 1 at masked steps, which leaves the state as it is. */
  private keeping(xz: Value, mask: Value): Value {
    const shut = Float32Array.from({ length: 3 * this.units }, (_, i) =>
      i < this.units ? 1e9 : 0,
    );
    return where(spreadMask(mask, 3), xz, tensor(shut));
  }

  /** What is added to the products of the input and, inside of the reset gate, of the state. */
  private biases({ node: { graph } }: Value): [Value?, Value?] {
    if (this.bias === undefined) return [];
    const bias = graph.read(this.bias);
    if (!this.resetAfter) return [bias];
    const [input, state] = split(bias, 2, 0) as [Value, Value];
    return [reshape(input, [-1]), reshape(state, [-1])];
  }

  private stepResetAfter(
    xz: Value,
    h: Value,
    dropped: readonly Value[] | undefined,
    bias: Value | undefined,
  ): Value {
    const product = this.stateProduct(h, dropped);
    const inner = bias === undefined ? product : add(product, bias);
    const [xzZ, xzR, xzH] = split(xz, 3) as [Value, Value, Value];
    const [innerZ, innerR, innerH] = split(inner, 3) as [Value, Value, Value];
    const z = this.recurrentActivation.apply(add(xzZ, innerZ));
    const r = this.recurrentActivation.apply(add(xzR, innerR));
    return mixed(z, h, this.activation.apply(add(xzH, multiply(r, innerH))));
  }

  private stepResetBefore(xz: Value, h: Value, dropped: readonly Value[] | undefined): Value {
    const [xzZ, xzR, xzH] = split(xz, 3) as [Value, Value, Value];
    const [toZ, toR, toH] = [0, 1, 2].map((gate) => (x: Value) => {
      const seen = dropped === undefined ? x : multiply(x, dropped[gate] as Value);
      return matmul(seen, this.gateOf(this.recurrentKernel, gate));
    }) as [ToGate, ToGate, ToGate];
    const z = this.recurrentActivation.apply(add(xzZ, toZ(h)));
    const r = this.recurrentActivation.apply(add(xzR, toR(h)));
    return mixed(z, h, this.activation.apply(add(xzH, toH(multiply(r, h)))));
  }

  override getConfig(): Config {
    return { ...super.getConfig(), reset_after: this.resetAfter };
  }
}

type ToGate = (x: Value) => Value;

/** z h + (1 - z) candidate */
function mixed(z: Value, h: Value, candidate: Value): Value {
  return add(multiply(z, h), multiply(subtract(1, z), candidate));
}
