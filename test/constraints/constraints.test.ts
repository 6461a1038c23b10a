import { describe, expect, it } from 'vitest';
import {
  type Constraint,
  get,
  maxNorm,
  minMaxNorm,
  nonNeg,
  unitNorm,
} from '../../lib/constraints/index.js';
import type { ClassConfig } from '../../lib/core/registry.js';
import { type Tensor, tensor } from '../../lib/core/tensor.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import { dense } from '../../lib/layers/index.js';
import { sequential } from '../../lib/models/index.js';
import * as ops from '../../lib/ops/index.js';
import { adam } from '../../lib/optimizers/index.js';
import { checkOp, floats } from '../support/check_op.js';
import { alongAxes, Real, total } from '../support/op_reference.js';

const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);

const cases: [
  title: string,
  constraint: Constraint,
  axes: number[],
  wanted: (length: number) => number,
][] = [
  ['maxNorm', maxNorm({ maxValue: 1 }), [0], (length) => Math.min(length, 1)],
  ['maxNorm by default', maxNorm(), [0], (length) => Math.min(length, 2)],
  ['maxNorm over two axes', maxNorm({ maxValue: 1, axis: [0, 1] }), [0, 1], (n) => Math.min(n, 1)],
  ['unitNorm', unitNorm({ axis: 1 }), [1], () => 1],
  ['minMaxNorm', minMaxNorm({ minValue: 0.9 }), [0], (length) => clamp(length, 0.9, 1)],
  [
    'minMaxNorm, part of the way',
    minMaxNorm({ minValue: 0.5, maxValue: 1, rate: 0.25 }),
    [0],
    (length) => 0.25 * clamp(length, 0.5, 1) + 0.75 * length,
  ],
];

function checkConfig(constraint: Constraint): void {
  const config = JSON.parse(JSON.stringify(constraint.getConfig()));
  const copy = get({ class_name: constraint.className, config });
  expect(copy.getConfig()).toEqual(constraint.getConfig());
}

describe('constraints', () => {
  it.each(cases)('%s', (_, constraint, axes, wanted) => {
    checkOp({
      inputs: [floats([3, 5], { low: -1, high: 1 })],
      op: (weight: Value) => constraint.apply(weight),
      reference: (weight) => {
        const lengths = alongAxes(
          weight,
          axes,
          (xs) => Math.sqrt(total(xs.map((x) => x * x))),
          true,
        );
        return Real.make(weight.shape, (index) => {
          const length = lengths.at(index);
          return (weight.at(index) * wanted(length)) / (length + 1e-7);
        });
      },
      length: 40,
      magnitude: 1,
      atOnce: false,
    });
    checkConfig(constraint);
  });

  it('nonNeg', () => {
    checkOp({
      inputs: [floats([3, 5])],
      op: (weight: Value) => nonNeg().apply(weight),
      reference: (weight) => weight.map((x) => Math.max(x, 0)),
      atOnce: false,
    });
    checkConfig(nonNeg());
    expect(get('non_neg').className).toBe('NonNeg');
  });

  it('can be functions', async () => {
    const halfOf = (weight: Value) => ops.multiply(weight, 0.5);
    const layer = dense({ units: 1, useBias: false, inputShape: [2], kernelConstraint: halfOf });
    const model = sequential([layer]);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    layer.setWeights([tensor([[1], [2]])]);
    await model.trainOnBatch(tensor([[0, 0]]), tensor([[0]]));
    expect(layer.getWeights()[0]?.data).toEqual(Float32Array.of(0.5, 1));
    const config = layer.getConfig().kernel_constraint as ClassConfig;
    expect(() => get(config)).toThrow("Constraint 'halfOf': a configuration does not hold");
    const summing = get((weight: Value) => ops.sum(weight));
    const apply = (value: Value) => summing.apply(value);
    expect(() => apply(new Graph().feed({ shape: [2, 3], dtype: 'float32' }))).toThrow(
      /expected a weight of the same shape \[2, 3\], such as ops.maximum\(w, 0\), but got \[\]/,
    );
  });

  it('refuse what makes no sense', () => {
    expect(() => get('maxNrm')).toThrow("Did you mean 'maxNorm'?");
    expect(() => maxNorm({ maxValue: -1 })).toThrow(
      /maxValue must be a finite number of at least 0/,
    );
    expect(() => minMaxNorm({ minValue: 2 })).toThrow(
      /maxValue must be a finite number of at least 2/,
    );
    expect(() => unitNorm({ axis: 0.5 })).toThrow(/axis must be a whole number/);
  });
});

describe('constraints in training', () => {
  /** Weights after some steps of Adam. */
  async function trained(constraints: object[], steps: number): Promise<Tensor[]> {
    const model = sequential([
      dense({ units: 4, activation: 'tanh', inputShape: [3], ...constraints[0] }),
      dense({ units: 2, ...constraints[1] }),
    ]);
    model.setWeights(model.weights.map(({ shape }, i) => floats(shape, { seed: i + 1 })));
    model.compile({ optimizer: adam({ learningRate: 0.1 }), loss: 'meanSquaredError' });
    const [x, y] = [floats([8, 3], { seed: 7 }), floats([8, 2], { seed: 8 })];
    await model.fit(x, y, { batchSize: 8, epochs: steps, verbose: 0, shuffle: false });
    return model.getWeights();
  }

  it('put right what the optimizer makes, and nothing else', async () => {
    const free = await trained([{}, {}], 1);
    const bound = await trained(
      [{ kernelConstraint: 'nonNeg' }, { biasConstraint: maxNorm({ maxValue: 0.25 }) }],
      1,
    );
    const [kernel, , , bias] = free.map(({ data }) => Array.from(data)) as number[][];
    expect(kernel?.some((w) => w < 0)).toBe(true);
    expect(Array.from(bound[0]?.data ?? [])).toEqual(kernel?.map((w) => Math.max(w, 0)));
    expect([bound[1], bound[2]]).toEqual([free[1], free[2]]);
    const length = Math.hypot(...(bias as number[]));
    expect(length).toBeGreaterThan(0.25);
    (bias as number[]).forEach((b, i) => {
      // unit x 16 roundings.
      expect(Math.abs((bound[3]?.data[i] as number) - (b * 0.25) / length)).toBeLessThan(2 ** -20);
    });
  });

  it('hold after every step', async () => {
    const [kernel] = await trained([{ kernelConstraint: unitNorm() }, {}], 5);
    for (let unit = 0; unit < 4; unit++) {
      const column = [0, 1, 2].map((row) => kernel?.data[4 * row + unit] as number);
      expect(Math.abs(Math.hypot(...column) - 1)).toBeLessThan(2 ** -20);
    }
  });

  it('are part of the configuration', () => {
    const layer = dense({ units: 2, kernelConstraint: maxNorm({ maxValue: 3 }) });
    expect(layer.getConfig()).toMatchObject({
      kernel_constraint: { class_name: 'MaxNorm', config: { max_value: 3, axis: 0 } },
      bias_constraint: null,
    });
    expect(() => dense({ units: 2, kernelConstraint: 'maxnor' })).toThrow(
      /\(Dense\): Unknown constraint 'maxnor'/,
    );
  });
});
