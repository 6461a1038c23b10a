import { describe, expect, it } from 'vitest';
import { compile } from '../../lib/compile/compile.js';
import type { Kept } from '../../lib/compile/encode.js';
import { fuse } from '../../lib/compile/fuse.js';
import { hoist } from '../../lib/compile/hoist.js';
import { linearize } from '../../lib/compile/linearize.js';
import { Tensor } from '../../lib/core/tensor.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph } from '../../lib/graph/ir.js';
import { layers, sequential, setSeed, tensor } from '../../lib/index.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import { addon } from '../../lib/runtime/addon.js';
import { keptStore } from '../../lib/runtime/kept_stores.js';
import { Program } from '../../lib/runtime/program.js';
import { floats } from '../support/check_op.js';

const variable = (data: number[]) =>
  new Variable(new Tensor(Float32Array.from(data), [data.length]), { name: 'w' });

/** x [batch, 3] times softmax(w), whose softmax depends on the weight alone. */
function weighted(weight: Variable, batch = 1, function_: typeof ops.softmax = ops.softmax) {
  const graph = new Graph();
  withGraph(graph, () => {
    const x = graph.feed({ shape: [batch, 3], dtype: 'float32' });
    const factors = function_(ops.reshape(weight, [1, 3]));
    graph.result(ops.multiply(x, factors));
  });
  return graph;
}

const hoisted = (graph: Graph) => hoist(graph, linearize(fuse(graph)));

describe('hoist', () => {
  it('puts what depends on weights alone in front', () => {
    const { units, prologue, kept } = hoisted(weighted(variable([1, 2, 3])));
    expect(units.map(({ native }) => native?.op.name ?? 'map')).toEqual(['softmax', 'map']);
    expect(prologue).toBe(1);
    expect(kept.size).toBe(1);
  });

  it('leaves a program alone that changes weights', () => {
    const weight = variable([1, 2, 3]);
    const graph = weighted(weight);
    withGraph(graph, () => graph.update(weight, ops.multiply(weight, 2)));
    expect(hoisted(graph).prologue).toBe(0);
  });

  it('leaves random numbers where they are', () => {
    const graph = new Graph();
    withGraph(graph, () => {
      const x = graph.feed({ shape: [3], dtype: 'float32' });
      graph.result(ops.add(x, ops.dropout(variable([1, 2, 3]) as never, 0.5)));
    });
    expect(hoisted(graph).prologue).toBe(0);
  });

  it('computes again when a weight has changed, and only then', () => {
    const weight = variable([0, 0, 0]);
    const program = new Program(weighted(weight));
    const run = () => {
      const y = new Float32Array(3);
      program.runSync({ steps: 1, feeds: [Float32Array.of(3, 3, 3)], results: [y] });
      return [...y].map((value) => Math.round(value * 1e5) / 1e5);
    };
    program.trace();
    const softmaxes = () => program.traceReport().find(({ op }) => op === 'softmax')?.count;
    expect(run()).toEqual([1, 1, 1]);
    expect(run()).toEqual([1, 1, 1]);
    expect(softmaxes()).toBe(1);
    weight.assign(new Tensor(Float32Array.of(Math.log(2), 0, 0), [3]));
    expect(run()).toEqual([1.5, 0.75, 0.75]);
    expect(softmaxes()).toBe(2);
  });

  it('keeps the same once for programs that make the same of a weight', () => {
    const opcodes = new Map(addon().ops.map(({ name }, i) => [name, i]));
    const keptOf = (...of: Parameters<typeof weighted>) =>
      compile(weighted(...of), opcodes).stores.find(
        (store) => !(store instanceof Variable),
      ) as Kept;
    const create = (byteLength: number) => ({ byteLength, read() {}, write() {} });
    const storeOf = (...of: Parameters<typeof weighted>) => keptStore(keptOf(...of), create);
    const weight = variable([1, 2, 3]);
    const store = storeOf(weight);
    expect(store.byteLength).toBe(12);
    expect(storeOf(weight, 5)).toBe(store);
    expect(storeOf(variable([1, 2, 3]))).not.toBe(store);
    expect(storeOf(weight, 1, ops.logSoftmax)).not.toBe(store);
  });

  it('computes again in each program that shares it', () => {
    const weight = variable([0, 0, 0]);
    const [one, two] = [1, 2].map((batch) => new Program(weighted(weight, batch))) as [
      Program,
      Program,
    ];
    const run = (program: Program, batch: number) => {
      const y = new Float32Array(3 * batch);
      program.runSync({ steps: 1, feeds: [y.slice().fill(3)], results: [y] });
      return [...y].map((value) => Math.round(value * 1e5) / 1e5);
    };
    const change = (first: number) =>
      weight.assign(new Tensor(Float32Array.of(Math.log(first), 0, 0), [3]));
    expect(run(one, 1)).toEqual([1, 1, 1]);
    expect(run(two, 2)).toEqual([1, 1, 1, 1, 1, 1]);
    change(2);
    expect(run(two, 2)).toEqual([1.5, 0.75, 0.75, 1.5, 0.75, 0.75]);
    expect(run(one, 1)).toEqual([1.5, 0.75, 0.75]);
    change(1);
    expect(run(one, 1)).toEqual([1, 1, 1]);
    expect(run(two, 2)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('sees weights that training changed', async () => {
    setSeed(1);
    const model = sequential([
      layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same', inputShape: [16, 16, 32] }),
      layers.globalAveragePooling2d(),
    ]);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const x = floats([8, 16, 16, 32]);
    const y = tensor(new Float32Array(8 * 32), [8, 32]);
    const predict = async () => (await model.predict(x, { batchSize: 8 })) as Tensor;
    const before = await predict();
    await model.fit(x, y, { batchSize: 8, epochs: 1, verbose: 0 });
    const after = await predict();
    expect(after.data).not.toEqual(before.data);
    const squares = Array.from(after.data).reduce((sum, value) => sum + value ** 2, 0);
    const loss = (await model.evaluate(x, y, { batchSize: 8, verbose: 0 })).loss as number;
    expect(loss).toBeCloseTo(squares / after.size, 5);
  });
});
