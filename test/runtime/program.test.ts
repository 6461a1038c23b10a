import { describe, expect, it } from 'vitest';
import { Tensor } from '../../lib/core/tensor.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph } from '../../lib/graph/ir.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import { backendInfo, setThreads, threads } from '../../lib/runtime/backend.js';
import { Program } from '../../lib/runtime/program.js';

const spec = (...shape: number[]) => ({ shape, dtype: 'float32' as const });

/** Adds each batch's sum to a variable and gives the sum so far. */
function counter(batch: number, indexed = true) {
  const total = new Variable(new Tensor(new Float32Array(1), [1]), { name: 'total' });
  const graph = new Graph();
  const x = graph.feed(spec(batch, 2), indexed);
  withGraph(graph, () => {
    const next = ops.add(graph.read(total), ops.sum(x));
    graph.update(total, next);
    graph.result(next);
  });
  return { program: new Program(graph), total };
}

/** A program whose steps take a few milliseconds each. */
function slow() {
  const graph = new Graph();
  let x = graph.feed(spec(256, 256));
  for (let i = 0; i < 20; i++) x = ops.tanh(ops.matmul(x, x));
  graph.result(ops.sum(x));
  return new Program(graph);
}

describe('Program', () => {
  it('runs many steps in one call, on rows picked by index', async () => {
    const { program, total } = counter(2);
    const x = Float32Array.from([1, 1, 10, 10, 100, 100]);
    const sums = new Float32Array(3);
    const indices = Int32Array.from([0, 1, 2, 2, 0, 2]);
    expect(await program.run({ steps: 3, feeds: [x], indices, results: [sums] })).toBe(3);
    expect([...sums]).toEqual([22, 422, 624]);
    expect(total.value.toArray()).toEqual([624]);
  });

  it('takes blocks when there are no indices', () => {
    const { program } = counter(1);
    const sums = new Float32Array(3);
    program.runSync({ steps: 3, feeds: [Float32Array.from([1, 2, 3, 4, 5, 6])], results: [sums] });
    expect([...sums]).toEqual([3, 10, 21]);
  });

  it('runs of one model never overtake each other', async () => {
    const { program } = counter(1, false);
    const steps = 200;
    const data = new Float32Array(steps * 2).fill(0.5);
    const results = Array.from({ length: 5 }, () => new Float32Array(steps));
    await Promise.all(results.map((out) => program.run({ steps, feeds: [data], results: [out] })));
    const all = results.flatMap((out) => [...out]);
    expect(all).toEqual(all.map((_, i) => i + 1));
  });

  it('does not block the event loop, and lets a short run in between a long one', async () => {
    const long = slow();
    const data = new Float32Array(256 * 256).fill(0.001);
    const many = new Float32Array(256 * 256 * 50);
    const order: string[] = [];
    const first = long.run({ steps: 50, feeds: [many] }).then(() => order.push('long'));
    const second = counter(1)
      .program.run({ steps: 1, feeds: [data.subarray(0, 2)] })
      .then(() => order.push('short'));
    await Promise.all([first, second]);
    expect(order).toEqual(['short', 'long']);
  });

  it('stops at the next step when cancelled', async () => {
    const program = slow();
    const running = program.run({ steps: 1000, feeds: [new Float32Array(256 * 256 * 1000)] });
    setTimeout(() => program.cancel(), 20);
    const done = await running;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(1000);
    // And runs again.
    expect(await program.run({ steps: 2, feeds: [new Float32Array(256 * 256 * 2)] })).toBe(2);
  });

  it('repeats random numbers by seed and step', () => {
    const graph = new Graph();
    const x = graph.feed(spec(1000));
    graph.result(ops.dropout(x, 0.5));
    const program = new Program(graph);
    const draw = (seed: number, firstStep: number) => {
      const out = new Float32Array(1000);
      const feeds = [new Float32Array(1000).fill(1)];
      program.runSync({ steps: 1, seed, firstStep, feeds, results: [out] });
      return out;
    };
    expect(draw(1, 0)).toEqual(draw(1, 0));
    expect(draw(1, 0)).not.toEqual(draw(1, 1));
    expect(draw(1, 0)).not.toEqual(draw(2, 0));
  });

  it.each([
    [{ steps: 2, feeds: [new Float32Array(2)] }, /feeds\[0\]/],
    [{ steps: 1, feeds: [] }, /feeds has 0 entries/],
    [{ steps: 1, feeds: [new Int32Array(2)] }, /Float32Array/],
    [
      { steps: 1, feeds: [new Float32Array(2)], indices: Int32Array.from([1]) },
      /indices\[0\] is 1/,
    ],
    [{ steps: 1, feeds: [new Float32Array(2)], indices: Int32Array.from([-1]) }, /indices/],
    [
      {
        steps: 1,
        feeds: [new Float32Array(2)],
        results: [new Float32Array(0), new Float32Array(1)],
      },
      /results has 2/,
    ],
    [{ steps: -1, feeds: [new Float32Array(2)] }, /steps/],
    [{ steps: 1.5, feeds: [new Float32Array(2)] }, /steps/],
  ])('refuses bad input %#', async (options, message) => {
    const { program, total } = counter(1);
    expect(() => program.runSync(options)).toThrow(message);
    await expect(program.run(options)).rejects.toThrow(message);
    expect(total.value.toArray()).toEqual([0]);
  });

  it('says how much memory a step takes, and prints itself', () => {
    const program = slow();
    expect(program.memoryBytes).toBeGreaterThanOrEqual(2 * 256 * 256 * 4);
    expect(program.print()).toMatch(/matmul\(.*\).*\{ .*tanh/);
  });

  it('measures each instruction when asked', () => {
    const program = slow();
    program.trace();
    program.runSync({ steps: 3, feeds: [new Float32Array(256 * 256 * 3)] });
    const report = program.traceReport();
    expect(report.find(({ op }) => op === 'matmul')).toMatchObject({ count: 3 });
    expect(report.every(({ nanoseconds }) => nanoseconds > 0)).toBe(true);
  });
});

describe('backend', () => {
  it('sets threads', () => {
    const before = threads();
    setThreads(1);
    expect(backendInfo().threads).toBe(1);
    setThreads(before);
    expect(() => setThreads(0)).toThrow(/1 to 1024/);
    expect(() => setThreads(Number.NaN)).toThrow(/1 to 1024/);
  });
});
