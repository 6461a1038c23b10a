import type { Shape } from '../core/shape.js';
import { tensor } from '../core/tensor.js';
import type { Value } from '../graph/ir.js';
import { add } from '../ops/binary.js';
import { broadcastTo } from '../ops/broadcast.js';
import { concat } from '../ops/concat.js';
import { toValue } from '../ops/define.js';
import { gru } from '../ops/gru.js';
import { where } from '../ops/where.js';
import { Activation } from './activations.js';
import { spreadMask } from './masks.js';
import { RecurrentLayer, type Sequence } from './recurrent_layer.js';
import type { RecurrentOptions } from './recurrent_options.js';
import { type Recurrence, writeOut } from './steps.js';

export interface SimpleRNNOptions extends RecurrentOptions {}

/**
 * A layer whose output is fed back to it at the next step (Elman 1990; Keras's `SimpleRNN`):
 *
 *     h = activation(x kernel + h recurrent_kernel + bias)
 *
 * Input [batch, time, n], or that and the first h [batch, units]; output h after the last step
 * [batch, units], with `returnSequences` after each [batch, time, units], with `returnState` followed
 * by the last h. Weights kernel [n, units], recurrent_kernel [units, units] and bias [units].
 *
 * Steps that the input's mask skips repeat the state and output of the step before.
 *
 * @throws LugeError BAD_ARGUMENT for options that make no sense; BAD_SHAPE for an input of another
 *   rank, or a stateful layer without a known batch.
 *
 * @example
 * ```ts
 * const rnn = layers.simpleRNN({ units: 8, inputShape: [null, 3] });
 * rnn.apply(input({ shape: [5, 3] })).shape; // => [null, 8]
 * ```
 */
export class SimpleRNN extends RecurrentLayer {
  static override className = 'SimpleRNN';
  protected override readonly gates = 1;
  protected override readonly stateCount = 1;

  constructor(options: SimpleRNNOptions) {
    super(options, []);
  }

  protected override biasShape(): Shape {
    return [this.units];
  }

  protected override run(sequence: Sequence): Recurrence {
    const product = this.inputProduct(sequence);
    const xh = this.bias === undefined ? product : add(product, this.bias);
    const dropped = this.stateMasks(sequence);
    const isTanh = this.activation.apply === new Activation('tanh').apply;
    if (isTanh && dropped === undefined) return this.asGru(xh, sequence);
    return writeOut(xh, this.startOf(sequence), sequence.mask, (xhStep, [h]) => [
      this.activation.apply(add(xhStep, this.stateProduct(h as Value, dropped))),
    ]);
  }
  /**
   * All steps as one instruction: a GRU whose reset gate is exactly 1 and whose update gate exactly 0,
   * or 1 at masked steps, which leaves the state as it is. Written out, a long sequence is slow to
   * plan and to run.
   */
  private asGru(xh: Value, { initial, mask }: Sequence): Recurrence {
    const { units } = this;
    const { graph } = xh.node;
    const [batch, time] = xh.shape as [number, number, number];
    const gates = (update: number) =>
      tensor(Float32Array.from({ length: 2 * units }, (_, i) => (i < units ? update : 1e9)));
    const zeros = (shape: Shape) => broadcastTo(graph.constant(0), shape);
    const shut = mask && where(spreadMask(mask, 3), gates(-1e9), gates(1e9));
    const fixed = broadcastTo(shut ?? toValue(graph, gates(-1e9)), [batch, time, 2 * units]);
    const xz = concat([fixed, xh], -1);
    const recurrent = concat([zeros([units, 2 * units]), graph.read(this.recurrentKernel)], -1);
    const options = { bias: zeros([3 * units]), initial: initial?.[0] };
    const [hidden, last] = gru(xz, recurrent, options);
    return { hidden, states: [last] };
  }
}
