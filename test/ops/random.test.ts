import { describe, expect, it } from 'vitest';
import '../../lib/runtime/evaluate.js';
import { gradients } from '../../lib/compile/autodiff.js';
import { setSeed } from '../../lib/core/random.js';
import { sizeOf } from '../../lib/core/shape.js';
import type { Tensor } from '../../lib/core/tensor.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import { setThreads } from '../../lib/runtime/backend.js';
import { Program } from '../../lib/runtime/program.js';
import { floats } from '../support/check_op.js';

const count = 40_000;

interface Run {
  seed?: number;
  firstStep?: number;
  threads?: number;
}

/** What the values that `build` makes hold in one step. */
function runGraph(build: (graph: Graph) => Value[], { threads = 1, ...run }: Run = {}) {
  const graph = new Graph();
  const values = withGraph(graph, () => build(graph));
  for (const value of values) graph.result(value);
  const results = values.map(({ shape }) => new Float32Array(sizeOf(shape)));
  setThreads(threads);
  new Program(graph).runSync({ steps: 1, feeds: [], results, guard: true, ...run });
  setThreads(1);
  return results;
}

function moments(data: ArrayLike<number>) {
  const xs = Array.from(data);
  const mean = xs.reduce((sum, x) => sum + x, 0) / xs.length;
  const variance = xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / xs.length;
  return { mean, stddev: Math.sqrt(variance), low: Math.min(...xs), high: Math.max(...xs) };
}

/** Five standard errors of the mean of so many. */
const near = (stddev: number) => (5 * stddev) / Math.sqrt(count);

describe('random numbers', () => {
  it('are uniform', () => {
    const { mean, stddev, low, high } = moments(
      ops.randomUniform([count], { minval: -1, maxval: 3 }).data,
    );
    expect(Math.abs(mean - 1)).toBeLessThan(near(4 / Math.sqrt(12)));
    expect(Math.abs(stddev - 4 / Math.sqrt(12))).toBeLessThan(near(4 / Math.sqrt(12)));
    expect(low).toBeGreaterThanOrEqual(-1);
    expect(high).toBeLessThan(3);
    expect(high - low).toBeGreaterThan(3.99);
  });

  it('are normal', () => {
    const { mean, stddev, low, high } = moments(
      ops.randomNormal([count], { mean: 2, stddev: 0.5 }).data,
    );
    expect(Math.abs(mean - 2)).toBeLessThan(near(0.5));
    expect(Math.abs(stddev - 0.5)).toBeLessThan(near(0.5));
    // About 0.1% lie beyond 3.3 deviations on either side, and none beyond 7.
    expect(low).toBeLessThan(2 - 0.5 * 3.3);
    expect(high).toBeGreaterThan(2 + 0.5 * 3.3);
    expect(Math.max(high - 2, 2 - low)).toBeLessThan(0.5 * 7);
  });

  it('are normal without tails', () => {
    const { mean, stddev, low, high } = moments(
      ops.truncatedNormal([count], { mean: 1, stddev: 2 }).data,
    );
    expect(Math.abs(mean - 1)).toBeLessThan(near(2));
    expect(Math.abs(stddev - 2 * 0.8796)).toBeLessThan(near(2));
    expect(low).toBeGreaterThanOrEqual(-3);
    expect(high).toBeLessThanOrEqual(5);
  });

  it('differ from call to call, and come again after setSeed', () => {
    const draw = () => [...ops.randomUniform([5]).data];
    setSeed(3);
    const [first, second] = [draw(), draw()];
    expect(second).not.toEqual(first);
    setSeed(3);
    expect([draw(), draw()]).toEqual([first, second]);
  });

  it('differ between operations, steps and seeds, but not with threads', () => {
    const two = () => [ops.randomNormal<Value>([1000]), ops.randomNormal<Value>([1000])];
    const [a, b] = runGraph(two);
    expect(a).not.toEqual(b);
    expect(runGraph(two)).toEqual([a, b]);
    expect(runGraph(two, { threads: 3 })).toEqual([a, b]);
    expect(runGraph(two, { firstStep: 1 })[0]).not.toEqual(a);
    expect(runGraph(two, { seed: 1 })[0]).not.toEqual(a);
  });

  it('are the same for operations of the same seed', () => {
    const [a, b, c] = runGraph(() =>
      [4, 4, 5].map((seed) => ops.add(ops.randomUniform<Value>([9], { seed }), 0)),
    );
    expect(a).toEqual(b);
    expect(c).not.toEqual(a);
  });

  it('come again with a seed when drawn at once', () => {
    const draw = (seed: number) => [...ops.randomNormal([5], { seed }).data];
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('refuse what makes no sense', () => {
    expect(() => ops.randomUniform([2.5])).toThrow(/ops\.randomUniform: shape must hold whole/);
    expect(() => ops.randomUniform([2, 0])).toThrow(/shape must not hold a 0, but got \[2, 0\]/);
    expect(() => ops.randomUniform([2], { minval: 1, maxval: 0 })).toThrow(
      /ops\.randomUniform: minval must not be above maxval, but got 1 and 0/,
    );
    expect(() => ops.randomNormal([2], { stddev: -1 })).toThrow(/stddev must be .* but got -1/);
    expect(() => ops.randomNormal([2], { seed: 0.5 })).toThrow(/seed must be .* but got 0\.5/);
    expect(() => ops.randomNormal([2], { std: 1 } as never)).toThrow(
      /Unknown ops\.randomNormal option 'std'/,
    );
  });
});

/** y = x / (1 - rate), but for the roundings of rate, of the quotient and of the product. */
function expectScaled(y: number, x: number, rate: number): void {
  const error = 2 ** -23 * (2 + rate / (1 - rate));
  expect(Math.abs((y * (1 - rate)) / x - 1)).toBeLessThan(error);
}

describe('dropout', () => {
  it('keeps the mean and so many elements', () => {
    for (const rate of [0.1, 0.5, 0.9]) {
      const { data } = ops.dropout(new Float32Array(count).fill(1), rate) as Tensor;
      const kept = data.filter((x) => x !== 0);
      for (const value of new Set(kept)) expectScaled(value, 1, rate);
      expect(Math.abs(kept.length / count - (1 - rate))).toBeLessThan(
        near(Math.sqrt(rate * (1 - rate))),
      );
    }
  });

  it('gives the gradient the same mask, with any number of threads', () => {
    const [x, dy] = [floats([65, 33]), floats([65, 33], { seed: 2 })];
    const build = (graph: Graph) => {
      const [value, weights] = [x, dy].map((t) => graph.feed(t)) as [Value, Value];
      const y = ops.dropout(value, 0.4);
      const [dx] = gradients(ops.sum(ops.multiply(y, weights)), [value]);
      return [y, dx as Value];
    };
    const run = (threads: number) => {
      const graph = new Graph();
      const values = withGraph(graph, () => build(graph));
      for (const value of values) graph.result(value);
      const results = values.map(() => new Float32Array(x.size));
      setThreads(threads);
      const feeds = [x.data, dy.data];
      new Program(graph).runSync({ steps: 1, seed: 5, feeds, results, guard: true });
      setThreads(1);
      return results as [Float32Array, Float32Array];
    };
    const [y, dx] = run(1);
    y.forEach((value, i) => {
      const slope = dx[i] as number;
      expect(slope === 0).toBe(value === 0);
      if (value === 0) return;
      expectScaled(value, x.data[i] as number, 0.4);
      expectScaled(slope, dy.data[i] as number, 0.4);
    });
    expect(run(3)).toEqual([y, dx]);
  });

  it('drops other places in each operation, unless they share a seed', () => {
    const ones = () =>
      ops.broadcastTo(ops.randomUniform<Value>([], { minval: 1, maxval: 1 }), [500]);
    const [a, b] = runGraph(() => [ops.dropout(ones(), 0.5), ops.dropout(ones(), 0.5)]);
    expect(a).not.toEqual(b);
    const [c, d] = runGraph(() => {
      const x = ones();
      return [ops.dropout(x, 0.5, { seed: 1 }), ops.dropout(ops.add(x, 1), 0.5, { seed: 1 })];
    });
    expect(c?.map((v) => Number(v !== 0))).toEqual(d?.map((v) => Number(v !== 0)));
  });

  it('does nothing at rate 0, and wants it below 1', () => {
    expect(ops.dropout([1, 2, 3], 0).toArray()).toEqual([1, 2, 3]);
    expect(() => ops.dropout([1], 1)).toThrow(
      /ops\.dropout: rate must be a number in \[0, 1\), but got 1/,
    );
    expect(() => ops.dropout([1], Number.NaN)).toThrow(/ops\.dropout/);
  });
});
