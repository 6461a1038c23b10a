import type { DType } from '../core/dtype.js';
import { type PartialShape, showShape } from '../core/shape.js';
import { Graph, type Spec, type Value } from './ir.js';

/** How a model is being run: dropout and batch normalization ask. */
export interface CallContext {
  /** Whether a training step is being built. */
  readonly training: boolean;
}

/** An operation or layer applied to symbolic tensors: how to do it again on real shapes. */
export interface Call {
  readonly name: string;
  /** All tensors that it takes; behind the inputs, those among the options. */
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** The layer, when it was one. */
  readonly layer?: unknown;
  /** What the layer was applied with besides its inputs. */
  readonly options?: object;
  run(values: readonly Value[], context: CallContext): Value[];
}

/**
 * A tensor in the drawing of a model: its shape (null where not known yet) and what makes it.
 * Models are lowered to a graph of `Value`s, with every size known, when they run.
 *
 * @example
 * ```ts
 * const x = input({ shape: [784] }); // nothing is computed yet
 * x.shape; // => [null, 784]
 * const y = layers.dense({ units: 10 }).apply(x);
 * y.shape; // => [null, 10]
 * ops.sum(y, -1).shape; // => [null]
 * ```
 */
export class SymbolicTensor {
  /** Sizes of the axes; null where they differ from batch to batch. */
  readonly shape: PartialShape;
  /** Element type. */
  readonly dtype: DType;
  /** Its name. */
  readonly name: string;
  /** Shape of the mask that it carries (see `Value.mask`), if any. */
  readonly maskShape: PartialShape | undefined;
  /** What makes it; undefined for a model's input. */
  call: Call | undefined;

  constructor(shape: PartialShape, dtype: DType, name: string, maskShape?: PartialShape) {
    this.shape = shape;
    this.dtype = dtype;
    this.name = name;
    this.maskShape = maskShape;
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Name, shape and element type. */
  toString(): string {
    return `SymbolicTensor '${this.name}' ${showShape(this.shape)} ${this.dtype}`;
  }
}

// Unknown sizes are found by building twice with different sizes in their place, as Keras does for
// JAX: what differs between the two is unknown in the output as well. Primes, so that products of
// other sizes do not meet them by chance.
const probes = [83, 89] as const;

/** Applies `run` to symbolic tensors and infers what comes out. */
export function recordCall(
  name: string,
  inputs: readonly SymbolicTensor[],
  run: Call['run'],
  made: Pick<Call, 'layer' | 'options'> = {},
): SymbolicTensor[] {
  const [first, second] = probes.map((size) => {
    const graph = new Graph();
    graph.scope = name;
    return run(
      inputs.map((input) => probe(graph, input, size)),
      { training: false },
    );
  }) as [Value[], Value[]];
  const outputs = first.map((value, i) => {
    const other = second[i] as Value;
    const maskShape = value.mask && other.mask && knownIn(value.mask, other.mask);
    return new SymbolicTensor(knownIn(value, other), value.dtype, name, maskShape);
  });
  const call: Call = { name, inputs, outputs, run, ...made };
  for (const output of outputs) output.call = call;
  return outputs;
}

/** A value like the tensor, with `size` in the place of what is unknown. */
function probe(graph: Graph, { shape, dtype, maskShape }: SymbolicTensor, size: number): Value {
  const fill = (partial: PartialShape) => partial.map((dim) => dim ?? size);
  const value = graph.feed({ shape: fill(shape), dtype });
  return maskShape === undefined
    ? value
    : value.withMask(graph.feed({ shape: fill(maskShape), dtype: 'float32' }));
}

/** The sizes that are the same in both. */
function knownIn(first: Spec, second: Spec): PartialShape {
  return first.shape.map((dim, axis) => (dim === second.shape[axis] ? dim : null));
}

/** Calls in an order in which every input is made before its use, from `inputs` to `outputs`. */
export function callsBetween(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): Call[] {
  const order: Call[] = [];
  const seen = new Set<Call>();
  const given = new Set(inputs);
  const visit = (tensor: SymbolicTensor): void => {
    const { call } = tensor;
    if (given.has(tensor) || call === undefined || seen.has(call)) return;
    seen.add(call);
    for (const input of call.inputs) visit(input);
    order.push(call);
  };
  for (const output of outputs) visit(output);
  return order;
}
