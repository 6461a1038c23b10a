import { winograd } from '../compile/choose_convolutions.js';
import type { TypedArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { nextSeed, Random } from '../core/random.js';
import { sizeOf } from '../core/shape.js';
import { Variable } from '../core/variable.js';
import type { Spec } from '../graph/ir.js';
import type { Layer } from '../layers/layer.js';
import { TensorLoss } from '../losses/tensor_loss.js';
import type { Optimizer } from '../optimizers/index.js';
import { Compiled, type CompileOptions, type Head } from './compiled.js';
import type { Model } from './model.js';
import type { ChunkExtras } from './sample_chunks.js';
import { ShuffledOrder } from './shuffled_order.js';
import { aheadGraph, predictGraph, type StepSpec, testGraph, trainGraph } from './step_graph.js';
import { ProgramCache, StepProgram } from './step_program.js';
import type { StepAhead } from './tensor_losses.js';

/** What shuffling and dropout depend on, besides the number of the step. */
export interface Randomness {
  readonly seed: number;
  /** Where the generator of orders is. */
  readonly shuffler: number;
}

export type StepMode = 'train' | 'test' | 'predict' | 'classes';

/** What belongs to running one model: how it was compiled, its programs, its random sequence. */
export class Trainer {
  private readonly model: Model;
  private readonly programs = new ProgramCache();
  private compiledAs: Compiled | undefined;
  private flags = '';
  private seed = 0;
  private shuffler: Random | undefined;
  private order: ShuffledOrder | undefined;
  private busyWith: string | undefined;

  constructor(model: Model) {
    this.model = model;
  }

  compile(options: CompileOptions): void {
    this.requireIdle('compile');
    const { seed } = options;
    if (seed !== undefined && !Number.isSafeInteger(seed)) {
      throw new LugeError('BAD_ARGUMENT', `compile: seed must be a whole number, but got ${seed}.`);
    }
    const compiled = new Compiled(options);
    if (this.model.built && options.loss !== undefined) compiled.heads(this.model.outputNames);
    this.compiledAs = compiled;
    this.seed = new Random(seed ?? nextSeed()).below(2 ** 32);
    this.shuffler = new Random(this.seed ^ 0x5bd1e995);
    this.programs.clear();
  }

  /**
   * Trains the same model with another optimizer, apart from this one: with programs and a random
   * sequence of its own. Throws NOT_COMPILED.
   */
  beside(optimizer: Optimizer): Trainer {
    const other = new Trainer(this.model);
    other.compiledAs = this.compiled.withOptimizer(optimizer);
    other.seed = this.seed;
    other.shuffler = new Random(this.seed ^ 0x5bd1e995);
    return other;
  }

  get isCompiled(): boolean {
    return this.compiledAs !== undefined;
  }

  /** Throws NOT_COMPILED. */
  get compiled(): Compiled {
    if (this.compiledAs !== undefined) return this.compiledAs;
    throw this.model.error(
      'NOT_COMPILED',
      "it is not compiled yet: call compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', " +
        "metrics: ['accuracy'] }) first.",
    );
  }

  get heads(): Head[] {
    return this.compiled.heads(this.model.outputNames);
  }

  get randomness(): Randomness {
    return { seed: this.seed, shuffler: (this.shuffler as Random).position };
  }

  set randomness({ seed, shuffler }: Randomness) {
    this.seed = seed;
    this.shuffler = new Random(shuffler);
  }

  /** A new random order for so many samples. */
  shuffle(count: number): ShuffledOrder {
    const random = new Random((this.shuffler as Random).below(2 ** 32));
    if (this.order?.count === count) {
      this.order.restart(random);
    } else {
      this.order = new ShuffledOrder(count, random);
    }
    return this.order;
  }

  /** The program of a step; built when there is none for these sizes yet. */
  step(mode: StepMode, spec: StepSpec): StepProgram {
    this.forgetWhenFlagsChanged();
    const rows = (list: readonly Spec[]) => list.map(({ shape, dtype }) => `${dtype}[${shape}]`);
    const key =
      `${mode} ${spec.batch} x:${rows(spec.x)} y:${rows(spec.y)} w:${spec.weighted} ` +
      JSON.stringify(spec.augment);
    return this.programs.get(key, () => this.build(mode, spec));
  }

  /** How many programs are held. */
  get programCount(): number {
    return this.programs.size;
  }

  /** Forgets all programs: the model is another. */
  reset(): void {
    this.programs.clear();
  }

  /** Seed, step number and optimizer scalars of training steps, the first of them number `from`. */
  trainExtras(names: readonly string[], from: number, steps: number): ChunkExtras {
    const { optimizer } = this.compiled;
    const columns = names.map(() => new Float32Array(steps));
    for (let step = 0; step < steps; step++) {
      const values = optimizer.stepScalars(from + step);
      names.forEach((name, i) => {
        (columns[i] as Float32Array)[step] = values[name] as number;
      });
    }
    return { seed: this.seed, firstStep: from, feeds: columns as TypedArray[] };
  }

  /** Runs `body` as the only one that trains or measures the model. Throws BUSY when it is not. */
  async exclusively<T>(what: string, body: () => Promise<T>): Promise<T> {
    this.requireIdle(what);
    this.busyWith = what;
    try {
      return await body();
    } finally {
      this.busyWith = undefined;
    }
  }

  /** Throws BUSY while the model is in training or being measured. */
  requireIdle(what: string): void {
    if (this.busyWith === undefined) return;
    throw this.model.error(
      'BUSY',
      `${what} cannot run while ${this.busyWith} is under way: await that first. (evaluate and ` +
        'predict can run meanwhile.)',
    );
  }

  private build(mode: StepMode, spec: StepSpec): StepProgram {
    this.pack();
    if (mode === 'train') {
      const made = trainGraph(this.model, this.heads, this.compiled.optimizer, spec);
      return new StepProgram(made.graph, spec.batch, { ...made, ahead: this.ahead(spec) });
    }
    if (mode === 'test') {
      const made = testGraph(this.model, this.heads, spec);
      return new StepProgram(made.graph, spec.batch, made);
    }
    return new StepProgram(predictGraph(this.model, spec, mode === 'classes'), spec.batch);
  }

  private ahead(spec: StepSpec): StepAhead | undefined {
    const losses = this.heads.flatMap(({ loss }) => (loss instanceof TensorLoss ? [loss] : []));
    if (losses.length === 0) return undefined;
    const program = new StepProgram(aheadGraph(this.model, this.heads, spec), spec.batch);
    return { program, losses };
  }

  /** Puts the weights side by side, those that are trained first. */
  private pack(): void {
    const { trainableWeights, nonTrainableWeights } = this.model;
    const free = [...trainableWeights, ...nonTrainableWeights].filter(
      (weight) => weight.isFree && weight.dtype === 'float32' && sizeOf(weight.shape) > 0,
    );
    if (free.length > 0) Variable.pack(free, this.model.name);
  }

  /** Frozen layers, weights and batch norm alike, and other algorithms make other programs. */
  private forgetWhenFlagsChanged(): void {
    const all: boolean[] = [winograd()];
    const visit = (layer: Layer): void => {
      all.push(layer.trainable);
      layer.sublayers.forEach(visit);
    };
    visit(this.model);
    const flags = all.map(Number).join('');
    if (flags !== this.flags) this.programs.clear();
    this.flags = flags;
  }
}
