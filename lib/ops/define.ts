import { dtypeOf, type TypedArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { nextSeed } from '../core/random.js';
import { showShape } from '../core/shape.js';
import { type NestedArray, Tensor, tensor } from '../core/tensor.js';
import { Variable } from '../core/variable.js';
import { attrKey, type Graph, Value } from '../graph/ir.js';
import { recordCall, SymbolicTensor } from '../graph/symbolic.js';

/** What an operation takes: symbolic values, weights, tensors, or numbers. */
export type Operand = Value | SymbolicTensor | Variable | Tensor | TypedArray | NestedArray;

/** What an operation gives: symbolic as soon as one operand is, otherwise a tensor. */
export type Out<T> = [Extract<T, SymbolicTensor>] extends [never]
  ? [Extract<T, Value | Variable>] extends [never]
    ? Tensor
    : Value
  : SymbolicTensor;

/** Runs a small graph at once; the runtime provides it. */
export type Evaluator = (
  key: string,
  inputs: readonly Tensor[],
  build: (values: Value[], graph: Graph) => Value[],
  seed: number,
) => Tensor[];

let evaluator: Evaluator | undefined;

export function setEvaluator(evaluate: Evaluator): void {
  evaluator = evaluate;
}

// The graph under construction: where weights and constants are read when no operand is a Value.
let current: Graph | undefined;

/** Runs `build` with `graph` as the one that weights are read into; undefined leaves all graphs. */
export function withGraph<T>(graph: Graph | undefined, build: () => T): T {
  const outer = current;
  current = graph;
  try {
    return build();
  } finally {
    current = outer;
  }
}

/** The graph under construction; throws NOT_BUILT outside one. */
export function currentGraph(): Graph {
  if (current === undefined) {
    throw new LugeError('NOT_BUILT', 'A weight can only be read while a model is being built.');
  }
  return current;
}

const constants = new WeakMap<Tensor, Variable>();

/** An operand as a value of the graph. */
export function toValue(graph: Graph, operand: Operand): Value {
  if (operand instanceof Value) return operand;
  if (operand instanceof Variable) return graph.read(operand);
  if (operand instanceof SymbolicTensor) {
    throw new LugeError(
      'BAD_ARGUMENT',
      'A symbolic tensor of a model cannot be used where the model is already being run.',
    );
  }
  if (typeof operand === 'number') return graph.constant(operand);
  const data = operand instanceof Tensor ? operand : tensor(operand);
  let held = constants.get(data);
  if (held === undefined) {
    held = new Variable(data, { name: 'constant', trainable: false });
    constants.set(data, held);
  }
  return graph.read(held);
}

/** Operations written on values, from one to three operands and static arguments. */
export function defineOp<R extends unknown[]>(
  name: string,
  arity: 1,
  build: (x: Value, ...rest: R) => Value,
): <T extends Operand>(x: T, ...rest: R) => Out<T>;
export function defineOp<R extends unknown[]>(
  name: string,
  arity: 2,
  build: (a: Value, b: Value, ...rest: R) => Value,
): <A extends Operand, B extends Operand>(a: A, b: B, ...rest: R) => Out<A | B>;
export function defineOp<R extends unknown[]>(
  name: string,
  arity: 3,
  build: (a: Value, b: Value, c: Value, ...rest: R) => Value,
): <A extends Operand, B extends Operand, C extends Operand>(
  a: A,
  b: B,
  c: C,
  ...rest: R
) => Out<A | B | C>;
export function defineOp(
  name: string,
  arity: number,
  build: (...args: never[]) => Value,
): (...args: never[]) => unknown {
  return (...args: unknown[]) => {
    const operands = args.slice(0, arity) as Operand[];
    const rest = args.slice(arity);
    if (operands.length < arity) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `ops.${name} takes ${arity} operands, got ${operands.length}.`,
      );
    }
    return dispatch(name, operands, rest, (values) => [
      (build as (...all: unknown[]) => Value)(...values, ...rest),
    ])[0];
  };
}

/** The same for an operation on a list of operands. */
export function defineListOp<R extends unknown[]>(
  name: string,
  build: (xs: Value[], ...rest: R) => Value,
): <T extends Operand>(xs: readonly T[], ...rest: R) => Out<T> {
  return (xs, ...rest) => {
    if (!Array.isArray(xs) || xs.length === 0) {
      throw new LugeError('BAD_ARGUMENT', `ops.${name} takes a list of at least one operand.`);
    }
    return dispatch(name, xs, rest, (values) => [build(values, ...rest)])[0] as never;
  };
}

/** Applies an operation of several results to a list of operands: what `defineListOp` does for one. */
export function applyOp<T extends Operand>(
  name: string,
  xs: readonly T[],
  build: (xs: Value[]) => Value[],
  ...rest: unknown[]
): Out<T>[] {
  return dispatch(name, xs, rest, build) as Out<T>[];
}

/** The same for an operation without operands, such as random numbers. */
export function defineSource<R extends unknown[]>(
  name: string,
  build: (graph: Graph, ...rest: R) => Value,
): (...rest: R) => Tensor {
  return (...rest) =>
    evaluateNow(`${name}()${attrKey(rest)}`, [], rest, (_, graph) => [
      build(graph, ...rest),
    ])[0] as Tensor;
}

function dispatch(
  name: string,
  operands: readonly Operand[],
  rest: readonly unknown[],
  build: (values: Value[]) => Value[],
): (Value | SymbolicTensor | Tensor)[] {
  const symbolic = operands.filter((operand) => operand instanceof SymbolicTensor);
  if (symbolic.length > 0) {
    return recordCall(name, symbolic, (values) => {
      const { graph } = (values[0] as Value).node;
      let next = 0;
      const all = operands.map((operand) =>
        operand instanceof SymbolicTensor ? (values[next++] as Value) : toValue(graph, operand),
      );
      return withGraph(graph, () => build(all));
    });
  }
  const value = operands.find((operand) => operand instanceof Value);
  const needsGraph = value !== undefined || operands.some((operand) => operand instanceof Variable);
  if (needsGraph) {
    const graph = value?.node.graph ?? currentGraph();
    return withGraph(graph, () => build(operands.map((operand) => toValue(graph, operand))));
  }
  return dispatchNow(name, operands as (Tensor | TypedArray | NestedArray)[], rest, build);
}

/** Operands are all tensors or numbers: run it now. Numbers stay constants of the program. */
function dispatchNow(
  name: string,
  operands: readonly (Tensor | TypedArray | NestedArray)[],
  rest: readonly unknown[],
  build: (values: Value[]) => Value[],
): Tensor[] {
  const inputs: Tensor[] = [];
  const parts: string[] = [];
  const places = operands.map((operand) => {
    if (typeof operand === 'number') {
      parts.push(attrKey(operand));
      return operand;
    }
    const input = operand instanceof Tensor ? operand : tensor(operand);
    if (input.size === 0) {
      throw new LugeError(
        'BAD_SHAPE',
        `ops.${name}: operands must have at least one element, but got shape ${showShape(input.shape)}.`,
      );
    }
    inputs.push(input);
    parts.push(`${dtypeOf(input.data)}[${input.shape}]`);
    return undefined;
  });
  const key = `${name}(${parts})${attrKey(rest)}`;
  return evaluateNow(key, inputs, rest, (values, graph) => {
    let next = 0;
    return build(
      places.map((number) =>
        number === undefined ? (values[next++] as Value) : graph.constant(number),
      ),
    );
  });
}

function evaluateNow(
  key: string,
  inputs: readonly Tensor[],
  rest: readonly unknown[],
  build: (values: Value[], graph: Graph) => Value[],
): Tensor[] {
  if (evaluator === undefined) throw new LugeError('NATIVE', 'The native runtime is not loaded.');
  // Run at once, an operation with a seed of its own gives the same every time.
  const seeded = rest.some(
    (option) => (option as { seed?: number } | undefined)?.seed !== undefined,
  );
  return evaluator(
    key,
    inputs,
    (values, graph) => withGraph(graph, () => build(values, graph)),
    seeded ? 0 : nextSeed(),
  );
}
