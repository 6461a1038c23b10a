import { type DType, dtypes } from '../core/dtype.js';
import { type Shape, showShape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';

/** What a value is before it exists: its shape and element type. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

export type AttrValue = number | boolean | readonly number[];
export type Attrs = Readonly<Record<string, AttrValue>>;

/**
 * What a primitive operation is.
 *
 * - `leaf`: has no inputs and no instruction: a feed, a variable, a constant.
 * - `view`: the same elements in the same order under another shape.
 * - `map`: element by element with broadcasting, by the function of the same name in
 *   native/simd/vmath_list.inc.
 * - `native`: an instruction of its own, the row of the same name in native/ops/op_list.inc.
 */
export interface OpDef {
  readonly name: string;
  readonly kind: 'leaf' | 'view' | 'map' | 'native';
  /** Specs of the outputs; throws LugeError when the inputs do not fit. */
  infer(inputs: readonly Spec[], attrs: Attrs): Spec[];
  /**
   * The gradients of the inputs, given those of the outputs (undefined where an output has none).
   * Broadcasting is undone by the caller, so a rule may answer with the broadcast shape.
   */
  vjp?(node: Node, dys: readonly (Value | undefined)[]): (Value | undefined)[];
  /** Names of operands and attributes as in op_list.inc; native operations only. */
  readonly signature?: NativeSignature;
  /** The attribute words that the instruction carries, before any epilogue; native operations only. */
  words?(node: Node): number[];
}

export interface NativeSignature {
  readonly inputs: string;
  readonly outputs: string;
  readonly attrs: string;
}

/**
 * A tensor that a program will make.
 *
 * @example
 * ```ts
 * // A loss of one's own gets values, and gives one: [batch, n] and [batch, n] to [batch].
 * const absolute = (yTrue: Value, yPred: Value): Value =>
 *   ops.mean(ops.abs(ops.subtract(yTrue, yPred)), -1);
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: absolute });
 * await model.evaluate([[1, 4]], [[1, 2]]); // => { loss: 1 }
 * ```
 */
export class Value implements Spec {
  /** The operation that gives it. */
  readonly node: Node;
  /** Its place among that operation's results. */
  readonly index: number;
  /** Sizes of the axes, all known. */
  readonly shape: Shape;
  /** Element type. */
  readonly dtype: DType;
  /**
   * Which steps count, for layers that understand it: float32 of the value's first axes, such as
   * [batch, time], 1 or 0 for a step to skip. Operations leave it behind; layers pass it on.
   */
  readonly mask: Value | undefined;

  constructor(node: Node, index: number, spec: Spec, mask?: Value) {
    this.node = node;
    this.index = index;
    this.shape = spec.shape;
    this.dtype = spec.dtype;
    this.mask = mask;
  }

  /** The same tensor with another mask, or with none. */
  withMask(mask: Value | undefined): Value {
    return new Value(this.node, this.index, this, mask);
  }

  /** As its node gives it, without a mask: the one object that stands for it in the graph. */
  get bare(): Value {
    return this.node.outputs[this.index] as Value;
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Operation, shape and element type. */
  toString(): string {
    return `%${this.node.id}${this.node.outputs.length > 1 ? `.${this.index}` : ''} ${this.dtype} ${showShape(this.shape)}`;
  }
}

/** One application of an operation. */
export class Node {
  readonly graph: Graph;
  readonly id: number;
  readonly op: OpDef;
  readonly inputs: readonly Value[];
  readonly attrs: Attrs;
  readonly outputs: readonly Value[];
  /** The layer that asked for it, for printing and profiles. */
  readonly scope: string;
  /** What a `variable` leaf reads. */
  readonly variable: Variable | undefined;

  constructor(
    graph: Graph,
    id: number,
    op: OpDef,
    inputs: readonly Value[],
    attrs: Attrs,
    variable?: Variable,
  ) {
    this.graph = graph;
    this.id = id;
    this.op = op;
    this.inputs = inputs;
    this.attrs = attrs;
    this.scope = graph.scope;
    this.variable = variable;
    this.outputs = op.infer(inputs, attrs).map((spec, i) => new Value(this, i, spec));
  }

  /** The only output of an operation that has one. */
  get output(): Value {
    return this.outputs[0] as Value;
  }
}

/** Where a step's input comes from. */
export interface Feed {
  readonly value: Value;
  /** Rows are picked by the run's indices; otherwise step s takes the s-th block. */
  readonly indexed: boolean;
}

/** A variable's new value at the end of the step; every read in the graph sees the old one. */
export interface Update {
  readonly variable: Variable;
  readonly value: Value;
}

/** Operations in an order in which every input comes before its use. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly feeds: Feed[] = [];
  readonly results: Value[] = [];
  readonly updates: Update[] = [];
  /** Scalars that training adds to the loss, besides what the user chose: those of layers. */
  readonly losses: Value[] = [];
  scope = '';
  private readonly reads = new Map<Variable, Value>();
  private readonly known = new Map<string, Node>();

  /** Applies an operation; the same operation on the same inputs is made once. */
  add(op: OpDef, operands: readonly Value[], attrs: Attrs = {}): Node {
    const inputs = operands.map((operand) => operand.bare);
    const key = `${op.name}(${inputs.map((v) => `${v.node.id}.${v.index}`)})${attrKey(attrs)}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const node = new Node(this, this.nodes.length, op, inputs, attrs);
    this.nodes.push(node);
    this.known.set(key, node);
    return node;
  }

  /** An input of the step, filled anew before each. */
  feed(spec: Spec, indexed = false): Value {
    const attrs = { shape: spec.shape, dtype: dtypeCode(spec.dtype), feed: this.feeds.length };
    const { output } = this.add(feedOp, [], attrs);
    this.feeds.push({ value: output, indexed });
    return output;
  }

  /** The value of a variable at the beginning of the step. */
  read(variable: Variable): Value {
    let value = this.reads.get(variable);
    if (value === undefined) {
      const attrs = { shape: variable.shape, dtype: dtypeCode(variable.dtype) };
      const node = new Node(this, this.nodes.length, variableOp, [], attrs, variable);
      this.nodes.push(node);
      value = node.output;
      this.reads.set(variable, value);
    }
    return value;
  }

  constant(value: number, dtype: DType = 'float32'): Value {
    return this.add(constantOp, [], { value, dtype: dtypeCode(dtype) }).output;
  }

  /** Asks that the value be copied out after each step; returns its place among the results. */
  result(value: Value): number {
    this.results.push(value.bare);
    return this.results.length - 1;
  }

  /** Asks that the variable take the value at the end of the step. */
  update(variable: Variable, value: Value): void {
    this.updates.push({ variable, value: value.bare });
  }

  /** Runs `build` with its nodes named after `scope`. */
  within<T>(scope: string, build: () => T): T {
    const outer = this.scope;
    this.scope = outer === '' ? scope : `${outer}/${scope}`;
    try {
      return build();
    } finally {
      this.scope = outer;
    }
  }
}

/** A text that differs whenever the attributes do; JSON alone confuses NaN, infinities and -0. */
export function attrKey(attrs: unknown): string {
  return JSON.stringify(attrs, (_, value) =>
    typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
      ? `#${Object.is(value, -0) ? '-0' : value}`
      : value,
  );
}

/** dtypes as attributes are their native codes. */
export function dtypeCode(dtype: DType): number {
  return dtypes.indexOf(dtype);
}

export function dtypeFromCode(code: AttrValue | undefined): DType {
  return dtypes[code as number] as DType;
}

function leaf(name: string): OpDef {
  return {
    name,
    kind: 'leaf',
    infer: (_, attrs) => [
      { shape: (attrs.shape as Shape | undefined) ?? [], dtype: dtypeFromCode(attrs.dtype) },
    ],
  };
}

export const feedOp = leaf('feed');
export const variableOp = leaf('variable');
export const constantOp = leaf('constant');
