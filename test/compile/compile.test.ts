import { describe, expect, it } from 'vitest';
import { gradients } from '../../lib/compile/autodiff.js';
import { compile, declaredOps } from '../../lib/compile/compile.js';
import { fuse } from '../../lib/compile/fuse.js';
import { hoist } from '../../lib/compile/hoist.js';
import { linearize } from '../../lib/compile/linearize.js';
import { place, type Ref } from '../../lib/compile/place.js';
import { planMemory } from '../../lib/compile/plan_memory.js';
import { rootOf } from '../../lib/compile/views.js';
import { sizeOf } from '../../lib/core/shape.js';
import { Tensor } from '../../lib/core/tensor.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import { broadcastPattern } from '../../lib/ops/broadcast.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';

const spec = (...shape: number[]) => ({ shape, dtype: 'float32' as const });
const opcodes = new Map([...declaredOps().keys()].map((name, i) => [name, i]));

const variable = (name: string, ...shape: number[]) =>
  new Variable(new Tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape), { name });

/** A dense layer with relu, its loss and a step of gradient descent. */
function denseStep() {
  const graph = new Graph();
  const x = graph.feed(spec(8, 5));
  const weights = [variable('kernel', 5, 3), variable('bias', 3)] as const;
  const flat = Variable.pack(weights, 'weights');
  withGraph(graph, () => {
    const y = ops.relu(ops.add(ops.matmul(x, weights[0]), weights[1]));
    const loss = ops.mean(ops.square(y));
    const grads = gradients(
      loss,
      weights.map((w) => graph.read(w)),
    ) as Value[];
    const gradient = ops.concat(
      grads.map((g) => ops.reshape(g, [-1])),
      0,
    );
    graph.update(flat, ops.subtract(flat, ops.multiply(gradient, 0.1)));
    graph.result(loss);
  });
  return { graph, flat };
}

const placed = (graph: Graph) => place(graph, hoist(graph, linearize(fuse(graph))));

const opNames = (graph: Graph, enabled = true) =>
  linearize(fuse(graph, enabled)).map((unit) => unit.native?.op.name ?? 'map');

describe('fuse', () => {
  it('puts a chain into one unit, however long', () => {
    const graph = new Graph();
    let x: Value = graph.feed(spec(10));
    for (let i = 0; i < 20; i++) x = ops.tanh(ops.add(x, i));
    graph.result(x);
    expect(opNames(graph)).toEqual(['map']);
    expect(opNames(graph, false)).toHaveLength(40);
  });

  it('puts bias and activation into the product before them', () => {
    const graph = new Graph();
    const x = graph.feed(spec(8, 5));
    const w = graph.feed(spec(5, 3));
    const b = graph.feed(spec(3));
    graph.result(ops.relu(ops.add(ops.matmul(x, w), b)));
    expect(opNames(graph)).toEqual(['matmul']);
    const [unit] = fuse(graph);
    expect(unit?.program?.operands).toHaveLength(2);
    expect(unit?.inputs.map((v) => v.shape)).toEqual([[1, 8, 5], [1, 5, 3], [3]]);
  });

  it('does not make one unit of two when something between them needs the first', () => {
    const graph = new Graph();
    const x = graph.feed(spec(4, 4));
    const a = ops.exp(x);
    const b = ops.matmul(a, a);
    graph.result(ops.add(ops.argmax(b, 1), ops.cast(ops.sum(a, 1), 'int32')));
    graph.result(ops.add(ops.tanh(b), a));
    const names = opNames(graph);
    // exp alone, then the product with tanh and the addition as its epilogue.
    expect(names.filter((name) => name === 'map').length).toBeLessThanOrEqual(2);
    expect(names[0]).toBe('map');
    expect(names[1]).toBe('matmul');
  });

  it('takes sums over rows while it has the terms in hand, also behind a product', () => {
    const step = (behind: (x: Value) => Value) => {
      const graph = new Graph();
      const dy = behind(graph.feed(spec(8, 3)));
      const y = graph.feed(spec(8, 3));
      const dz = ops.multiply(dy, ops.greater(y, 0));
      graph.result(ops.matmul(ops.transpose(y), dz));
      graph.result(ops.sum(dz, 0));
      return linearize(fuse(graph)).map(({ native, program }) => [
        native?.op.name ?? 'map',
        program?.sums,
      ]);
    };
    expect(step((dy) => dy)).toContainEqual(['map', 1]);
    const weight = variable('weight', 3, 3);
    const product = step((dy) => ops.matmul(dy, dy.node.graph.read(weight)));
    expect(product).toContainEqual(['matmul', 1]);
    expect(product.map(([name]) => name)).not.toContain('map');
  });

  it('keeps sums apart whose rows differ in length or are too long', () => {
    const graph = new Graph();
    const x = ops.exp(graph.feed(spec(4, 2000)));
    graph.result(ops.sum(x, 0));
    graph.result(ops.sum(x));
    graph.result(ops.sum(ops.reshape(x, [-1, 4]), 0));
    const units = linearize(fuse(graph));
    expect(units.map(({ native }) => native?.op.name ?? 'map').toSorted()).toEqual([
      'map',
      'map',
      'reduce_sum',
    ]);
  });

  it('gives sums of nothing but repeated scalars something of their size to go through', () => {
    const graph = new Graph();
    const x = graph.feed(spec());
    graph.result(ops.sum(ops.exp(ops.broadcastTo(x, [5, 7]))));
    const [unit] = fuse(graph);
    expect(unit?.outputs.map(({ shape }) => shape)).toEqual([
      [5, 7],
      [1, 1],
    ]);
  });

  it('computes differences from a mean again rather than store them', () => {
    const graph = new Graph();
    const x = ops.matmul(graph.feed(spec(8, 5)), graph.feed(spec(5, 3)));
    const deviation = ops.subtract(x, ops.moments(x, 0).mean);
    const y = ops.relu(deviation);
    graph.result(ops.matmul(y, ops.transpose(y)));
    graph.result(
      ops.sum(ops.multiply(deviation, ops.argmax(ops.matmul(y, y, { transposeB: true }))), 0),
    );
    const made = fuse(graph).flatMap(({ outputs }) => outputs);
    expect(made).not.toContain(deviation);
    expect(made).toContain(y);
  });

  it('drops what no result needs', () => {
    const graph = new Graph();
    const x = graph.feed(spec(4, 4));
    ops.matmul(x, x);
    graph.result(ops.exp(x));
    expect(opNames(graph)).toEqual(['map']);
  });

  it('copies operands that repeat in turns, which the vector machine cannot index', () => {
    expect(broadcastPattern([2, 1, 4], [2, 3, 4])).toBeUndefined();
    const graph = new Graph();
    const x = graph.feed(spec(2, 3, 4));
    const y = graph.feed(spec(2, 1, 4));
    graph.result(ops.add(x, y));
    expect(opNames(graph)).toEqual(['broadcast', 'map']);
  });
});

/** The instructions of a training step of a convolution with batch normalization and relu. */
function batchNormStep(): string[] {
  const graph = new Graph();
  const kernels = [variable('first', 3, 3, 4, 4), variable('second', 3, 3, 4, 4)] as const;
  const [beta, gamma] = [variable('beta', 4), variable('gamma', 4)];
  const trained = [...kernels, beta, gamma];
  withGraph(graph, () => {
    const x = ops.conv2d(graph.feed(spec(2, 6, 6, 4)), kernels[0], { padding: 'same' });
    const { mean, variance } = ops.moments(x, [0, 1, 2]);
    const y = ops.relu(
      ops.batchNormalization(x, mean, variance, graph.read(beta), graph.read(gamma)),
    );
    const loss = ops.mean(ops.square(ops.conv2d(y, kernels[1], { padding: 'same' })));
    const found = gradients(
      loss,
      trained.map((w) => graph.read(w)),
    );
    for (const gradient of found) graph.result(gradient as Value);
  });
  // Those that work on images, where the time goes.
  const isImages = ({ shape }: Value) => sizeOf(shape) === 2 * 6 * 6 * 4;
  return linearize(fuse(graph))
    .filter(({ inputs, outputs }) => [...inputs, ...outputs].some(isImages))
    .map(({ native, program, outputs }) => {
      const wholes = outputs.filter(isImages).length;
      return `${native?.op.name ?? 'map'} ${wholes} ${program?.sums ?? 0}`;
    });
}

describe('batch normalization', () => {
  it('is one pass for the moments, one forward, and in the gradient one besides the product', () => {
    expect(batchNormStep()).toEqual([
      'conv2d 1 0',
      'moments 0 0',
      'map 1 0', // normalized, relu
      'conv2d 1 0', // scaled into the loss's gradient
      'conv2d_dweight 0 0',
      'conv2d_dx 1 2', // relu's gradient and both sums
      'map 1 0',
      'conv2d_dweight 0 0',
    ]);
  });
});

describe('broadcastPattern', () => {
  it.each([
    [[], [2, 3], { div: 1, mod: 1 }],
    [[3], [2, 3], { div: 1, mod: 3 }],
    [[2, 1], [2, 3], { div: 3, mod: 2 }],
    [[2, 3], [2, 3], { div: 1, mod: 6 }],
    [[1, 5, 1], [4, 5, 6], { div: 6, mod: 5 }],
    [[4, 5, 1, 1], [4, 5, 6, 7], { div: 42, mod: 20 }],
  ])('%j in %j', (from, to, pattern) => {
    expect(broadcastPattern(from, to)).toEqual(pattern);
  });
});

describe('place', () => {
  it('makes gradients in the flat block and new weights over the old ones', () => {
    const { graph, flat } = denseStep();
    const { instructions } = placed(graph);
    const names = instructions.map(({ op }) => op);
    expect(names).not.toContain('concat');
    expect(names).not.toContain('copy');
    const last = instructions.at(-1);
    expect(last?.op).toBe('map');
    expect(last?.outputs[0]?.base).toBe(flat);
  });

  /** A step of momentum on two large layers; the second's input gradient needs its old weights. */
  function largeStep(batch: number, finish: (graph: Graph, gradient: Value) => void = () => {}) {
    const graph = new Graph();
    const weights = [variable('first', 300, 1024), variable('second', 1024, 260)] as const;
    const speeds = [variable('speed', 300 * 1024), variable('speed', 1024 * 260)] as const;
    const flat = Variable.pack(weights, 'weights');
    Variable.pack(speeds, 'speeds');
    withGraph(graph, () => {
      const y = ops.matmul(
        ops.tanh(ops.matmul(graph.feed(spec(batch, 300)), weights[0])),
        weights[1],
      );
      const read = weights.map((w) => graph.read(w));
      (gradients(ops.mean(ops.square(y)), read) as Value[]).forEach((g, i) => {
        const speed = ops.add(ops.multiply(speeds[i] as Variable, 0.9), ops.reshape(g, [-1]));
        graph.update(speeds[i] as Variable, speed);
        const next = ops.subtract(ops.reshape(read[i] as Value, [-1]), ops.multiply(speed, 0.1));
        graph.update(weights[i] as Variable, ops.reshape(next, weights[i]?.shape as number[]));
        finish(graph, g);
      });
    });
    return { graph, flat, weights, speeds };
  }

  it('uses up the gradient of a large product, behind whoever reads the old weights', () => {
    const { graph, flat, speeds } = largeStep(8);
    const { instructions } = placed(graph);
    const names = instructions.map(({ op }) => op);
    expect(names.slice(-2)).toEqual(['matmul_map', 'matmul_map']);
    expect(names).not.toContain('copy');
    for (const { outputs } of instructions.slice(-2)) {
      const bases = new Set(outputs.map(({ base }) => base));
      expect(bases.has(flat) && bases.has(speeds[0].location.root)).toBe(true);
    }
  });

  it('stores the gradient of a large product that something else reads or that is deep', () => {
    const names = (step: { graph: Graph }) => placed(step.graph).instructions.map(({ op }) => op);
    expect(names(largeStep(512))).not.toContain('matmul_map');
    expect(names(largeStep(512))).not.toContain('copy');
    const clipped = largeStep(8, (graph, gradient) => graph.result(ops.sum(ops.square(gradient))));
    expect(names(clipped)).not.toContain('matmul_map');
    expect(names(clipped)).not.toContain('copy');
  });

  it('keeps the old value for whoever reads it later', () => {
    const graph = new Graph();
    const a = variable('a', 4);
    const b = variable('b', 4);
    // A swap: each new value is the other's old one.
    graph.update(a, ops.multiply(graph.read(b), 1));
    graph.update(b, ops.exp(graph.read(a)));
    const { instructions } = placed(graph);
    const writes = instructions.map(({ op, outputs }) => [op, (outputs[0] as Ref).base]);
    // Whichever comes first may not overwrite what the second reads.
    expect(writes.filter(([op]) => op === 'copy').length).toBeGreaterThan(0);
  });
});

describe('planMemory', () => {
  const plan = (share: boolean) => {
    const graph = new Graph();
    let x: Value = graph.feed(spec(16, 16));
    for (let i = 0; i < 10; i++) x = ops.matmul(x, x);
    graph.result(x);
    const placement = placed(graph);
    return { placement, memory: planMemory(placement, share) };
  };

  it('needs two matrices for a chain of products, not eleven', () => {
    expect(plan(true).memory.arenaBytes).toBe(2 * 16 * 16 * 4);
    expect(plan(false).memory.arenaBytes).toBeGreaterThan(11 * 16 * 16 * 4);
  });

  it('lets no two buffers overlap while both are in use', () => {
    const { graph } = denseStep();
    const placement = placed(graph);
    const { offsets } = planMemory(placement);
    const use = new Map<unknown, { first: number; last: number; from: number; to: number }>();
    const touch = (base: unknown, at: number) => {
      const offset = offsets.get(base as never);
      if (offset === undefined) return;
      const { bytes } = base as { bytes: number };
      const seen = use.get(base);
      if (seen === undefined)
        use.set(base, { first: at, last: at, from: offset, to: offset + bytes });
      else seen.last = at;
    };
    for (const { base } of placement.feeds) touch(base, -1);
    placement.instructions.forEach(({ inputs, outputs }, at) => {
      for (const { base } of [...inputs, ...outputs]) touch(base, at);
    });
    for (const { base } of placement.results) touch(base, placement.instructions.length);
    const list = [...use.values()];
    for (const a of list) {
      for (const b of list) {
        // One may end where the other begins: an instruction writing over its own operand.
        const together = a !== b && a.first < b.last && b.first < a.last;
        if (together) expect(a.to <= b.from || b.to <= a.from).toBe(true);
      }
    }
  });
});

describe('compile', () => {
  it('gives the same program for the same graph', () => {
    const [a, b] = [denseStep(), denseStep()].map(({ graph }) => compile(graph, opcodes).blob);
    expect(a).toEqual(b);
  });

  it('sees through views', () => {
    const graph = new Graph();
    const x = graph.feed(spec(2, 6));
    expect(rootOf(ops.reshape(ops.reshape(x, [3, 4]), [12]))).toBe(x);
  });
});
