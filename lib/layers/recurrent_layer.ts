import { checkCount } from '../core/options.js';
import { type Config, serialize } from '../core/registry.js';
import { type PartialShape, type Shape, sameShape } from '../core/shape.js';
import { tensor } from '../core/tensor.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { Initializer, InitializerLike } from '../initializers/index.js';
import { broadcastTo } from '../ops/broadcast.js';
import { stack } from '../ops/concat.js';
import { gather } from '../ops/gather.js';
import { reshape } from '../ops/reshape.js';
import { slice } from '../ops/slice.js';
import type { Regularizer, RegularizerLike } from '../regularizers/index.js';
import { Activation, type ActivationLike } from './activations.js';
import { checkInput, knownSize, showBatched } from './check_input.js';
import { Layer, type LayerOptions } from './layer.js';

/** Options of layers that go through a sequence step by step. */
export interface RecurrentOptions extends LayerOptions {
  /** Size of the state, and of the output at each step. */
  units: number;
  /** Of what enters the state. Default 'tanh'. */
  activation?: ActivationLike;
  /** Of the gates. Default 'sigmoid'. */
  recurrentActivation?: ActivationLike;
  /** Default true. */
  useBias?: boolean;
  /** Default 'glorotUniform'. */
  kernelInitializer?: InitializerLike;
  /** Default 'orthogonal'. */
  recurrentInitializer?: InitializerLike;
  /** Default 'zeros'. */
  biasInitializer?: InitializerLike;
  /** Default: none. */
  kernelRegularizer?: RegularizerLike;
  /** Default: none. */
  recurrentRegularizer?: RegularizerLike;
  /** Default: none. */
  biasRegularizer?: RegularizerLike;
  /** Whether to give the output of every step, [batch, time, units]. Default false: of the last. */
  returnSequences?: boolean;
  /** Whether to give the states after the last step, too, as further outputs. Default false. */
  returnState?: boolean;
  /** Whether to go from the last step of the input to the first. Default false. */
  goBackwards?: boolean;
}

const recurrentOptions = [
  ...['units', 'activation', 'recurrentActivation', 'useBias', 'kernelInitializer'],
  ...['recurrentInitializer', 'biasInitializer', 'kernelRegularizer', 'recurrentRegularizer'],
  ...['biasRegularizer', 'returnSequences', 'returnState', 'goBackwards'],
];

/** What Keras has and this does not have yet: only the default is understood. */
const missing: Readonly<Record<string, unknown>> = {
  dropout: 0,
  recurrentDropout: 0,
  stateful: false,
  unroll: false,
  zeroOutputForMask: false,
};

/** What a layer makes of a sequence: each step's output, and the states after the last step. */
export interface Recurrence {
  /** [batch, time, units] */
  readonly hidden: Value;
  /** [batch, units] each, the last step's output first. */
  readonly states: readonly Value[];
}

/** A layer with a kernel for the input, one for the state, and a bias: what LSTM and GRU share. */
export abstract class RecurrentLayer extends Layer {
  static override className = 'RecurrentLayer';
  readonly units: number;
  protected readonly activation: Activation;
  protected readonly recurrentActivation: Activation;
  protected readonly useBias: boolean;
  protected kernel!: Variable;
  protected recurrentKernel!: Variable;
  protected bias: Variable | undefined;
  private readonly kernelInitializer: Initializer;
  private readonly recurrentInitializer: Initializer;
  protected readonly biasInitializer: Initializer;
  private readonly kernelRegularizer: Regularizer | undefined;
  private readonly recurrentRegularizer: Regularizer | undefined;
  private readonly biasRegularizer: Regularizer | undefined;
  private readonly returnSequences: boolean;
  private readonly returnState: boolean;
  private readonly goBackwards: boolean;

  constructor(options: RecurrentOptions, known: readonly string[]) {
    super(options, [...known, ...recurrentOptions, ...Object.keys(missing)]);
    this.refuseMissing(options);
    this.units = this.named(() => checkCount('units', options.units));
    this.activation = this.named(() => new Activation(options.activation ?? 'tanh'));
    this.recurrentActivation = this.named(
      () => new Activation(options.recurrentActivation ?? 'sigmoid'),
    );
    this.useBias = options.useBias ?? true;
    this.kernelInitializer = this.initializer(options.kernelInitializer, 'glorotUniform');
    this.recurrentInitializer = this.initializer(options.recurrentInitializer, 'orthogonal');
    this.biasInitializer = this.initializer(options.biasInitializer, 'zeros');
    this.kernelRegularizer = this.regularizer(options.kernelRegularizer);
    this.recurrentRegularizer = this.regularizer(options.recurrentRegularizer);
    this.biasRegularizer = this.regularizer(options.biasRegularizer);
    this.returnSequences = options.returnSequences ?? false;
    this.returnState = options.returnState ?? false;
    this.goBackwards = options.goBackwards ?? false;
  }

  /** How many blocks of `units` columns the kernels have. */
  protected abstract readonly gates: number;
  /** How many states there are, each [batch, units]. */
  protected abstract readonly stateCount: number;
  /** The bias's shape, and how it starts. */
  protected abstract biasShape(): Shape;
  protected abstract initializerOfBias(): Initializer;
  /** The recurrence over x [batch, time, n], from states that are given or zeros. */
  protected abstract run(x: Value, initial: readonly Value[] | undefined): Recurrence;

  override build(inputShape: PartialShape | PartialShape[]): void {
    const [x, ...states] = shapesOf(inputShape);
    this.checkInputs(x as PartialShape, states);
    const columns = this.gates * this.units;
    this.kernel = this.addWeight({
      name: 'kernel',
      shape: [knownSize(this, x as PartialShape, -1), columns],
      initializer: this.kernelInitializer,
      regularizer: this.kernelRegularizer,
    });
    this.recurrentKernel = this.addWeight({
      name: 'recurrent_kernel',
      shape: [this.units, columns],
      initializer: this.recurrentInitializer,
      regularizer: this.recurrentRegularizer,
    });
    if (!this.useBias) return;
    this.bias = this.addWeight({
      name: 'bias',
      shape: this.biasShape(),
      initializer: this.initializerOfBias(),
      regularizer: this.biasRegularizer,
    });
  }

  override call(inputs: Value | Value[]): Value | Value[] {
    const [x, ...initial] = [inputs].flat() as [Value, ...Value[]];
    const sizes = { [-1]: this.kernel.shape[0] as number };
    this.checkInputs(
      x.shape,
      initial.map(({ shape }) => shape),
      sizes,
    );
    const sequence = this.goBackwards ? reversed(x) : x;
    const { hidden, states } = this.run(sequence, initial.length === 0 ? undefined : initial);
    const output = this.returnSequences ? hidden : (states[0] as Value);
    return this.returnState ? [output, ...states] : output;
  }

  /** Whether the activations are those that the native recurrences compute. */
  protected hasDefaultActivations(): boolean {
    return (
      this.activation.apply === new Activation('tanh').apply &&
      this.recurrentActivation.apply === new Activation('sigmoid').apply
    );
  }

  /**
   * The recurrence of any cell, written out step by step.
   *
   * @param step the states [batch, units] after a step, from those before and its xz [batch, n].
   */
  protected unrolled(
    xz: Value,
    initial: readonly Value[] | undefined,
    step: (xz: Value, states: readonly Value[]) => readonly Value[],
  ): Recurrence {
    const [batch, time, n] = xz.shape as [number, number, number];
    let states = initial ?? this.zeroStates(xz, batch);
    const outputs = Array.from({ length: time }, (_, t) => {
      states = step(reshape(slice(xz, [0, t, 0], [batch, 1, n]), [batch, n]), states);
      return states[0] as Value;
    });
    return { hidden: stack(outputs, 1), states };
  }

  private zeroStates({ node: { graph } }: Value, batch: number): Value[] {
    const zeros = broadcastTo(graph.constant(0), [batch, this.units]);
    return new Array<Value>(this.stateCount).fill(zeros);
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

  private refuseMissing(options: object): void {
    for (const [name, value] of Object.entries(options)) {
      if (!(name in missing) || value === undefined || value === missing[name]) continue;
      throw this.error(
        'UNSUPPORTED',
        `${name} is not there yet: leave it at ${missing[name]}, but got ${JSON.stringify(value)}.`,
      );
    }
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: this.activation.name,
      recurrent_activation: this.recurrentActivation.name,
      use_bias: this.useBias,
      kernel_initializer: serialize(this.kernelInitializer),
      recurrent_initializer: serialize(this.recurrentInitializer),
      bias_initializer: serialize(this.biasInitializer),
      kernel_regularizer: serialize(this.kernelRegularizer),
      recurrent_regularizer: serialize(this.recurrentRegularizer),
      bias_regularizer: serialize(this.biasRegularizer),
      return_sequences: this.returnSequences,
      return_state: this.returnState,
      go_backwards: this.goBackwards,
    };
  }
}

function shapesOf(shape: PartialShape | PartialShape[]): PartialShape[] {
  return Array.isArray(shape[0]) ? (shape as PartialShape[]) : [shape as PartialShape];
}

/** x [batch, time, n] from the last step to the first. */
function reversed(x: Value): Value {
  const time = x.shape[1] as number;
  const order = Int32Array.from({ length: time }, (_, t) => time - 1 - t);
  return gather(x, tensor(order), 1);
}
