import type { Constraint } from '../constraints/index.js';
import { checkCount, checkRange } from '../core/options.js';
import { type Config, serialize } from '../core/registry.js';
import { type PartialShape, type Shape, sameShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { CallContext, SymbolicTensor } from '../graph/symbolic.js';
import type { Initializer } from '../initializers/index.js';
import { multiply } from '../ops/binary.js';
import { broadcastTo } from '../ops/broadcast.js';
import { concat } from '../ops/concat.js';
import { dropout } from '../ops/dropout.js';
import { matmul } from '../ops/matmul.js';
import { slice } from '../ops/slice.js';
import { where } from '../ops/where.js';
import type { Regularizer } from '../regularizers/index.js';
import { Activation } from './activations.js';
import { checkInput, knownSize, shapesOf, showBatched } from './check_input.js';
import { Layer } from './layer.js';
import { type Masks, spreadMask } from './masks.js';
import {
  type RecurrentCallOptions,
  type RecurrentOptions,
  recurrentOptions,
} from './recurrent_options.js';
import { countsUpTo, type Recurrence, reversed } from './steps.js';

/** What a recurrence starts from and goes through. */
export interface Sequence {
  /** [batch, time, n] */
  readonly x: Value;
  /** The states to start from, [batch, units] each; undefined for zeros. */
  readonly initial: readonly Value[] | undefined;
  /** [batch, time]: 0 for steps that leave the states as they are. */
  readonly mask: Value | undefined;
  readonly training: boolean;
}

type RecurrentContext = CallContext & RecurrentCallOptions<Value>;

/** A layer with a kernel for the input, one for the state, and a bias: what recurrent ones share. */
export abstract class RecurrentLayer extends Layer {
  static override className = 'RecurrentLayer';
  readonly units: number;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
  override readonly callOptions = ['mask', 'initialState'];
  protected readonly activation: Activation;
  protected readonly useBias: boolean;
  protected kernel!: Variable;
  protected recurrentKernel!: Variable;
  protected bias: Variable | undefined;
  protected readonly biasInitializer: Initializer;
  private readonly kernelInitializer: Initializer;
  private readonly recurrentInitializer: Initializer;
  private readonly weightRegularizers: Readonly<Record<WeightKind, Regularizer | undefined>>;
  private readonly weightConstraints: Readonly<Record<WeightKind, Constraint | undefined>>;
  private readonly dropout: number;
  private readonly recurrentDropout: number;
  private readonly seed: number | undefined;
  /** Whether outputs of masked steps are 0. */
  zeroOutputForMask: boolean;
  private readonly unroll: boolean;
  /** Where the last batch ended; empty unless stateful. */
  private held: readonly Variable[] = [];

  constructor(options: RecurrentOptions, known: readonly string[]) {
    super(options, [...known, ...recurrentOptions]);
    this.units = this.named(() => checkCount('units', options.units));
    this.activation = this.named(() => new Activation(options.activation ?? 'tanh'));
    this.useBias = this.flag('useBias', options.useBias, true);
    this.kernelInitializer = this.initializer(options.kernelInitializer, 'glorotUniform');
    this.recurrentInitializer = this.initializer(options.recurrentInitializer, 'orthogonal');
    this.biasInitializer = this.initializer(options.biasInitializer, 'zeros');
    this.weightRegularizers = {
      kernel: this.regularizer(options.kernelRegularizer),
      recurrent: this.regularizer(options.recurrentRegularizer),
      bias: this.regularizer(options.biasRegularizer),
    };
    this.weightConstraints = {
      kernel: this.constraint(options.kernelConstraint),
      recurrent: this.constraint(options.recurrentConstraint),
      bias: this.constraint(options.biasConstraint),
    };
    const rate = (name: 'dropout' | 'recurrentDropout') =>
      this.named(() => checkRange(name, options[name] ?? 0, 0, 1));
    this.dropout = rate('dropout');
    this.recurrentDropout = rate('recurrentDropout');
    const { seed } = options;
    this.seed = seed === undefined ? undefined : this.named(() => checkCount('seed', seed, 0));
    this.returnSequences = this.flag('returnSequences', options.returnSequences, false);
    this.returnState = this.flag('returnState', options.returnState, false);
    this.goBackwards = this.flag('goBackwards', options.goBackwards, false);
    this.stateful = this.flag('stateful', options.stateful, false);
    this.zeroOutputForMask = this.flag('zeroOutputForMask', options.zeroOutputForMask, false);
    this.unroll = this.flag('unroll', options.unroll, false);
  }

  /** How many blocks of `units` columns the kernels have. */
  protected abstract readonly gates: number;
  /** How many states there are, each [batch, units]. */
  protected abstract readonly stateCount: number;
  /** The bias's shape, and how it starts. */
  protected abstract biasShape(): Shape;
  protected initializerOfBias(): Initializer {
    return this.biasInitializer;
  }
  /** The recurrence over a sequence. */
  protected abstract run(sequence: Sequence): Recurrence;

  override apply<T extends SymbolicTensor | Value, Y = T>(
    inputs: T | readonly T[],
    options: RecurrentCallOptions<T> = {},
  ): Y {
    return super.apply(inputs, options);
  }

  override build(inputShape: PartialShape | PartialShape[]): void {
    const [x, ...states] = shapesOf(inputShape) as [PartialShape, ...PartialShape[]];
    this.checkInputs(x, states);
    if (this.stateful) this.held = this.zeroVariables(x);
    const columns = this.gates * this.units;
    this.kernel = this.addWeight({
      name: 'kernel',
      shape: [knownSize(this, x, -1), columns],
      initializer: this.kernelInitializer,
      regularizer: this.weightRegularizers.kernel,
      constraint: this.weightConstraints.kernel,
    });
    this.recurrentKernel = this.addWeight({
      name: 'recurrent_kernel',
      shape: [this.units, columns],
      initializer: this.recurrentInitializer,
      regularizer: this.weightRegularizers.recurrent,
      constraint: this.weightConstraints.recurrent,
    });
    if (!this.useBias) return;
    this.bias = this.addWeight({
      name: 'bias',
      shape: this.biasShape(),
      initializer: this.initializerOfBias(),
      regularizer: this.weightRegularizers.bias,
      constraint: this.weightConstraints.bias,
    });
  }

  override call(inputs: Value | Value[], context: RecurrentContext): Value | Value[] {
    const [x, ...listed] = [inputs].flat() as [Value, ...Value[]];
    const given = [...listed, ...[context.initialState ?? []].flat()] as Value[];
    this.checkCall(x, given);
    const { graph } = x.node;
    const held = this.held.length === 0 ? undefined : this.held.map((state) => graph.read(state));
    const initial = given.length === 0 ? held : given;
    const mask = x.mask && (this.goBackwards ? reversed(x.mask) : x.mask);
    const { training } = context;
    const sequence = { x: this.goBackwards ? reversed(x) : x, initial, mask, training };
    const recurrence = this.run(sequence);
    const { states } = recurrence;
    this.held.forEach((state, i) => {
      graph.update(state, states[i] as Value);
    });
    const output = this.outputOf(recurrence, sequence);
    return this.returnState ? [output, ...states] : output;
  }

  override kerasArguments(inputs: readonly unknown[]) {
    return statesAsArgument(inputs);
  }

  override computeMask(_: Value | Value[], mask: Masks): Masks {
    return this.returnSequences ? [[mask].flat()[0]] : undefined;
  }

  /** Lets the next batch start from zeros again. */
  override resetStates(): void {
    for (const state of this.held) state.assign(zeros(state.shape));
  }

  /** The layer's output, where masked steps give 0 until one has counted, as in Keras. */
  private outputOf({ hidden, states }: Recurrence, { mask, initial }: Sequence): Value {
    const output = this.returnSequences ? hidden : (states[0] as Value);
    if (mask === undefined || (initial === undefined && !this.zeroOutputForMask)) return output;
    const counts = this.zeroOutputForMask ? mask : countsUpTo(mask);
    if (this.returnSequences) return where(spreadMask(counts, 3), output, 0);
    return where(slice(counts, [0, (mask.shape[1] as number) - 1]), output, 0);
  }

  /** x kernel, [batch, time, gates * units]; in training with features dropped. */
  protected inputProduct({ x, training }: Sequence): Value {
    if (!training || this.dropout === 0) return matmul(x, this.kernel);
    const [batch, , n] = x.shape as [number, number, number];
    // As in Keras, gates that see other states see other inputs, too.
    const apart = this.recurrentDropout > 0 ? this.gates : 1;
    const kept = this.masks(x, [batch, 1, n], this.dropout, apart, 0);
    if (apart === 1) return matmul(multiply(x, kept[0] as Value), this.kernel);
    return concat(
      kept.map((keep, gate) => matmul(multiply(x, keep), this.gateOf(this.kernel, gate))),
    );
  }

  /** What the state is multiplied by on its way to each gate, if some of it is to be dropped. */
  protected stateMasks({ x, training }: Sequence): readonly Value[] | undefined {
    if (!training || this.recurrentDropout === 0) return undefined;
    const shape = [x.shape[0] as number, this.units];
    return this.masks(x, shape, this.recurrentDropout, this.gates, this.gates);
  }

  /** state recurrent_kernel, [batch, gates * units], with what the masks drop. */
  protected stateProduct(state: Value, masks: readonly Value[] | undefined): Value {
    if (masks === undefined) return matmul(state, this.recurrentKernel);
    return concat(
      masks.map((mask, gate) =>
        matmul(multiply(state, mask), this.gateOf(this.recurrentKernel, gate)),
      ),
    );
  }

  /** A gate's columns of a kernel. */
  protected gateOf(kernel: Variable, gate: number): Value {
    return slice(kernel, [0, gate * this.units], [-1, this.units]) as Value;
  }

  /** The states to start from; zeros when there are none. */
  protected startOf({ x, initial }: Sequence): readonly Value[] {
    if (initial !== undefined) return initial;
    const shape = [x.shape[0] as number, this.units];
    const start = broadcastTo(x.node.graph.constant(0), shape);
    return new Array<Value>(this.stateCount).fill(start);
  }

  /** Masks of dropout: 0, or what makes up for the zeros. */
  private masks(x: Value, shape: Shape, rate: number, count: number, first: number): Value[] {
    const ones = broadcastTo(x.node.graph.constant(1), shape);
    return Array.from({ length: count }, (_, i) =>
      dropout(ones, rate, this.seed === undefined ? {} : { seed: this.seed + first + i }),
    );
  }

  private zeroVariables(x: PartialShape): Variable[] {
    const [batch] = x;
    if (typeof batch !== 'number') {
      throw this.error(
        'BAD_SHAPE',
        'a stateful layer keeps a state for each sample of the batch, so the batch must be of known size: ' +
          `give batchInputShape, such as [8, null, ${x[2] ?? 3}], or input({ batchShape }).`,
      );
    }
    return Array.from({ length: this.stateCount }, (_, i) => {
      const options = { name: `${this.name}/state_${i}`, trainable: false };
      return new Variable(zeros([batch, this.units]), options);
    });
  }

  private checkCall(x: Value, initial: readonly Value[]): void {
    this.checkInputs(
      x.shape,
      initial.map(({ shape }) => shape),
      { [-1]: this.kernel.shape[0] as number },
    );
    const [batch, time] = x.shape as [number, number];
    const [state] = this.held;
    if (state !== undefined && state.shape[0] !== batch) {
      throw this.error(
        'BAD_SHAPE',
        `it is stateful and was built for batches of ${state.shape[0]}, but got one of ${batch}. Give ` +
          `batchSize: ${state.shape[0]} and a whole number of batches.`,
      );
    }
    if (x.mask !== undefined && !sameShape(x.mask.shape, [batch, time])) {
      throw this.error(
        'BAD_SHAPE',
        `expected a mask [batch, time] of shape ${showBatched([batch, time])}, but got ` +
          `${showBatched(x.mask.shape)}.`,
      );
    }
  }

  private checkInputs(
    x: PartialShape,
    states: readonly PartialShape[],
    sizes: Record<number, number> = {},
  ): void {
    checkInput(this, x, { axes: '[batch, time, features]', rank: 3, sizes });
    const wanted = [x[0] as number, this.units];
    const fits = (state: PartialShape) => sameShape(state as Shape, wanted);
    if (states.length === 0 || (states.length === this.stateCount && states.every(fits))) return;
    throw this.error(
      'BAD_SHAPE',
      `expected a sequence alone, or with ${this.stateCount} initial ` +
        `${this.stateCount === 1 ? 'state' : 'states'} of shape ${showBatched(wanted)}, but got ` +
        `${states.map(showBatched).join(' and ')}.`,
    );
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      return_sequences: this.returnSequences,
      return_state: this.returnState,
      go_backwards: this.goBackwards,
      stateful: this.stateful,
      unroll: this.unroll,
      zero_output_for_mask: this.zeroOutputForMask,
      units: this.units,
      activation: this.activation.name,
      use_bias: this.useBias,
      kernel_initializer: serialize(this.kernelInitializer),
      recurrent_initializer: serialize(this.recurrentInitializer),
      bias_initializer: serialize(this.biasInitializer),
      kernel_regularizer: serialize(this.weightRegularizers.kernel),
      recurrent_regularizer: serialize(this.weightRegularizers.recurrent),
      bias_regularizer: serialize(this.weightRegularizers.bias),
      kernel_constraint: serialize(this.weightConstraints.kernel),
      recurrent_constraint: serialize(this.weightConstraints.recurrent),
      bias_constraint: serialize(this.weightConstraints.bias),
      dropout: this.dropout,
      recurrent_dropout: this.recurrentDropout,
      seed: this.seed ?? null,
    };
  }
}

type WeightKind = 'kernel' | 'recurrent' | 'bias';

/** How Keras takes a sequence and states to start from. */
export function statesAsArgument([x, ...states]: readonly unknown[]) {
  return { args: [x], kwargs: states.length === 0 ? {} : { initial_state: states } };
}

function zeros(shape: Shape): Tensor {
  return new Tensor(new Float32Array(shape.reduce((size, dim) => size * dim, 1)), shape);
}
