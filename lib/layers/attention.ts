import { checkChoice, checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { CallContext, SymbolicTensor } from '../graph/symbolic.js';
import { add, multiply } from '../ops/binary.js';
import { dropout } from '../ops/dropout.js';
import { matmul } from '../ops/matmul.js';
import { sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import { softmax } from '../ops/softmax.js';
import { tanh } from '../ops/unary.js';
import { where } from '../ops/where.js';
import { allMasks, isNotAhead, maskByPlace, maskScores, ofKeys } from './attention_masks.js';
import type { CallOptions } from './call_options.js';
import { knownSize, shapesOf, showBatched } from './check_input.js';
import { RandomLayer, type RandomLayerOptions } from './dropout.js';
import { type Masks, spreadMask } from './masks.js';

export interface AdditiveAttentionOptions extends RandomLayerOptions {
  /** Whether scores have trained factors: one, or additively one a feature. */
  useScale?: boolean;
  /** Share of the weights of the mean dropped in training. Default 0. */
  dropout?: number;
}

export interface AttentionOptions extends AdditiveAttentionOptions {
  /** How a query and a key give a score: by their product, or 'concat'. Default 'dot'. */
  scoreMode?: 'dot' | 'concat';
}

/** What `apply` of attention takes besides query, value and key. */
export interface AttentionCallOptions<T = SymbolicTensor> extends CallOptions {
  /** Whether a query sees only what is at its own place and before. Default false. */
  useCausalMask?: boolean;
  /** Whether to give the weights of the means [batch, time, source], too. Default false. */
  returnAttentionScores?: boolean;
  /** Masks of query [batch, time] and value [batch, source]. Default: those that they carry. */
  mask?: readonly T[];
}

type AttentionContext = CallContext & AttentionCallOptions<Value>;

/** A mean of values for each query: what both kinds of attention share. */
abstract class MeanOfValues extends RandomLayer {
  override readonly callOptions = ['mask', 'useCausalMask', 'returnAttentionScores'];
  protected readonly useScale: boolean;
  protected scale: Variable | undefined;
  private readonly dropout: number;

  constructor(options: AttentionOptions, useScale: boolean, known: readonly string[]) {
    super(options, [...known, 'useScale', 'dropout']);
    this.useScale = this.flag('useScale', options.useScale, useScale);
    this.dropout = this.named(() => checkRange('dropout', options.dropout ?? 0, 0, 1));
  }

  /** The scores [batch, time, source] of queries [batch, time, n] and keys [batch, source, n]. */
  protected abstract scores(query: Value, key: Value): Value;
  protected abstract addWeights(features: number): void;

  override apply<T extends SymbolicTensor | Value, Y = T>(
    inputs: T | readonly T[],
    options: AttentionCallOptions<T> = {},
  ): Y {
    return super.apply(inputs, options);
  }

  override build(inputShape: PartialShape | PartialShape[]): void {
    const shapes = shapesOf(inputShape);
    this.checkShapes(shapes);
    this.addWeights(knownSize(this, shapes[0] as PartialShape, -1));
  }

  override call(inputs: Value | Value[], context: AttentionContext): Value | Value[] {
    const given = [inputs].flat();
    this.checkShapes(given.map(({ shape }) => shape));
    const [query, value, key = value] = given as [Value, Value, Value?];
    const scores = this.scores(query, key);
    const mask = allMasks([
      value.mask && ofKeys(value.mask, 3),
      context.useCausalMask
        ? maskByPlace(scores, scores.shape.slice(1) as [number, number], isNotAhead)
        : undefined,
    ]);
    const exact = softmax(maskScores(scores, mask));
    const weights =
      context.training && this.dropout > 0 ? dropout(exact, this.dropout, this.seedOptions) : exact;
    const means = matmul(weights, value);
    const output = query.mask ? where(spreadMask(query.mask, 3), means, 0) : means;
    return context.returnAttentionScores ? [output, weights] : output;
  }

  /** That of the queries. */
  override computeMask(_: Value | Value[], mask: Masks): Masks {
    return [[mask].flat()[0]];
  }

  private checkShapes(shapes: readonly PartialShape[]): void {
    const [query, value, key = value] = shapes;
    const fits =
      (shapes.length === 2 || shapes.length === 3) &&
      shapes.every((shape) => shape.length === 3 && shape[0] === query?.[0]) &&
      query?.[2] === key?.[2] &&
      value?.[1] === key?.[1];
    if (fits) return;
    throw this.error(
      'BAD_SHAPE',
      'expected [query, value] or [query, value, key], of shapes [batch, time, n], [batch, source, m] and ' +
        `[batch, source, n] (key is value by default), but got ${shapes.map(showBatched).join(' and ')}.`,
    );
  }

  override getConfig(): Config {
    return { ...super.getConfig(), use_scale: this.useScale, dropout: this.dropout };
  }
}

/** Every pair of query [batch, time, n] and key [batch, source, n] added up: [batch, time, source, n]. */
function pairs(query: Value, key: Value): Value {
  const [batch, time, n] = query.shape as [number, number, number];
  const source = key.shape[1] as number;
  return add(reshape(query, [batch, time, 1, n]), reshape(key, [batch, 1, source, n]));
}

/**
 * A mean of values for each query, weighted by how well its key fits (Luong et al. 2015; Keras's
 * `Attention`): softmax(score(query, key)) value.
 *
 * Inputs [query, value] or [query, value, key] of shapes [batch, time, n], [batch, source, m] and
 * [batch, source, n] (the value by default); output [batch, time, m], with `returnAttentionScores`
 * followed by the weights [batch, time, source]. Scores are products of query and key, times a
 * trained number with `useScale`; or with `scoreMode: 'concat'` c sum(tanh(query + key)) with a
 * trained c. What the value's mask skips gets no weight; for what the query's skips, the output is 0.
 *
 * @throws LugeError BAD_SHAPE when inputs do not fit each other; UNKNOWN_NAME for another `scoreMode`.
 *
 * @example
 * ```ts
 * const [words, memory] = [input({ shape: [7, 4] }), input({ shape: [9, 4] })];
 * layers.attention().apply([words, memory]).shape; // => [null, 7, 4]
 * ```
 */
export class Attention extends MeanOfValues {
  static override className = 'Attention';
  private readonly scoreMode: 'dot' | 'concat';
  private factor: Variable | undefined;

  constructor(options: AttentionOptions = {}) {
    super(options, false, ['scoreMode']);
    const { scoreMode = 'dot' } = options;
    this.scoreMode = this.named(() => checkChoice('scoreMode', scoreMode, ['dot', 'concat']));
  }

  protected override addWeights(): void {
    const scalar = (name: string) => this.addWeight({ name, shape: [], initializer: 'ones' });
    if (this.useScale) this.scale = scalar('scale');
    if (this.scoreMode === 'concat') this.factor = scalar('concat_score_weight');
  }

  protected override scores(query: Value, key: Value): Value {
    if (this.scoreMode === 'dot') {
      const products = matmul(query, key, { transposeB: true });
      return this.scale ? multiply(products, this.scale) : products;
    }
    const together = pairs(query, key);
    const scaled = this.scale ? multiply(together, this.scale) : together;
    return multiply(sum(tanh(scaled), -1), this.factor as Variable);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), score_mode: this.scoreMode };
  }
}

/**
 * A mean of values for each query, weighted by sum(scale tanh(query + key)) (Bahdanau et al. 2014;
 * Keras's `AdditiveAttention`): softmax of these scores times value.
 *
 * Inputs, output, masks and `returnAttentionScores` as for `attention`. Weight scale [n], or none
 * without `useScale` (by default true).
 *
 * @throws LugeError BAD_SHAPE when inputs do not fit each other.
 *
 * @example
 * ```ts
 * const [words, memory] = [input({ shape: [7, 4] }), input({ shape: [9, 4] })];
 * layers.additiveAttention().apply([words, memory]).shape; // => [null, 7, 4]
 * ```
 */
export class AdditiveAttention extends MeanOfValues {
  static override className = 'AdditiveAttention';

  constructor(options: AdditiveAttentionOptions = {}) {
    super(options, true, []);
  }

  protected override addWeights(features: number): void {
    if (this.useScale) this.scale = this.addWeight({ name: 'scale', shape: [features] });
  }

  protected override scores(query: Value, key: Value): Value {
    const together = tanh(pairs(query, key));
    return sum(this.scale ? multiply(together, this.scale) : together, -1);
  }
}
