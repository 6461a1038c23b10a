import type { Constraint } from '../constraints/index.js';
import { checkCount, checkRange } from '../core/options.js';
import { type Config, serialize } from '../core/registry.js';
import { type PartialShape, type Shape, sameShape, sizeOf } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { CallContext, SymbolicTensor } from '../graph/symbolic.js';
import type { Initializer } from '../initializers/index.js';
import { add, multiply } from '../ops/binary.js';
import { toValue } from '../ops/define.js';
import { dropout } from '../ops/dropout.js';
import { matmul } from '../ops/matmul.js';
import { reshape } from '../ops/reshape.js';
import { softmax } from '../ops/softmax.js';
import { transpose } from '../ops/transpose.js';
import { sigmoid } from '../ops/unary.js';
import { where } from '../ops/where.js';
import type { Regularizer } from '../regularizers/index.js';
import {
  allMasks,
  isNotAhead,
  maskByPlace,
  maskScores,
  ofKeys,
  ofQueries,
} from './attention_masks.js';
import { knownSize, shapesOf, showBatched } from './check_input.js';
import { RandomLayer } from './dropout.js';
import { type Masks, toMask } from './masks.js';
import {
  type MultiHeadAttentionCallOptions,
  type MultiHeadAttentionOptions,
  multiHeadAttentionOptions,
} from './multi_head_attention_options.js';

type HeadsContext = CallContext & MultiHeadAttentionCallOptions<Value>;

/** A product with a kernel whose last axes are split, and its bias. */
interface Projection {
  readonly kernel: Variable;
  readonly bias: Variable | undefined;
}

/**
 * Attention with several heads (Vaswani et al. 2017; Keras's `MultiHeadAttention`). Query, key and
 * value are projected for each head; a head gives, for each query, a mean of values weighted by
 *
 *     softmax(query key' / sqrt(keyDim))
 *
 * and the heads together are projected to the output.
 *
 * Inputs [query, value] or [query, value, key] of shapes [batch, time, n], [batch, source, m] and
 * [batch, source, k] (the value by default); output [batch, time, n], or with other last axes by
 * `outputShape`; with `returnAttentionScores` followed by [batch, heads, time, source]. Weights as in
 * Keras: query/kernel [n, heads, keyDim] and query/bias [heads, keyDim], likewise key, value (of
 * `valueDim`), attention_output/kernel [heads, valueDim, n] and attention_output/bias [n]. What masks
 * skip gets no weight; the output carries the query's mask.
 *
 * @throws LugeError BAD_ARGUMENT for options that make no sense; BAD_SHAPE when inputs or masks do
 *   not fit each other; UNSUPPORTED for means over some of the axes only.
 *
 * @example
 * ```ts
 * const words = input({ shape: [7, 16] });
 * const attend = layers.multiHeadAttention({ numHeads: 2, keyDim: 8 });
 * attend.apply([words, words], { useCausalMask: true }).shape; // => [null, 7, 16]
 * ```
 */
export class MultiHeadAttention extends RandomLayer {
  static override className = 'MultiHeadAttention';
  override supportsMasking = true;
  override readonly inputNames = ['query', 'value', 'key'];
  override readonly callOptions = [
    ...['attentionMask', 'useCausalMask', 'returnAttentionScores'],
    ...['queryMask', 'valueMask', 'keyMask'],
  ];
  private readonly numHeads: number;
  private readonly keyDim: number;
  private readonly valueDim: number;
  private readonly dropout: number;
  private readonly useBias: boolean;
  private readonly useGate: boolean;
  private readonly outputShape: Shape | undefined;
  private readonly attentionAxes: Shape | undefined;
  private readonly slidingWindow: number | undefined;
  private readonly kernelInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  private readonly kernelRegularizer: Regularizer | undefined;
  private readonly biasRegularizer: Regularizer | undefined;
  private readonly kernelConstraint: Constraint | undefined;
  private readonly biasConstraint: Constraint | undefined;
  private query!: Projection;
  private key!: Projection;
  private gate: Projection | undefined;
  private value!: Projection;
  private together!: Projection;

  constructor(options: MultiHeadAttentionOptions) {
    super(options, multiHeadAttentionOptions);
    const count = (name: string, given: number) => this.named(() => checkCount(name, given));
    this.numHeads = count('numHeads', options.numHeads);
    this.keyDim = count('keyDim', options.keyDim);
    this.valueDim = count('valueDim', options.valueDim ?? this.keyDim);
    this.dropout = this.named(() => checkRange('dropout', options.dropout ?? 0, 0, 1));
    this.useBias = options.useBias ?? true;
    this.useGate = options.useGate ?? false;
    const { outputShape, attentionAxes, slidingWindow } = options;
    this.outputShape =
      outputShape === undefined
        ? undefined
        : [outputShape].flat().map((size) => count('outputShape', size));
    this.attentionAxes = attentionAxes === undefined ? undefined : [attentionAxes].flat();
    this.slidingWindow =
      slidingWindow === undefined ? undefined : count('slidingWindow', slidingWindow);
    this.kernelInitializer = this.initializer(options.kernelInitializer, 'glorotUniform');
    this.biasInitializer = this.initializer(options.biasInitializer, 'zeros');
    this.kernelRegularizer = this.regularizer(options.kernelRegularizer);
    this.biasRegularizer = this.regularizer(options.biasRegularizer);
    this.kernelConstraint = this.constraint(options.kernelConstraint);
    this.biasConstraint = this.constraint(options.biasConstraint);
  }

  override apply<T extends SymbolicTensor | Value, Y = T>(
    inputs: T | readonly T[],
    options: MultiHeadAttentionCallOptions<T> = {},
  ): Y {
    return super.apply(inputs, options);
  }

  override build(inputShape: PartialShape | PartialShape[]): void {
    const shapes = shapesOf(inputShape);
    this.checkShapes(shapes);
    const sizes = shapes.map((shape) => knownSize(this, shape, -1));
    const [n, m, k = m] = sizes as [number, number, number?];
    const { numHeads, keyDim, valueDim } = this;
    this.query = this.projection('query', [n], [numHeads, keyDim]);
    this.key = this.projection('key', [k], [numHeads, keyDim]);
    if (this.useGate) this.gate = this.projection('gate', [n], [numHeads, valueDim]);
    this.value = this.projection('value', [m], [numHeads, valueDim]);
    const output = this.outputShape ?? [n];
    this.together = this.projection('attention_output', [numHeads, valueDim], output);
  }

  override call(inputs: Value | Value[], context: HeadsContext): Value | Value[] {
    const given = [inputs].flat();
    this.checkShapes(given.map(({ shape }) => shape));
    const [query, value, key = value] = given as [Value, Value, Value?];
    const q = this.heads(query, this.query);
    const k = this.heads(key, this.key);
    const scores = multiply(matmul(q, k, { transposeB: true }), 1 / Math.sqrt(this.keyDim));
    const mask = this.maskOf(scores, given, context);
    const { training, returnAttentionScores } = context;
    const exact = this.weigh(scores, mask, returnAttentionScores === true);
    const weights =
      training && this.dropout > 0 ? dropout(exact, this.dropout, this.seedOptions) : exact;
    const means = matmul(weights, this.heads(value, this.value));
    const gated = this.gate ? multiply(means, sigmoid(this.heads(query, this.gate))) : means;
    const lead = query.shape.slice(0, -1);
    const side = reshape(transpose(gated, [0, 2, 1, 3]), [...lead, this.numHeads, this.valueDim]);
    const output = project(side, this.together, 2);
    if (!returnAttentionScores) return output;
    const [batch, time, source] = [query.shape[0], lead.slice(1), value.shape.slice(1, -1)];
    return [output, reshape(exact, [batch as number, this.numHeads, ...time, ...source])];
  }

  /** That of the queries. */
  override computeMask(_: Value | Value[], mask: Masks): Masks {
    return [[mask].flat()[0]];
  }

  override kerasArguments(inputs: readonly unknown[]) {
    return { args: [...inputs], kwargs: {} };
  }

  /** x [batch, ..., n] projected for each head, [batch, heads, steps, size]. */
  private heads(x: Value, projection: Projection): Value {
    const [batch, ...rest] = x.shape as [number, ...number[]];
    const [heads, size] = projection.kernel.shape.slice(1) as [number, number];
    const steps = sizeOf(rest.slice(0, -1));
    const projected = reshape(project(x, projection, 1), [batch, steps, heads, size]);
    return transpose(projected, [0, 2, 1, 3]);
  }

  /**
   * The weights of the means. Where a query may look at nothing, all are equal; but 0 where they are
   * wanted by themselves or dropped, as in Keras.
   */
  private weigh(scores: Value, mask: Value | undefined, wanted: boolean): Value {
    const weights = softmax(maskScores(scores, mask));
    return mask && (wanted || this.dropout > 0) ? where(mask, weights, 0) : weights;
  }

  /** Where queries may look: all masks together, for scores [batch, heads, time, source]. */
  private maskOf(scores: Value, inputs: readonly Value[], context: HeadsContext) {
    const [query, value, key] = inputs as [Value, Value, Value?];
    const places = scores.shape.slice(2) as [number, number];
    const { slidingWindow: window } = this;
    const steps = (own: Value | undefined, x: Value | undefined) =>
      own ? toMask(own) : x?.mask && reshape(x.mask, [x.mask.shape[0] as number, -1]);
    const queries = steps(context.queryMask, query);
    const keys = [steps(context.valueMask, value), steps(context.keyMask, key)];
    return allMasks([
      queries && ofQueries(queries, 4),
      ...keys.map((mask) => mask && ofKeys(mask, 4)),
      context.useCausalMask ? maskByPlace(scores, places, isNotAhead) : undefined,
      window === undefined
        ? undefined
        : maskByPlace(scores, places, (i, j) => Math.abs(i - j) < window),
      context.attentionMask === undefined
        ? undefined
        : this.givenMask(toValue(scores.node.graph, context.attentionMask), scores.shape),
    ]);
  }

  private givenMask(mask: Value, scores: Shape): Value {
    // The heads come after the batch.
    const shape = [...mask.shape];
    while (shape.length < 4) shape.splice(Math.max(0, shape.length - 2), 0, 1);
    if (shape.length === 4 && shape.every((dim, i) => dim === 1 || dim === scores[i])) {
      return toMask(reshape(mask, shape));
    }
    throw this.error(
      'BAD_SHAPE',
      `expected an attentionMask [batch, time, source] of shape ${showBatched([scores[0] as number, ...scores.slice(2)])}, ` +
        `but got ${showBatched(mask.shape)}.`,
    );
  }

  private projection(name: string, from: Shape, to: Shape): Projection {
    const kernel = this.addWeight({
      name: `${name}/kernel`,
      shape: [...from, ...to],
      initializer: this.kernelInitializer,
      regularizer: this.kernelRegularizer,
      constraint: this.kernelConstraint,
    });
    if (!this.useBias) return { kernel, bias: undefined };
    const bias = this.addWeight({
      name: `${name}/bias`,
      shape: to,
      initializer: this.biasInitializer,
      regularizer: this.biasRegularizer,
      constraint: this.biasConstraint,
    });
    return { kernel, bias };
  }

  private checkShapes(shapes: readonly PartialShape[]): void {
    const [query, value, key = value] = shapes as [PartialShape, PartialShape, PartialShape?];
    const steps = (shape: PartialShape = []) => shape.slice(0, -1) as Shape;
    const fits =
      (shapes.length === 2 || shapes.length === 3) &&
      shapes.every(({ length, 0: batch }) => length === query.length && batch === query[0]) &&
      query.length >= 3 &&
      sameShape(steps(value), steps(key));
    if (!fits) {
      throw this.error(
        'BAD_SHAPE',
        'expected [query, value] or [query, value, key], of shapes [batch, time, n], [batch, source, m] ' +
          `and [batch, source, k] (key is value by default), but got ${shapes.map(showBatched).join(' and ')}.`,
      );
    }
    const { rank, axes } = { rank: query.length, axes: this.attentionAxes };
    const wanted = query.slice(1, -1).map((_, i) => i + 1);
    const found = axes?.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
    if (found === undefined || sameShape(found, wanted)) return;
    throw this.error(
      'UNSUPPORTED',
      `attentionAxes must be all axes between batch and features, [${wanted}], but got [${axes}].`,
    );
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      num_heads: this.numHeads,
      key_dim: this.keyDim,
      value_dim: this.valueDim,
      dropout: this.dropout,
      use_bias: this.useBias,
      use_gate: this.useGate,
      output_shape: this.outputShape ?? null,
      attention_axes: this.attentionAxes ?? null,
      sliding_window: this.slidingWindow ?? null,
      kernel_initializer: serialize(this.kernelInitializer),
      bias_initializer: serialize(this.biasInitializer),
      kernel_regularizer: serialize(this.kernelRegularizer),
      bias_regularizer: serialize(this.biasRegularizer),
      kernel_constraint: serialize(this.kernelConstraint),
      bias_constraint: serialize(this.biasConstraint),
    };
  }
}

/** The last `axes` axes of x times the kernel, whose other axes take their place, plus the bias. */
function project(x: Value, { kernel, bias }: Projection, axes: number): Value {
  const lead = x.shape.slice(0, -axes);
  const to = kernel.shape.slice(axes);
  const n = sizeOf(kernel.shape.slice(0, axes));
  const flat = reshape(kernel, [n, sizeOf(to)]);
  const y = matmul(reshape(x, [...lead, n]), flat);
  const shifted = bias === undefined ? y : add(y, reshape(bias, [sizeOf(to)]));
  return reshape(shifted, [...lead, ...to]);
}
