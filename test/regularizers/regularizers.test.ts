import { describe, expect, it } from 'vitest';
import type { ClassConfig } from '../../lib/core/registry.js';
import type { Shape } from '../../lib/core/shape.js';
import { tensor } from '../../lib/core/tensor.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import { dense } from '../../lib/layers/index.js';
import { sequential } from '../../lib/models/index.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import { sgd } from '../../lib/optimizers/index.js';
import {
  get,
  l1,
  l1l2,
  l2,
  orthogonalRegularizer,
  type Regularizer,
} from '../../lib/regularizers/index.js';
import { checkOp, floats } from '../support/check_op.js';
import { Real, total } from '../support/op_reference.js';

const cases: [title: string, regularizer: Regularizer, a: number, b: number][] = [
  ['l1', l1(0.25), 0.25, 0],
  ['l1 by default', l1(), 0.01, 0],
  ['l2', l2({ l2: 0.5 }), 0, 0.5],
  ['l1l2', l1l2({ l1: 0.25, l2: 0.5 }), 0.25, 0.5],
  ['l1l2 by name', get('l1_l2'), 0.01, 0.01],
  ['l1l2 of nothing', l1l2({ l1: 0, l2: 0 }), 0, 0],
];

/** A value of the graph under construction. */
const withValue = (shape: Shape, use: (value: Value) => unknown) => {
  const graph = new Graph();
  return withGraph(graph, () => use(graph.feed({ shape, dtype: 'float32' })));
};

describe('regularizers', () => {
  it.each(cases)('%s', (_, regularizer, a, b) => {
    checkOp({
      inputs: [floats([3, 5])],
      op: (weight: Value) => regularizer.penalty(weight),
      reference: (weight) => {
        const terms = [...weight.data].map((w) => a * Math.abs(w) + b * w * w);
        return new Real([], Float64Array.of(total(terms)));
      },
      length: 20,
      atOnce: false,
    });
    const config = JSON.parse(JSON.stringify(regularizer.getConfig()));
    const copy = get({ class_name: regularizer.className, config });
    expect(copy.getConfig()).toEqual(regularizer.getConfig());
  });

  it.each(['rows', 'columns'] as const)('orthogonal, by %s', (mode) => {
    const regularizer = orthogonalRegularizer({ factor: 0.25, mode });
    checkOp({
      inputs: [floats([4, 3])],
      op: (weight: Value) => regularizer.penalty(weight),
      reference: (weight) => {
        const [rows, columns] = weight.shape as [number, number];
        const [count, length] = mode === 'rows' ? [rows, columns] : [columns, rows];
        const at = (i: number, k: number) => weight.at(mode === 'rows' ? [i, k] : [k, i]);
        const dot = (i: number, j: number) =>
          total(Array.from({ length }, (_, k) => at(i, k) * at(j, k)));
        const cosines = Array.from({ length: count }, (_, i) =>
          Array.from({ length: i }, (_, j) =>
            Math.abs(dot(i, j) / Math.sqrt(dot(i, i) * dot(j, j))),
          ),
        ).flat();
        return new Real([], Float64Array.of((0.25 * total(cosines)) / cosines.length));
      },
      length: 40,
      magnitude: 1,
      atOnce: false,
    });
    const config = JSON.parse(JSON.stringify(regularizer.getConfig()));
    expect(config).toEqual({ factor: 0.25, mode });
    expect(get({ class_name: 'OrthogonalRegularizer', config })).toEqual(regularizer);
  });

  it('of a single row, or of rows of zeros, is 0', async () => {
    for (const inputs of [1, 3]) {
      const layer = dense({
        units: 2,
        inputShape: [inputs],
        kernelInitializer: 'zeros',
        kernelRegularizer: orthogonalRegularizer(),
      });
      const model = sequential([layer]);
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      const logs = await model.trainOnBatch(floats([2, inputs]), floats([2, 2], { high: -2 }));
      expect(logs.loss).toBe(4);
      expect(layer.getWeights()[0]?.data.some(Number.isNaN)).toBe(false);
    }
  });

  it('can be functions', async () => {
    const kernelRegularizer = (weight: Value) => ops.sum(ops.power(weight, 4));
    const layer = dense({ units: 1, useBias: false, inputShape: [2], kernelRegularizer });
    const model = sequential([layer]);
    model.compile({ optimizer: sgd({ learningRate: 1 / 64 }), loss: 'meanSquaredError' });
    layer.setWeights([tensor([[1], [2]])]);
    const zeros = tensor([[0, 0]]);
    expect(await model.evaluate(zeros, tensor([[0]]))).toEqual({ loss: 17 });
    await model.trainOnBatch(zeros, tensor([[0]]));
    const [kernel] = layer.getWeights();
    expect(kernel?.data).toEqual(Float32Array.of(1 - 4 / 64, 2 - 32 / 64));
    const config = layer.getConfig().kernel_regularizer as ClassConfig;
    expect(() => get(config)).toThrow("Regularizer 'kernelRegularizer': a configuration does not");
  });

  it('refuse what makes no sense', () => {
    expect(() => orthogonalRegularizer({ mode: 'diagonal' as never })).toThrow(
      "Unknown OrthogonalRegularizer mode 'diagonal'. Known: rows, columns.",
    );
    expect(() => orthogonalRegularizer({ factor: -1 })).toThrow(/factor must be a finite number/);
    expect(() => withValue([2, 3], (w) => get((weight: Value) => weight).penalty(w))).toThrow(
      /expected a single number, such as ops.sum\(ops.abs\(w\)\), but got \[2, 3\]/,
    );
    expect(() => withValue([2, 3, 4], (w) => orthogonalRegularizer().penalty(w))).toThrow(
      /expected a weight with rows and columns, .* but got one of shape \[2, 3, 4\]/,
    );
    expect(() => get(0.01 as never)).toThrow('such as regularizers.l2(0.01), but got 0.01.');
    expect(() => get('l3')).toThrow(/Unknown regularizer 'l3'/);
    expect(() => l2(-1)).toThrow(/l2 must be a finite number of at least 0, but got -1/);
    expect(() => l1({ l2: 1 } as never)).toThrow("Unknown L1 option 'l2'");
  });
});
