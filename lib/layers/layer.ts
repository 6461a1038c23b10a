import {
  type Constraint,
  type ConstraintLike,
  get as getConstraint,
} from '../constraints/index.js';
import { checkDType, type DType } from '../core/dtype.js';
import { type ErrorCode, LugeError } from '../core/errors.js';
import { uniqueName } from '../core/names.js';
import { checkFlag, checkOptions, show } from '../core/options.js';
import { type Config, classNameOf, optionsFromConfig, serialize } from '../core/registry.js';
import {
  isPartialShape,
  type PartialShape,
  type Shape,
  sameShape,
  showShape,
} from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { Variable } from '../core/variable.js';
import { Value } from '../graph/ir.js';
import { type Call, type CallContext, recordCall, SymbolicTensor } from '../graph/symbolic.js';
import {
  get as getInitializer,
  type Initializer,
  type InitializerLike,
} from '../initializers/index.js';
import { multiply } from '../ops/binary.js';
import { withGraph } from '../ops/define.js';
import {
  get as getRegularizer,
  type Regularizer,
  type RegularizerLike,
} from '../regularizers/index.js';
import { type CallOptions, replaceTensors, tensorsIn } from './call_options.js';
import { type Masks, toMask } from './masks.js';

/** Options that every layer takes. */
export interface LayerOptions {
  /** Default: the class in snake_case, with a number from the second on: dense, dense_1, ... */
  name?: string;
  /** Whether training changes the weights. Default true. */
  trainable?: boolean;
  /** Shape of one sample; for the first layer of a sequential model. */
  inputShape?: PartialShape;
  /** The same with the batch in front: [null, ...]. */
  batchInputShape?: PartialShape;
  /** Element type of that input. Default 'float32'. */
  dtype?: DType;
  /** Its penalty of the outputs, divided by the batch size, is added to the loss. Default: none. */
  activityRegularizer?: RegularizerLike;
}

export const layerOptions = [
  ...['name', 'trainable', 'inputShape', 'batchInputShape', 'dtype', 'activityRegularizer'],
] as const;

/** What `addWeight` takes. */
export interface WeightOptions {
  /** The weight's name in the layer. */
  name: string;
  /** Sizes of the axes. */
  shape: Shape;
  /** Default 'glorotUniform'. */
  initializer?: InitializerLike;
  /** Default 'float32'. */
  dtype?: DType;
  /** Default true. */
  trainable?: boolean;
  /** What it adds to the loss. */
  regularizer?: RegularizerLike | undefined;
  /** What the optimizer's steps must leave of it. */
  constraint?: ConstraintLike | undefined;
}

/** Call options with values in the place of symbolic tensors, beside how the model is run. */
type GivenContext = CallContext & { readonly mask?: Masks };

interface OwnWeight {
  readonly variable: Variable;
  readonly regularizer: Regularizer | undefined;
  readonly constraint: Constraint | undefined;
}

// The context of the layer being called, for layers that it applies in turn.
let currentContext: CallContext = { training: false };

/**
 * A piece of a model: weights and a function of its inputs.
 *
 * To write one, extend this class: create weights in `build` with `addWeight`, compute in `call`
 * with `ops`, and answer with the options in `getConfig`. Layers held in properties (alone or in
 * arrays) belong to it: their weights are its weights.
 *
 * @example
 * ```ts
 * // x times a trained number for each feature.
 * class Scale extends Layer {
 *   static override className = 'Scale';
 *   private factor!: Variable;
 *   override build(inputShape: PartialShape): void {
 *     const shape = [inputShape.at(-1) as number];
 *     this.factor = this.addWeight({ name: 'factor', shape, initializer: 'ones' });
 *   }
 *   override call(x: Value): Value {
 *     return ops.multiply(x, this.factor);
 *   }
 * }
 * const model = sequential([new Scale({ inputShape: [3] })]);
 * model.countParams(); // => 3
 * ```
 */
export abstract class Layer {
  /** The class name in configurations; by default the name of the JavaScript class. */
  static className = 'Layer';

  /** Its name, which differs from that of every other layer of a model. */
  readonly name: string;
  /** Whether the weights exist. */
  built = false;
  /** The input that the options give, with the batch in front; undefined when they give none. */
  readonly batchInputShape: PartialShape | undefined;
  /** Element type of that input. */
  readonly dtype: DType;
  private readonly activityRegularizer: Regularizer | undefined;
  /**
   * Whether the layer understands the masks that its inputs carry (`value.mask`) and gives its
   * outputs those of `computeMask`. Otherwise they end here, with a warning. Default: whether
   * the class has a `computeMask` of its own.
   */
  supportsMasking: boolean = this.computeMask !== Layer.prototype.computeMask;
  /** Names of what `apply` takes besides the inputs and `training`. */
  readonly callOptions: readonly string[] = [];
  /** What Keras calls the inputs where it takes them one by one; in files, they may come so named. */
  readonly inputNames: readonly string[] = [];
  private learns: boolean;
  private readonly own: OwnWeight[] = [];
  private firstCall: Call | undefined;

  /**
   * @param known names of the layer's own options; when given, any other is an error.
   */
  constructor(options: LayerOptions = {}, known?: readonly string[]) {
    if (known !== undefined) checkOptions(this.className, options, [...known, ...layerOptions]);
    const { inputShape, batchInputShape } = options;
    this.name = options.name ?? uniqueName(this.className);
    if (typeof this.name !== 'string' || this.name === '' || this.name.includes('/')) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `${this.className}: name must be a text without '/', but got ${JSON.stringify(this.name)}.`,
      );
    }
    for (const [option, shape] of Object.entries({ inputShape, batchInputShape })) {
      if (shape === undefined || isPartialShape(shape)) continue;
      throw this.error(
        'BAD_SHAPE',
        `${option} must list whole numbers of at least 1, or null where a size is not known, such as ` +
          `[28, 28, 1], but got ${show(shape)}.`,
      );
    }
    this.learns = this.flag('trainable', options.trainable, true);
    this.batchInputShape = batchInputShape ?? (inputShape && [null, ...inputShape]);
    this.dtype = this.named(() => checkDType(options.dtype ?? 'float32'));
    this.activityRegularizer = this.regularizer(options.activityRegularizer);
  }

  get className(): string {
    return classNameOf(this.constructor);
  }

  /** Creates the weights for inputs of that shape (a list of shapes when there are several). */
  build(_inputShape: PartialShape | PartialShape[]): void {}

  /** The outputs, from the inputs: a single value, or a list when there are several. */
  abstract call(inputs: Value | Value[], context: CallContext): Value | Value[];

  /**
   * The masks of the outputs, from the inputs and the masks that they carry: each float32 of the
   * output's first axes, 1 or 0 for what to skip, or undefined for none. By default those of the
   * inputs, in order. Only asked when `supportsMasking`.
   */
  computeMask(_inputs: Value | Value[], mask: Masks): Masks {
    return mask;
  }

  /**
   * Applies the layer: to symbolic tensors when drawing a model, or to values inside another
   * layer's `call`. Builds the layer first when it is not built.
   *
   * @param options `training`, and what the layer takes besides. They reach `call` in its context.
   * @throws LugeError naming the layer when the inputs do not fit; UNKNOWN_NAME for other options.
   * @example
   * ```ts
   * const x = input({ shape: [4] });
   * const y = layers.dense({ units: 2 }).apply(x);
   * y.shape; // => [null, 2]
   * ```
   */
  apply<T extends SymbolicTensor | Value, Y = T>(
    inputs: T | readonly T[],
    options: CallOptions = {},
  ): Y {
    checkOptions(`${this.className}.apply`, options, ['training', ...this.callOptions]);
    const list = (Array.isArray(inputs) ? inputs : [inputs]) as (SymbolicTensor | Value)[];
    const all = [...list, ...tensorsIn(options)];
    let outputs: (SymbolicTensor | Value)[];
    if (list.length > 0 && all.every((input) => input instanceof Value)) {
      outputs = this.invoke(list as Value[], {
        ...currentContext,
        ...replaceTensors(options, []),
      });
    } else if (list.length > 0 && all.every((input) => input instanceof SymbolicTensor)) {
      this.buildFor(list.map((input) => input.shape));
      const run: Call['run'] = (values, context) => {
        const given = replaceTensors(options, values.slice(list.length));
        return this.invoke(values.slice(0, list.length), { ...context, ...given });
      };
      const recorded = recordCall(this.name, all, run, { layer: this, options });
      this.firstCall ??= recorded[0]?.call;
      this.warnOfLostMask(list as SymbolicTensor[], recorded);
      outputs = recorded;
    } else {
      throw this.error(
        'BAD_ARGUMENT',
        'apply takes a symbolic tensor, such as input({ shape: [784] }) or the output of a layer, or a ' +
          'list of them. To compute on data, make a model and use predict.',
      );
    }
    return (outputs.length === 1 ? outputs[0] : outputs) as Y;
  }

  /** `call` on the values of a graph, with the graph set as the current one. */
  invoke(values: readonly Value[], context: GivenContext): Value[] {
    const { graph } = (values[0] as Value).node;
    this.buildFor(values.map((value) => value.shape));
    const outer = currentContext;
    currentContext = { training: context.training };
    try {
      return graph.within(this.name, () =>
        withGraph(graph, () =>
          this.named(() => {
            const given = [context.mask].flat();
            const inputs = values.map((value, i) =>
              given[i] === undefined ? value : value.withMask(toMask(given[i])),
            );
            const outputs = this.checked([this.call(oneOrList(inputs), context)].flat());
            for (const output of outputs) this.penalize(output);
            return this.passMasksOn(inputs, outputs);
          }),
        ),
      );
    } finally {
      currentContext = outer;
    }
  }

  /** A new weight, to be created in `build`. */
  addWeight(options: WeightOptions): Variable {
    const {
      name,
      shape,
      initializer = 'glorotUniform',
      dtype = 'float32',
      trainable = true,
    } = options;
    // A layer built inside another one's `call` must not draw its weights anew at every step.
    const value = withGraph(undefined, () => getInitializer(initializer).make(shape, dtype));
    const variable = new Variable(value, { name: `${this.name}/${name}`, trainable });
    const regularizer = this.regularizer(options.regularizer);
    const constraint = this.constraint(options.constraint);
    this.own.push({ variable, regularizer, constraint });
    return variable;
  }

  /**
   * Lets stateful recurrent layers, this one or those inside of it, start from zeros again.
   *
   * @example
   * ```ts
   * const rnn = layers.gru({ units: 2, stateful: true, batchInputShape: [1, 2, 1] });
   * const model = sequential([rnn]);
   * const first = await model.predict([[[1], [2]]]);
   * model.resetStates();
   * const again = await model.predict([[[1], [2]]]);
   * again.data[0] === first.data[0]; // => true
   * ```
   */
  resetStates(): void {
    for (const layer of this.sublayers) layer.resetStates();
  }

  /** Layers that this one is made of: those in its properties. */
  get sublayers(): Layer[] {
    return Object.values(this)
      .flat()
      .filter((value) => value instanceof Layer);
  }

  /** Whether training changes the weights; setting it sets that of inner layers, too. */
  get trainable(): boolean {
    return this.learns;
  }

  set trainable(value: boolean) {
    this.learns = value;
    for (const layer of this.sublayers) layer.trainable = value;
  }

  /** All weights: its own trainable ones, its own others, then those of inner layers. */
  get weights(): Variable[] {
    const own = this.own.map(({ variable }) => variable);
    return unique([
      ...own.filter((variable) => variable.trainable),
      ...own.filter((variable) => !variable.trainable),
      ...this.sublayers.flatMap((layer) => layer.weights),
    ]);
  }

  /** The weights that training changes now. */
  get trainableWeights(): Variable[] {
    if (!this.trainable) return [];
    const own = this.own.map(({ variable }) => variable).filter((variable) => variable.trainable);
    return unique([...own, ...this.sublayers.flatMap((layer) => layer.trainableWeights)]);
  }

  /** The weights that training leaves to the layer, such as running statistics, or frozen ones. */
  get nonTrainableWeights(): Variable[] {
    const trained = new Set(this.trainableWeights);
    return this.weights.filter((variable) => !trained.has(variable));
  }

  /**
   * Copies of the weights, in the order of `weights`. Throws NOT_BUILT.
   *
   * @example
   * ```ts
   * const layer = layers.dense({ units: 2, kernelInitializer: 'ones', inputShape: [1] });
   * const network = sequential([layer]);
   * const [kernel, bias] = layer.getWeights();
   * kernel; // => [[1, 1]]
   * bias; // => [0, 0]
   * ```
   */
  getWeights(): Tensor[] {
    this.requireBuilt();
    return this.weights.map((variable) => variable.value);
  }

  /**
   * Replaces all weights, or none when one does not fit. Throws NOT_BUILT, BAD_SHAPE, BAD_DTYPE.
   *
   * @example
   * ```ts
   * const layer = layers.dense({ units: 1, inputShape: [2] });
   * const network = sequential([layer]);
   * layer.setWeights([tensor([[2], [3]]), tensor([10])]);
   * await network.predict([[1, 1]]); // => [[15]]
   * ```
   */
  setWeights(tensors: readonly Tensor[]): void {
    this.requireBuilt();
    const { weights } = this;
    if (tensors.length !== weights.length) {
      throw this.error(
        'BAD_ARGUMENT',
        `expected ${weights.length} weights, but got ${tensors.length}.`,
      );
    }
    weights.forEach((variable, i) => {
      const { shape, dtype } = tensors[i] as Tensor;
      const code = !sameShape(shape, variable.shape)
        ? 'BAD_SHAPE'
        : dtype !== variable.dtype
          ? 'BAD_DTYPE'
          : undefined;
      if (code === undefined) return;
      throw this.error(
        code,
        `weight ${i} (${variable.name}) is ${variable.dtype} ${showShape(variable.shape)}, but the value ` +
          `given is ${dtype} ${showShape(shape)}.`,
      );
    });
    weights.forEach((variable, i) => {
      variable.assign(tensors[i] as Tensor);
    });
  }

  /** The number of single weights. Throws NOT_BUILT. */
  countParams(): number {
    this.requireBuilt();
    return this.weights.reduce((count, variable) => count + variable.size, 0);
  }

  /** Adds a number, [], to the loss in training and in `evaluate`; to be called in `call`. */
  addLoss(loss: Value): void {
    if (loss instanceof Value && loss.rank === 0) {
      loss.node.graph.losses.push(loss);
      return;
    }
    throw this.error(
      'BAD_SHAPE',
      'addLoss takes a single number, such as ops.mean(ops.square(y)), but got ' +
        `${loss instanceof Value ? showShape(loss.shape) : typeof loss}.`,
    );
  }

  /** What the activity regularizer adds for an output, per sample as in Keras. */
  private penalize(output: Value): void {
    if (this.activityRegularizer === undefined) return;
    const penalty = this.activityRegularizer.penalty(output);
    this.addLoss(multiply(penalty, 1 / (output.shape[0] ?? 1)));
  }

  /** What the regularizers of the trainable weights add to the loss: scalars of the current graph. */
  regularizationLosses(): Value[] {
    const own = this.trainable ? this.own : [];
    return [
      ...own.flatMap(({ variable, regularizer }) =>
        variable.trainable && regularizer !== undefined
          ? [this.named(() => regularizer.penalty(variable))]
          : [],
      ),
      ...this.sublayers.flatMap((layer) => layer.regularizationLosses()),
    ];
  }

  /** What the trainable weights must be after each step. */
  constraints(): Map<Variable, Constraint> {
    const own = this.trainable ? this.own : [];
    return new Map([
      ...own.flatMap(({ variable, constraint }): [Variable, Constraint][] =>
        variable.trainable && constraint !== undefined ? [[variable, constraint]] : [],
      ),
      ...this.sublayers.flatMap((layer) => [...layer.constraints()]),
    ]);
  }

  /** The input of the first application: a list when there are several. Throws NOT_BUILT before. */
  get input(): SymbolicTensor | SymbolicTensor[] {
    return oneOrList(this.application.inputs);
  }

  /** The output of the first application: a list when there are several. Throws NOT_BUILT before. */
  get output(): SymbolicTensor | SymbolicTensor[] {
    return oneOrList(this.application.outputs);
  }

  private get application(): Pick<Call, 'inputs' | 'outputs'> {
    if (this.firstCall !== undefined) return this.firstCall;
    throw this.error(
      'NOT_BUILT',
      'it has no input or output yet: apply it to a symbolic tensor or add it to a model with a known ' +
        'input shape first.',
    );
  }

  /** How Keras's `call` takes these inputs: alone, or as a list when there are several. */
  kerasArguments(inputs: readonly unknown[]): { args: unknown[]; kwargs: Config } {
    return { args: [oneOrList(inputs)], kwargs: {} };
  }

  /** The settings with Keras's names, from which `fromConfig` makes an equal, unbuilt layer. */
  getConfig(): Config {
    const { name, trainable, dtype, activityRegularizer } = this;
    const penalty = activityRegularizer && {
      activity_regularizer: serialize(activityRegularizer),
    };
    return { name, trainable, dtype, ...penalty };
  }

  /** A layer from its settings; unknown ones are an error. */
  static fromConfig<L extends Layer>(this: new (options: never) => L, config: Config): L {
    return new this(layerOptionsFrom(config) as never);
  }

  /** An error that names the layer. */
  error(code: ErrorCode, message: string, cause?: unknown): LugeError {
    return new LugeError(code, `Layer '${this.name}' (${this.className}): ${message}`, { cause });
  }

  private requireBuilt(): void {
    if (this.built) return;
    throw this.error(
      'NOT_BUILT',
      'it has no weights yet: give the first layer an inputShape, or apply it to an input first.',
    );
  }

  /** Builds the layer for inputs of these shapes, the batch in front, unless it is built. */
  buildFor(shapes: PartialShape[]): void {
    if (this.built) return;
    try {
      this.named(() => this.build(shapes.length === 1 ? (shapes[0] as PartialShape) : shapes));
    } catch (error) {
      this.own.length = 0;
      throw error;
    }
    this.built = true;
  }

  /** The outputs with the masks that layers inside of `call` gave them, or that it computes. */
  private passMasksOn(inputs: readonly Value[], outputs: readonly Value[]): Value[] {
    const made = outputs.map((y) => (inputs.includes(y) ? y.withMask(undefined) : y));
    if (!this.supportsMasking || made.every(({ mask }) => mask !== undefined)) return made;
    const masks = [
      this.computeMask(oneOrList(inputs), oneOrList(inputs.map((x) => x.mask))),
    ].flat();
    return made.map((y, i) => (y.mask === undefined && masks[i] ? y.withMask(masks[i]) : y));
  }

  /** Says where steps that were to be skipped begin to count again, which few would expect. */
  private warnOfLostMask(
    inputs: readonly SymbolicTensor[],
    outputs: readonly SymbolicTensor[],
  ): void {
    const isMasked = ({ maskShape }: SymbolicTensor) => maskShape !== undefined;
    if (this.supportsMasking || !inputs.some(isMasked) || outputs.some(isMasked)) return;
    process.emitWarning(
      `Layer '${this.name}' (${this.className}) does not understand the mask of its input: layers ` +
        'behind it will not skip the steps that were masked.',
      'LugeWarning',
    );
  }

  private checked(outputs: Value[]): Value[] {
    if (outputs.length > 0 && outputs.every((output) => output instanceof Value)) return outputs;
    throw this.error(
      'BAD_ARGUMENT',
      'call must answer with values that ops give, or a list of them.',
    );
  }

  /** An option that is true or false. */
  protected flag(option: string, given: boolean | undefined, otherwise: boolean): boolean {
    return this.named(() => checkFlag(option, given ?? otherwise));
  }

  /** The initializer that an option means. */
  protected initializer(given: InitializerLike | undefined, otherwise: string): Initializer {
    return this.named(() => getInitializer(given ?? otherwise));
  }

  /** The regularizer that an option means, if any. */
  protected regularizer(given: RegularizerLike | undefined): Regularizer | undefined {
    return given === undefined ? undefined : this.named(() => getRegularizer(given));
  }

  /** The constraint that an option means, if any. */
  protected constraint(given: ConstraintLike | undefined): Constraint | undefined {
    return given === undefined ? undefined : this.named(() => getConstraint(given));
  }

  /** Runs `body`; errors that name no layer get this one's name. */
  protected named<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (!(error instanceof LugeError) || error.message.startsWith("Layer '")) throw error;
      throw this.error(error.code, error.message, error);
    }
  }
}

/** Options of a layer from its settings. */
export function layerOptionsFrom(config: Config): Config {
  const options = optionsFromConfig(config);
  // Keras writes a policy here, { class_name: 'DTypePolicy', config: { name } }.
  if (typeof options.dtype === 'object') delete options.dtype;
  return options;
}

function oneOrList<T>(items: readonly T[]): T | T[] {
  return items.length === 1 ? (items[0] as T) : [...items];
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
