import { describe, expect, it } from 'vitest';
import { Variable } from '../../lib/core/variable.js';
import { Graph } from '../../lib/graph/ir.js';
import * as luge from '../../lib/index.js';
import { addOptimizerStep, takeAverages } from '../../lib/models/optimizer_step.js';
import { withGraph } from '../../lib/ops/define.js';
import { Program } from '../../lib/runtime/program.js';
import { create, decode, type Encoded, expectClose, readGolden, toTensor } from './golden.js';

interface GoldenSteps {
  weights: Encoded[];
  /** Of each step, of each weight. */
  gradients: Encoded[][];
  cases: {
    title: string;
    name: string;
    options: object;
    weights: Encoded[];
    tolerance: number[];
  }[];
}

const golden = readGolden<GoldenSteps>('optimizer_steps');

/** Weights side by side, after the optimizer's steps on the file's gradients. */
function train(optimizer: luge.optimizers.Optimizer): Variable[] {
  const weights = golden.weights.map((weight) => new Variable(toTensor(weight)));
  Variable.pack(weights);
  const rows = golden.gradients.map((_, step) => optimizer.stepScalars(step));
  const names = Object.keys(rows[0] as object);
  const graph = new Graph();
  withGraph(graph, () => {
    const gradients = weights.map(({ shape }) => graph.feed({ shape, dtype: 'float32' }));
    const scalars = names.map((name) => [name, graph.feed({ shape: [], dtype: 'float32' })]);
    addOptimizerStep(
      graph,
      optimizer,
      new Map(weights.map((weight, i) => [weight, gradients[i] as never])),
      Object.fromEntries(scalars),
    );
  });
  const feeds = [
    ...weights.map((_, i) =>
      Float32Array.from(golden.gradients.flatMap((row) => [...decode(row[i] as Encoded)])),
    ),
    ...names.map((name) => Float32Array.from(rows, (row) => row[name] as number)),
  ];
  new Program(graph).runSync({ steps: rows.length, feeds });
  takeAverages(optimizer, weights);
  return weights;
}

describe('steps of optimizers against Keras in float64', () => {
  it.each(golden.cases)('$title', ({ name, options, weights, tolerance }) => {
    const found = train(create(luge.optimizers, name, options));
    expect(found.length).toBe(weights.length);
    found.forEach(({ value }, i) => {
      const expected = decode(weights[i] as Encoded);
      expectClose(value.data, expected, tolerance[i] as number, `weight ${i}`);
    });
  });
});
