import { afterEach, describe, expect, it } from 'vitest';
import { gradients } from '../../lib/compile/autodiff.js';
import type { CompileOptions } from '../../lib/compile/compile.js';
import type { TypedArray } from '../../lib/core/dtype.js';
import { Tensor } from '../../lib/core/tensor.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import { setThreads, threads } from '../../lib/runtime/backend.js';
import { Program } from '../../lib/runtime/program.js';

// Gradients of weights so large that they are used up row by row, without being stored.

const [batch, inputs, units, outputs, steps] = [6, 520, 530, 510, 3];
const availableThreads = threads();

afterEach(() => setThreads(availableThreads));

const wave = (size: number, step: number) =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(step * i));

/** Steps of momentum on two layers; gives the program and all that it has computed. */
function train(options: CompileOptions, readLater = false) {
  const graph = new Graph();
  const weights = [
    new Variable(new Tensor(wave(inputs * units, 0.7), [inputs, units])),
    new Variable(new Tensor(wave(units * outputs, 0.9), [units, outputs])),
  ] as const;
  const speeds = weights.map(({ size }) => new Variable(new Tensor(wave(size, 0.3), [size])));
  withGraph(graph, () => {
    const x = graph.feed({ shape: [batch, inputs], dtype: 'float32' });
    const y = ops.matmul(ops.tanh(ops.matmul(x, weights[0])), weights[1]);
    const loss = ops.mean(ops.square(y));
    const old = weights.map((weight) => graph.read(weight));
    (gradients(loss, old) as Value[]).forEach((gradient, i) => {
      const weight = weights[i] as Variable;
      const speed = ops.add(ops.multiply(speeds[i] as Variable, 0.9), ops.reshape(gradient, [-1]));
      const next = ops.subtract(ops.reshape(weight, [-1]), ops.multiply(speed, 0.1));
      graph.update(speeds[i] as Variable, speed);
      graph.update(weight, ops.reshape(next, weight.shape));
    });
    graph.result(readLater ? ops.max(ops.exp(weights[0])) : loss);
  });
  const program = new Program(graph, options);
  const result = new Float32Array(steps);
  const feeds = [wave(steps * batch * inputs, 0.11)];
  program.runSync({ steps, guard: true, feeds, results: [result] });
  return { program, values: [...[...weights, ...speeds].map(({ value }) => value.data), result] };
}

const sameBits = (a: readonly TypedArray[], b: readonly TypedArray[]) =>
  a.every((values, i) => Buffer.compare(bytes(values), bytes(b[i] as TypedArray)) === 0);
const bytes = ({ buffer, byteOffset, byteLength }: TypedArray) =>
  Buffer.from(buffer, byteOffset, byteLength);

describe('an update of large weights', () => {
  it('gives the bits of separate instructions, with any number of threads', () => {
    setThreads(1);
    const { program, values } = train({});
    expect(program.print().match(/matmul_map/g)).toHaveLength(2);
    expect(values.flatMap((data) => [...(data as Float32Array)]).every(Number.isFinite)).toBe(true);
    const apart = train({ fuse: false });
    expect(apart.program.print()).not.toContain('matmul_map');
    expect(sameBits(apart.values, values)).toBe(true);
    expect(sameBits(train({ plan: false }).values, values)).toBe(true);
    setThreads(2);
    expect(sameBits(train({}).values, values)).toBe(true);
  });

  it('does not write over weights that are read afterwards', () => {
    const { program, values } = train({}, true);
    expect(program.print()).toContain('copy');
    expect(sameBits(train({ fuse: false }, true).values, values)).toBe(true);
  });
});
