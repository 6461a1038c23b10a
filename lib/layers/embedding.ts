import type { Constraint, ConstraintLike } from '../constraints/index.js';
import { checkCount } from '../core/options.js';
import { type Config, serialize } from '../core/registry.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { Initializer, InitializerLike } from '../initializers/index.js';
import { cast } from '../ops/cast.js';
import { gather } from '../ops/gather.js';
import type { Regularizer, RegularizerLike } from '../regularizers/index.js';
import { Layer, type LayerOptions } from './layer.js';
import { type Masks, toMask } from './masks.js';

export interface EmbeddingOptions extends LayerOptions {
  /** How many different numbers may come: 0, 1, ..., inputDim - 1. */
  inputDim: number;
  /** Size of the vector for each. */
  outputDim: number;
  /** Default 'uniform', in [-0.05, 0.05). */
  embeddingsInitializer?: InitializerLike;
  /** Default: none. */
  embeddingsRegularizer?: RegularizerLike;
  /** Default: none. */
  embeddingsConstraint?: ConstraintLike;
  /**
   * Whether 0 stands for a missing step, which layers behind it are to skip (see
   * `Layer.supportsMasking`); no other input then means 0. Default false.
   */
  maskZero?: boolean;
}

/**
 * A trained vector for each whole number: [batch, ...] to [batch, ..., outputDim]. Numbers outside of
 * [0, inputDim) give NaN. Weight embeddings [inputDim, outputDim].
 *
 * Source: Keras's Embedding.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   input({ shape: [2], dtype: 'int32' }),
 *   layers.embedding({ inputDim: 3, outputDim: 2 }),
 * ]);
 * model.setWeights([tensor([[0, 0], [1, 10], [2, 20]])]);
 * await model.predict(tensor([2, 1], [1, 2], 'int32')); // => [[[2, 20], [1, 10]]]
 * ```
 */
export class Embedding extends Layer {
  static override className = 'Embedding';
  private readonly inputDim: number;
  private readonly outputDim: number;
  private readonly embeddingsInitializer: Initializer;
  private readonly embeddingsRegularizer: Regularizer | undefined;
  private readonly embeddingsConstraint: Constraint | undefined;
  private readonly maskZero: boolean;
  private embeddings!: Variable;

  constructor(options: EmbeddingOptions) {
    super(options, [
      ...['inputDim', 'outputDim', 'embeddingsInitializer', 'embeddingsRegularizer'],
      ...['embeddingsConstraint', 'maskZero'],
    ]);
    this.inputDim = this.named(() => checkCount('inputDim', options.inputDim));
    this.outputDim = this.named(() => checkCount('outputDim', options.outputDim));
    this.embeddingsInitializer = this.initializer(options.embeddingsInitializer, 'uniform');
    this.embeddingsRegularizer = this.regularizer(options.embeddingsRegularizer);
    this.embeddingsConstraint = this.constraint(options.embeddingsConstraint);
    this.maskZero = this.flag('maskZero', options.maskZero, false);
    this.supportsMasking = this.maskZero;
  }

  override build(): void {
    this.embeddings = this.addWeight({
      name: 'embeddings',
      shape: [this.inputDim, this.outputDim],
      initializer: this.embeddingsInitializer,
      regularizer: this.embeddingsRegularizer,
      constraint: this.embeddingsConstraint,
    });
  }

  override call(x: Value): Value {
    return gather(this.embeddings, cast(x, 'int32'));
  }

  override computeMask(inputs: Value | Value[]): Masks {
    return toMask(inputs as Value);
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      input_dim: this.inputDim,
      output_dim: this.outputDim,
      embeddings_initializer: serialize(this.embeddingsInitializer),
      embeddings_regularizer: serialize(this.embeddingsRegularizer),
      embeddings_constraint: serialize(this.embeddingsConstraint),
      mask_zero: this.maskZero,
    };
  }
}
