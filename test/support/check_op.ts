import { expect } from 'vitest';
import { gradients } from '../../lib/compile/autodiff.js';
import type { CompileOptions } from '../../lib/compile/compile.js';
import { type DType, newArray, type TypedArray } from '../../lib/core/dtype.js';
import { Random } from '../../lib/core/random.js';
import { type Shape, showShape, sizeOf } from '../../lib/core/shape.js';
import { Tensor } from '../../lib/core/tensor.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import { multiply } from '../../lib/ops/binary.js';
import { broadcastTo } from '../../lib/ops/broadcast.js';
import { withGraph } from '../../lib/ops/define.js';
import { sum } from '../../lib/ops/reduce.js';
import '../../lib/runtime/evaluate.js';
import { setThreads } from '../../lib/runtime/backend.js';
import { Program } from '../../lib/runtime/program.js';
import { Real } from './op_reference.js';

export interface OpCase {
  inputs: readonly Tensor[];
  /** The operation, applied to values and, to be run at once, to tensors. */
  op: (...xs: never[]) => unknown;
  reference: (...xs: Real[]) => Real;
  /** Roundings on the way to one element: 0 where the result must be exact; 4 by default. */
  length?: number;
  /** The largest number on the way, where it is larger than what goes in or comes out. */
  magnitude?: number;
  /** Element type of the result; float32 by default. */
  dtype?: DType;
  /** Whether the gradient by each input is checked; by default it is for float32 results. */
  gradient?: boolean;
  /** Whether the operation takes tensors, too; true by default. */
  atOnce?: boolean;
}

/** The largest relative error of one rounding to float32, twice; below `tiny` numbers are flushed. */
const epsilon = 2 ** -23;
const tiny = 2 ** -126;
const step = 1e-5;

/**
 * Everything that must hold for an operation: the inferred shape is the real one; result and
 * gradients agree with a float64 reference and its central differences; neither memory plan, fusion
 * nor threads change a bit; nothing is written outside of buffers; run at once it gives the same.
 */
export function checkOp(test: OpCase): void {
  const { inputs, dtype = 'float32' } = test;
  const expected = test.reference(...inputs.map(Real.of));
  const actual = checkBits(test);
  expect(showShape(actual.shape)).toBe(showShape(expected.shape));
  expect(actual.dtype).toBe(dtype);
  const jacobian = new Jacobian(test, expected);
  compare('result', actual.y, expected.data, jacobian.forwardTolerance());
  actual.gradients.forEach((gradient, i) => {
    const { values, tolerance } = jacobian.backward(i, weightsOf(expected.shape));
    compare(`gradient by input ${i}`, gradient, values, tolerance);
  });
}

/**
 * The part of `checkOp` that needs no reference, and so can do with large inputs: what must not
 * change a bit. Gives the result and the gradients of sum(result * weights).
 */
export function checkBits(test: Omit<OpCase, 'reference'>): Outcome {
  const variants: [string, CompileOptions, number][] = [
    ['without memory plan', { plan: false }, 1],
    ['without fusion', { fuse: false }, 1],
    ['with 2 threads', {}, 2],
    ['with 3 threads', {}, 3],
  ];
  setThreads(1);
  const expected = runOp(test, {});
  for (const [name, options, threads] of variants) {
    setThreads(threads);
    expectSameBits(name, runOp(test, options), expected);
  }
  setThreads(1);
  if (test.atOnce ?? true) {
    const now = test.op(...(test.inputs as never[])) as Tensor;
    expectSameBits('at once', { ...expected, shape: now.shape, y: now.data }, expected);
  }
  return expected;
}

/** Random numbers of which no two are the same. */
export function floats(
  shape: Shape,
  { low = -2, high = 2, seed = 1 }: { low?: number; high?: number; seed?: number } = {},
): Tensor {
  const random = new Random(seed);
  const data = Float32Array.from({ length: sizeOf(shape) }, () => random.uniform());
  return new Tensor(
    data.map((x) => low + (high - low) * x),
    shape,
  );
}

/** Random whole numbers in [low, high). */
export function integers(shape: Shape, low: number, high: number, dtype: DType = 'int32'): Tensor {
  const random = new Random(5);
  const data = newArray(dtype, sizeOf(shape));
  return new Tensor(
    data.map(() => low + random.below(high - low)),
    shape,
  );
}

interface Outcome {
  shape: Shape;
  dtype: DType;
  y: TypedArray;
  gradients: TypedArray[];
}

/** What the elements of a result count in the loss that gradients are taken of. */
function weightsOf(shape: Shape): Tensor {
  return floats(shape, { seed: 7 });
}

function runOp(
  { op, inputs, gradient = true }: Omit<OpCase, 'reference'>,
  options: CompileOptions,
): Outcome {
  const graph = new Graph();
  const values = inputs.map((input) => graph.feed(input));
  const y = withGraph(graph, () => op(...(values as never[])) as Value);
  const outputs = [y];
  const feeds = inputs.map(({ data }) => data);
  const real = values.filter((value) => value.dtype === 'float32');
  if (gradient && y.dtype === 'float32' && real.length > 0) {
    const weights = weightsOf(y.shape);
    const loss = sum(multiply(y, graph.feed(weights)));
    // No gradient at all is one of zeros.
    const zeros = (value: Value) => broadcastTo(graph.constant(0), value.shape);
    const found = gradients(loss, real);
    outputs.push(...real.map((value, i) => found[i] ?? zeros(value)));
    feeds.push(weights.data);
  }
  for (const output of outputs) graph.result(output);
  const results = outputs.map(({ dtype, shape }) => newArray(dtype, sizeOf(shape)));
  new Program(graph, options).runSync({ steps: 1, feeds, results, guard: true });
  const [made, ...rest] = results as [TypedArray, ...TypedArray[]];
  return { shape: y.shape, dtype: y.dtype, y: made, gradients: rest };
}

/** How each element of the result moves with each element of the inputs, by central differences. */
class Jacobian {
  private readonly test: OpCase;
  private readonly expected: Real;
  /** For each float32 input, for each of its elements, the change of the whole result. */
  private readonly changes: Float64Array[][];
  private readonly real: readonly Real[];

  constructor(test: OpCase, expected: Real) {
    this.test = test;
    this.expected = expected;
    const xs = test.inputs.map(Real.of);
    this.real = xs.filter((_, i) => test.inputs[i]?.dtype === 'float32');
    this.changes = this.real.map(({ data }) =>
      Array.from(data, (x, i) => {
        const at = (value: number) => {
          data[i] = value;
          return test.reference(...xs).data.slice();
        };
        const [above, below] = [at(x + step), at(x - step)];
        data[i] = x;
        return above.map((y, j) => (y - (below[j] as number)) / (2 * step));
      }),
    );
  }

  /**
   * Each element: epsilon x length x magnitude, where what goes in counts as much as it can change
   * what comes out.
   */
  forwardTolerance(): Float64Array {
    const { length = 4, magnitude = 0 } = this.test;
    const reach = this.expected.data.map((y) => Math.abs(y) + magnitude);
    this.real.forEach(({ data }, input) => {
      this.changes[input]?.forEach((change, i) => {
        change.forEach((slope, j) => {
          reach[j] = (reach[j] as number) + Math.abs(slope * (data[i] as number));
        });
      });
    });
    return reach.map((size) => (length === 0 ? 0 : tiny + epsilon * length * size));
  }

  /** The gradient of sum(y * weights) by an input, and its tolerance: as many roundings as terms. */
  backward(input: number, { data: weights }: Tensor) {
    const { length = 4, magnitude = 0 } = this.test;
    const terms = (this.changes[input] as Float64Array[]).map((change) =>
      change.map((slope, j) => slope * (weights[j] as number)),
    );
    const sizes = terms.map((row) => row.reduce((size, term) => size + Math.abs(term), magnitude));
    const most = terms.map((row) => row.filter((term) => term !== 0).length);
    const size = Math.max(0, ...sizes);
    return {
      values: Float64Array.from(terms, (row) => row.reduce((sum, term) => sum + term, 0)),
      tolerance: Float64Array.from(
        terms,
        (_, i) => epsilon * ((most[i] as number) + length + 4) * size + step * step * (1 + size),
      ),
    };
  }
}

function compare(
  what: string,
  actual: TypedArray,
  expected: Float64Array,
  tolerance: Float64Array,
): void {
  expect(actual.length, `${what}: elements`).toBe(expected.length);
  actual.forEach((value, i) => {
    const wanted = expected[i] as number;
    const fits =
      Object.is(value, wanted) ||
      (Number.isNaN(value) && Number.isNaN(wanted)) ||
      Math.abs(value - wanted) <= (tolerance[i] as number);
    if (!fits) {
      expect.fail(`${what}: element ${i} is ${value}, not ${wanted} (within ${tolerance[i]})`);
    }
  });
}

function expectSameBits(what: string, actual: Outcome, expected: Outcome): void {
  expect(showShape(actual.shape), what).toBe(showShape(expected.shape));
  const bytes = ({ y, gradients: all }: Outcome) =>
    [y, ...all].map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength).toString('hex'),
    );
  expect(bytes(actual), what).toEqual(bytes(expected));
}
