import type { Logs } from '../callbacks/index.js';
import { LugeError, unknownName } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { type PartialShape, showShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { Value } from '../graph/ir.js';
import type { CallContext, SymbolicTensor } from '../graph/symbolic.js';
import { Layer, type LayerOptions } from '../layers/layer.js';
import type { Optimizer } from '../optimizers/index.js';
import type { TraceRow } from '../runtime/program.js';
import type { CompileOptions } from './compiled.js';
import { type EvaluateOptions, evaluate } from './evaluate.js';
import { fitModel } from './fit.js';
import type { FitOptions } from './fit_options.js';
import type { History } from './history.js';
import { type Drawing, lower } from './lower.js';
import type { ModelData } from './model_data.js';
import { type OnBatchOptions, testOnBatch, trainOnBatch } from './on_batch.js';
import { type PredictOptions, predict } from './predict.js';
import type { Batches } from './prepare.js';
import { type ProfileOptions, profile, profilePredict } from './profile.js';
import {
  loadWeights,
  type ModelJSON,
  modelJSON,
  type SaveOptions,
  saveModel,
  saveWeights,
} from './save.js';
import { type ProgramOptions, printProgram, type SummaryOptions, summary } from './summary.js';
import { Trainer } from './trainer.js';

/** What a model gives: a tensor, or one for each output. */
export type Outputs = Tensor | Tensor[];

/**
 * Layers that lead from inputs to outputs, and what it takes to train them. Itself a layer. `Y` is
 * what it predicts, `Tensor` for a model with one output; either when the types cannot tell.
 *
 * @example
 * ```ts
 * // Both sequential(...) and model(...) give one.
 * const network: Model = sequential([layers.dense({ units: 1, inputShape: [2] })]);
 * network.compile({ optimizer: 'sgd', loss: 'mse' });
 * const history = await network.fit([[0, 0], [1, 1]], [0, 2], { epochs: 2, verbose: 0 });
 * history.epoch; // => [0, 1]
 * ```
 */
export abstract class Model<Y extends Outputs = Outputs> extends Layer {
  static override className = 'Model';
  override supportsMasking = true;

  /** Set to true, by a callback for example, to end training after the batches under way. */
  stopTraining = false;
  /** Of the last call of `fit`, also when it was stopped. */
  history: History | undefined;
  /** What runs it; for luge's own use. */
  readonly trainer: Trainer = new Trainer(this);

  constructor(options: LayerOptions = {}) {
    super(options, []);
  }

  /** The layers in order. */
  abstract get layers(): readonly Layer[];

  /** How its inputs and outputs are connected. Throws NOT_BUILT. */
  abstract get drawing(): Drawing;

  /** Builds the model for data of that shape, the batch in front. */
  abstract buildOn(shape: PartialShape): void;

  /** Its inputs. Throws NOT_BUILT. */
  get inputs(): readonly SymbolicTensor[] {
    return this.drawing.inputs;
  }

  /** Its outputs. Throws NOT_BUILT. */
  get outputs(): readonly SymbolicTensor[] {
    return this.drawing.outputs;
  }

  override get input(): SymbolicTensor | SymbolicTensor[] {
    return oneOrAll(this.inputs);
  }

  override get output(): SymbolicTensor | SymbolicTensor[] {
    return oneOrAll(this.outputs);
  }

  /** Names of the outputs: those of the layers that give them, told apart where they are the same. */
  get outputNames(): string[] {
    const seen = new Map<string, number>();
    return this.outputs.map(({ call, name: own }) => {
      const name = call?.name ?? own;
      const count = seen.get(name) ?? 0;
      seen.set(name, count + 1);
      return count === 0 ? name : `${name}_${count}`;
    });
  }

  override get sublayers(): Layer[] {
    return [...this.layers];
  }

  /**
   * The layer of that name or at that place (negative: from the end). Throws UNKNOWN_NAME.
   *
   * @example
   * ```ts
   * const network = sequential([
   *   layers.dense({ units: 3, inputShape: [2], name: 'hidden' }),
   *   layers.dense({ units: 1 }),
   * ]);
   * network.getLayer('hidden') === network.getLayer(0); // => true
   * network.getLayer(-1).countParams(); // => 4
   * ```
   */
  getLayer(nameOrIndex: string | number): Layer {
    const { layers } = this;
    const found =
      typeof nameOrIndex === 'number'
        ? layers.at(nameOrIndex)
        : layers.find(({ name }) => name === nameOrIndex);
    if (found !== undefined) return found;
    if (typeof nameOrIndex === 'string') {
      const names = layers.map(({ name }) => name);
      throw unknownName(`layer of model '${this.name}'`, nameOrIndex, names);
    }
    throw this.error(
      'UNKNOWN_NAME',
      `it has ${layers.length} layers, but layer ${nameOrIndex} is asked for.`,
    );
  }

  override call(inputs: Value | Value[], context: CallContext): Value | Value[] {
    const values = [inputs].flat();
    const { drawing } = this;
    this.checkInputs(values.map(({ shape }) => shape));
    return lower(drawing, values, context);
  }

  /** Its layers have passed the masks on. */
  override computeMask(): undefined {
    return undefined;
  }

  /**
   * Sets how to train: the optimizer, the loss and what else to report. Training can go on with other
   * settings after another call; the weights stay as they are.
   *
   * @throws LugeError UNKNOWN_NAME (with the nearest known name) or BAD_ARGUMENT; BUSY in training.
   * @example
   * ```ts
   * const network = sequential([
   *   layers.dense({ units: 10, activation: 'softmax', inputShape: [784] }),
   * ]);
   * network.compile({
   *   optimizer: optimizers.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
   *   loss: 'categoricalCrossentropy',
   *   metrics: ['accuracy'],
   * });
   * network.optimizer.learningRate; // => 0.1
   * ```
   */
  compile(options: CompileOptions): void {
    this.trainer.compile(options);
  }

  /**
   * What `compile` was given, with a new optimizer of the same settings, so that another model can be
   * compiled alike; undefined when it is not compiled.
   */
  get compileOptions(): CompileOptions | undefined {
    return this.trainer.isCompiled ? this.trainer.compiled.copyOptions : undefined;
  }

  /** The optimizer that `compile` was given. Throws NOT_COMPILED. */
  get optimizer(): Optimizer {
    return this.trainer.compiled.optimizer;
  }

  /**
   * Trains on samples x [n, ...] with labels y [n, ...], or on batches `{ x, y }` of a data set.
   * Everything given is checked before a weight is touched. The event loop stays free.
   *
   * @returns the loss and metrics of each epoch; also kept as `model.history`.
   * @throws LugeError that names what is wrong; BUSY when the model is in training; ABORTED when
   *   `signal` stopped it; what a callback throws.
   * @example
   * ```ts
   * const x = tensor([[0, 0], [0, 1], [1, 0], [1, 1]]);
   * const y = tensor([0, 1, 1, 2]);
   * const network = sequential([layers.dense({ units: 1, inputShape: [2] })]);
   * network.compile({ optimizer: optimizers.sgd({ learningRate: 0.5 }), loss: 'mse' });
   * const { history } = await network.fit(x, y, { epochs: 100, batchSize: 4, verbose: 0 });
   * history.loss?.length; // => 100
   * await network.predict([[1, 1]]); // => [[2]]
   * ```
   */
  fit(x: Batches, options?: FitOptions): Promise<History>;
  fit(x: ModelData, y: ModelData, options?: FitOptions): Promise<History>;
  async fit(x: ModelData | Batches, ...rest: unknown[]): Promise<History> {
    const [y, options] = splitArguments(x, rest);
    return fitModel(this, this.trainer, x, y, (options ?? {}) as FitOptions);
  }

  /**
   * Loss and metrics on samples or batches, by name: `{ loss, accuracy }`.
   *
   * @example
   * ```ts
   * const network = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
   * network.compile({ loss: 'mse', metrics: ['mae'] });
   * await network.evaluate([[1], [2]], [[1], [4]]); // => { loss: 2, mae: 1 }
   * ```
   */
  evaluate(x: Batches, options?: EvaluateOptions): Promise<Logs>;
  evaluate(x: ModelData, y: ModelData, options?: EvaluateOptions): Promise<Logs>;
  async evaluate(x: ModelData | Batches, ...rest: unknown[]): Promise<Logs> {
    const [y, options] = splitArguments(x, rest);
    return evaluate(this, this.trainer, x, y, (options ?? {}) as EvaluateOptions);
  }

  /**
   * The outputs for samples x [n, ...], or for the x of all batches of a data set: a tensor [n, ...], or
   * one for each output. With `polling`, the mean of those for the images and for distorted copies,
   * which takes some of the noise out of a prediction.
   *
   * @example
   * ```ts
   * const model = sequential([
   *   layers.flatten({ inputShape: [8, 8, 1] }),
   *   layers.dense({ units: 2, activation: 'softmax' }),
   * ]);
   * const images = ops.randomUniform([3, 8, 8, 1]);
   * const y = await model.predict(images, { polling: { copies: 4, rotation: 5, translation: 0.05 } });
   * y.shape; // => [3, 2]
   * ```
   */
  async predict(x: ModelData | Batches, options?: PredictOptions): Promise<Y> {
    return oneOrAll(await predict(this, this.trainer, 'predict', 'predict', x, options)) as Y;
  }

  /**
   * The class of each sample, int32 [n]: the place of the largest output, or for an output of size 1
   * whether it is above 0.5.
   *
   * @example
   * ```ts
   * const network = sequential([layers.softmax({ inputShape: [3] })]);
   * await network.predictClasses([[1, 5, 2], [3, 0, 1]]); // => [1, 0]
   * ```
   */
  async predictClasses(x: ModelData | Batches, options?: PredictOptions): Promise<Y> {
    return oneOrAll(
      await predict(this, this.trainer, 'predictClasses', 'classes', x, options),
    ) as Y;
  }

  /**
   * One training step on all of the samples. Answers with the loss and metrics before it.
   *
   * @example
   * ```ts
   * const network = sequential([
   *   layers.dense({ units: 1, kernelInitializer: 'zeros', inputShape: [1] }),
   * ]);
   * network.compile({ optimizer: optimizers.sgd({ learningRate: 0.5 }), loss: 'mse' });
   * await network.trainOnBatch([[0]], [[2]]); // => { loss: 4 }
   * await network.testOnBatch([[0]], [[2]]); // => { loss: 0 }
   * ```
   */
  async trainOnBatch(x: ModelData, y: ModelData, options: OnBatchOptions = {}): Promise<Logs> {
    return trainOnBatch(this, this.trainer, x, y, options);
  }

  /**
   * Loss and metrics of all of the samples, in one step.
   *
   * @example
   * ```ts
   * const network = sequential([layers.activation({ activation: 'linear', inputShape: [1] })]);
   * network.compile({ loss: 'mse' });
   * await network.testOnBatch([[1], [2]], [[1], [4]]); // => { loss: 2 }
   * ```
   */
  async testOnBatch(x: ModelData, y: ModelData, options: OnBatchOptions = {}): Promise<Logs> {
    return testOnBatch(this, this.trainer, x, y, options);
  }

  /**
   * The outputs for all of the samples, in one step.
   *
   * @example
   * ```ts
   * const network = sequential([layers.activation({ activation: 'relu', inputShape: [2] })]);
   * await network.predictOnBatch([[-1, 2]]); // => [[0, 2]]
   * ```
   */
  async predictOnBatch(x: ModelData): Promise<Y> {
    const whole = { batchSize: Number.MAX_SAFE_INTEGER };
    return oneOrAll(await predict(this, this.trainer, 'predictOnBatch', 'predict', x, whole)) as Y;
  }

  /**
   * A table of the layers, their output shapes and numbers of parameters, and the memory that a
   * training step takes.
   *
   * @returns its text, which is printed as well unless `print` is false.
   * @example
   * ```ts
   * const network = sequential([layers.dense({ units: 10, inputShape: [784] })]);
   * const text = network.summary({ print: false });
   * text.includes('7,850'); // => true
   * ```
   */
  summary(options: SummaryOptions = {}): string {
    return summary(this, this.trainer, options);
  }

  /**
   * The instructions of a step as text, with shapes and places in memory. Throws NOT_BUILT.
   *
   * @example
   * ```ts
   * const network = sequential([layers.dense({ units: 10, inputShape: [784] })]);
   * network.compile({ optimizer: 'sgd', loss: 'mse' });
   * console.log(network.printProgram({ batchSize: 32 }));
   * ```
   */
  printProgram(options: ProgramOptions = {}): string {
    return printProgram(this, this.trainer, options);
  }

  /**
   * Where the time of training goes: trains some steps and answers with a row for each instruction
   * of the program, in order, with its nanoseconds over all steps.
   *
   * @throws LugeError as `fit` does.
   * @example
   * ```ts
   * const network = sequential([layers.dense({ units: 1, inputShape: [2] })]);
   * network.compile({ optimizer: 'sgd', loss: 'mse' });
   * const rows = await network.profile([[0, 0], [1, 1]], [[0], [2]], { steps: 10 });
   * const slowest = rows.toSorted((a, b) => b.nanoseconds - a.nanoseconds)[0];
   * ```
   */
  async profile(x: ModelData, y: ModelData, options: ProfileOptions = {}): Promise<TraceRow[]> {
    return profile(this, this.trainer, x, y, options);
  }

  /**
   * The same for `predict`. What depends on weights alone runs only when a weight has changed, so
   * that its count is lower than that of the other instructions.
   *
   * @throws LugeError as `predict` does; BUSY when the model is in training.
   * @example
   * ```ts
   * const network = sequential([layers.dense({ units: 1, inputShape: [2] })]);
   * const rows = await network.profilePredict([[0, 0], [1, 1]], { steps: 10 });
   * rows.length > 0; // => true
   * ```
   */
  async profilePredict(x: ModelData, options: ProfileOptions = {}): Promise<TraceRow[]> {
    return profilePredict(this, this.trainer, x, options);
  }

  /**
   * Writes the whole model to a file that `loadModel` and Keras 3 load: architecture, weights,
   * compile options and optimizer state, in Keras's HDF5 format. The file is written whole or not
   * at all.
   *
   * @param path ends in '.h5'.
   * @throws LugeError NOT_BUILT before there are weights; UNSUPPORTED for another ending, or what a
   *   file cannot hold; BAD_ARGUMENT when the file cannot be written.
   * @example
   * ```ts
   * const network = sequential([layers.dense({ units: 1, inputShape: [2] })]);
   * await network.save('network.h5');
   * const loaded = await loadModel('network.h5');
   * loaded.countParams(); // => 3
   * ```
   */
  async save(path: string, options: SaveOptions = {}): Promise<void> {
    checkOptions('save', options, ['includeOptimizer']);
    return saveModel(this, this.trainer, path, options);
  }

  /**
   * Writes the weights alone. Otherwise as `save`. The name tells the layout: '.weights.h5' is that of
   * Keras 3, which holds the optimizer's state, too; '.h5' is the older one.
   *
   * @example
   * ```ts
   * const network = sequential([layers.dense({ units: 1, inputShape: [2] })]);
   * await network.saveWeights('weights.h5');
   * await network.loadWeights('weights.h5');
   * ```
   */
  async saveWeights(path: string): Promise<void> {
    return saveWeights(this, this.trainer, path);
  }

  /**
   * Reads all weights from a file that `saveWeights` or `save` wrote, here or in Keras. Layers are
   * found by name, or taken in order when the names are others; in '.weights.h5' files they go by class
   * and order, and the optimizer's state is read when the model is compiled with such an optimizer (a
   * warning tells when it is another). When a weight does not fit, none is changed.
   *
   * @throws LugeError as `loadModel` does; BAD_SHAPE when a shape does not fit.
   * @example
   * ```ts
   * const build = () => sequential([layers.dense({ units: 1, inputShape: [2] })]);
   * const [network, twin] = [build(), build()];
   * await network.saveWeights('weights.h5');
   * await twin.loadWeights('weights.h5');
   * const [w, v] = [network, twin].map((one) => one.getWeights()[0]) as [Tensor, Tensor];
   * ops.equal(w, v); // => [[1], [1]]
   * ```
   */
  async loadWeights(path: string): Promise<void> {
    this.trainer.requireIdle('loadWeights');
    return loadWeights(this, this.trainer, path);
  }

  /**
   * The architecture in Keras's words, for `JSON.stringify` and `modelFromJSON`.
   *
   * @example
   * ```ts
   * const network = sequential([layers.dense({ units: 1, inputShape: [2] })]);
   * const text = JSON.stringify(network);
   * modelFromJSON(text).countParams(); // => 3
   * ```
   */
  toJSON(): ModelJSON {
    return modelJSON(this);
  }

  override error(code: LugeError['code'], message: string, cause?: unknown): LugeError {
    return new LugeError(code, `Model '${this.name}': ${message}`, { cause });
  }

  private checkInputs(shapes: readonly PartialShape[]): void {
    const { inputs } = this;
    const fits = (shape: PartialShape, wanted: PartialShape) =>
      shape.length === wanted.length &&
      wanted.every((dim, axis) => axis === 0 || dim === null || dim === shape[axis]);
    const same =
      shapes.length === inputs.length &&
      inputs.every(({ shape }, i) => fits(shapes[i] as PartialShape, shape));
    if (same) return;
    const show = (list: readonly PartialShape[]) => list.map(showShape).join(' and ');
    throw new LugeError(
      'BAD_SHAPE',
      `expected input of shape ${show(inputs.map(({ shape }) => shape))}, but got ${show(shapes)}.`,
    );
  }
}

/** `(x, y, options)`, or `(batches, options)`. */
function splitArguments(x: unknown, rest: unknown[]): [ModelData | undefined, unknown] {
  const isDataSet = typeof x === 'object' && x !== null && Symbol.asyncIterator in x;
  return isDataSet ? [undefined, rest[0]] : [rest[0] as ModelData, rest[1]];
}

function oneOrAll<T>(items: readonly T[]): T | T[] {
  return items.length === 1 ? (items[0] as T) : [...items];
}
