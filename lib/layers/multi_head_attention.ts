import type { Constraint } from '../constraints/index.js';
import { checkCount, checkRange } from '../core/options.js';
import { type Config, serialize } from '../core/registry.js';
import { type PartialShape, type Shape, sameShape, sizeOf } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Value } from '../graph/ir.js';
import type { CallContext, SymbolicTensor } from '../graph/symbolic.js';
import type { Initializer } from '../initializers/index.js';
import { add, multiply } from '../ops/binary.js';
import { broadcastTo } from '../ops/broadcast.js';
import { toValue } from '../ops/define.js';
import { dropout } from '../ops/dropout.js';
import { matmul } from '../ops/matmul.js';
import { reshape } from '../ops/reshape.js';
import { softmax } from '../ops/softmax.js';
import { invert, transpose } from '../ops/transpose.js';
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
 * Between batch and features there may be more axes than one. Means are over all of them, or over
 * `attentionAxes`; the others, of equal sizes in query and value, then count as further batches, and
 * the scores are [batch, ...others, heads, ...time, ...source]: of images [batch, rows, columns, n],
 * `attentionAxes: 2` looks along each row by itself.
 *
 * @throws LugeError BAD_ARGUMENT for options that make no sense; BAD_SHAPE when inputs or masks do
 *   not fit each other.
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
    this.useBias = this.flag('useBias', options.useBias, true);
    this.useGate = this.flag('useGate', options.useGate, false);
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
    const { axes, order } = this.orderOf(query.rank);
    const lead = scores.shape.slice(0, -2);
    const [time, source] = [query, value].map(({ shape }) =>
      axes.map((axis) => shape[axis] as number),
    ) as [number[], number[]];
    const mask = this.maskOf(scores, [...lead, ...time, ...source], given, context);
    const { training, returnAttentionScores } = context;
    const exact = this.weigh(scores, mask, returnAttentionScores === true || query.rank > 3);
    const weights =
      training && this.dropout > 0 ? dropout(exact, this.dropout, this.seedOptions) : exact;
    const means = matmul(weights, this.heads(value, this.value));
    const gated = this.gate ? multiply(means, sigmoid(this.heads(query, this.gate))) : means;
    const apart = reshape(gated, [...lead, ...time, this.valueDim]);
    const output = project(transpose(apart, invert(order)), this.together, 2);
    if (!returnAttentionScores) return output;
    return [output, reshape(exact, [...lead, ...time, ...source])];
  }

  /** That of the queries. */
  override computeMask(_: Value | Value[], mask: Masks): Masks {
    return [[mask].flat()[0]];
  }

  override kerasArguments(inputs: readonly unknown[]) {
    return { args: [...inputs], kwargs: {} };
  }

  /**
   * For inputs of that rank, the axes that means are over, the others but batch and features, and the
   * order [batch, ...others, heads, ...axes, size] of what is projected to [batch, ..., heads, size].
   */
  private orderOf(rank: number): { axes: number[]; others: number[]; order: number[] } {
    const steps = Array.from({ length: rank - 2 }, (_, i) => i + 1);
    const given = this.attentionAxes ?? steps;
    const axes = given.map((axis) => (axis < 0 ? axis + rank : axis));
    const others = steps.filter((axis) => !axes.includes(axis));
    if (axes.length === 0 || axes.length + others.length !== steps.length) {
      throw this.error(
        'BAD_ARGUMENT',
        `attentionAxes must be one or more of the axes between batch and features, [${steps.join(', ')}], ` +
          `each once, but got [${given.join(', ')}].`,
      );
    }
    return { axes, others, order: [0, ...others, rank - 1, ...axes, rank] };
  }

  /** x [batch, ..., n] projected for each head, [batch, ...others, heads, steps, size]. */
  private heads(x: Value, projection: Projection): Value {
    const { others, order } = this.orderOf(x.rank);
    const ordered = transpose(project(x, projection, 1), order);
    const lead = ordered.shape.slice(0, others.length + 2);
    const steps = sizeOf(ordered.shape.slice(lead.length, -1));
    return reshape(ordered, [...lead, steps, ordered.shape.at(-1) as number]);
  }

  /**
   * The weights of the means. Where a query may look at nothing, all are equal; but 0 where they are
   * wanted by themselves, dropped or of more axes than one, as in Keras.
   */
  private weigh(scores: Value, mask: Value | undefined, zeros: boolean): Value {
    const weights = softmax(maskScores(scores, mask));
    return mask && (zeros || this.dropout > 0) ? where(mask, weights, 0) : weights;
  }

  /** Where queries may look: all masks together, for scores [batch, ...others, heads, time, source]. */
  private maskOf(scores: Value, whole: Shape, inputs: readonly Value[], context: HeadsContext) {
    const [query, value, key] = inputs as [Value, Value, Value?];
    const places = scores.shape.slice(-2) as [number, number];
    const { slidingWindow: window } = this;
    const steps = (own: Value | undefined, x: Value | undefined, size: number) => {
      const mask = own ? toMask(own) : x?.mask;
      return mask && this.stepsOf(mask, (x ?? value).shape, size);
    };
    const queries = steps(context.queryMask, query, places[0]);
    const keys = [
      steps(context.valueMask, value, places[1]),
      steps(context.keyMask, key, places[1]),
    ];
    return allMasks([
      queries && ofQueries(queries, scores.rank),
      ...keys.map((mask) => mask && ofKeys(mask, scores.rank)),
      context.useCausalMask ? maskByPlace(scores, places, isNotAhead) : undefined,
      window === undefined
        ? undefined
        : maskByPlace(scores, places, (i, j) => Math.abs(i - j) < window),
      context.attentionMask === undefined
        ? undefined
        : this.givenMask(toValue(scores.node.graph, context.attentionMask), whole, scores.shape),
    ]);
  }

  /** A mask of all steps of an input as [batch, ...others, steps]; one of the attended steps as it is. */
  private stepsOf(mask: Value, input: Shape, steps: number): Value {
    const { axes, others } = this.orderOf(input.length);
    const whole = input.slice(0, -1);
    if (sameShape(mask.shape, whole)) {
      const lead = [0, ...others];
      const sizes = lead.map((axis) => input[axis] as number);
      return reshape(transpose(mask, [...lead, ...axes]), [...sizes, steps]);
    }
    if (sameShape(mask.shape, [input[0] as number, steps])) return mask;
    throw this.error(
      'BAD_SHAPE',
      `expected a mask of shape ${showBatched(whole)}, or ${showBatched([null, steps])} along the axes ` +
        `that means are over, but got ${showBatched(mask.shape)}.`,
    );
  }

  /** `whole` is the scores' shape with all axes apart, as the mask has them, too; heads may be left out. */
  private givenMask(mask: Value, whole: Shape, scores: Shape): Value {
    const pairs = whole.length - scores.length + 2; // axes of time and source
    const shape = [...mask.shape];
    while (shape.length < whole.length) shape.splice(Math.max(0, shape.length - pairs), 0, 1);
    if (shape.length === whole.length && shape.every((dim, i) => dim === 1 || dim === whole[i])) {
      const lead = shape.slice(0, -pairs);
      const spread = broadcastTo(reshape(mask, shape), [...lead, ...whole.slice(-pairs)]);
      return toMask(reshape(spread, [...lead, ...scores.slice(-2)]));
    }
    const heads = whole.length - pairs - 1;
    throw this.error(
      'BAD_SHAPE',
      `expected an attentionMask [batch, time, source] of shape ` +
        `${showBatched(whole.filter((_, axis) => axis !== heads))}, but got ${showBatched(mask.shape)}.`,
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
    const { others } = this.orderOf(query.length);
    const apart = others.filter((axis) => query[axis] !== value?.[axis]);
    if (apart.length > 0) {
      throw this.error(
        'BAD_SHAPE',
        `query and value must be of the same size on axes that means are not over, [${others.join(', ')}], ` +
          `but got ${shapes.map(showBatched).join(' and ')}.`,
      );
    }
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
