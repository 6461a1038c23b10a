import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { largest } from '../golden/golden.js';
import { classifier, clusters, numbers, weightsOf } from './small_data.js';

const { layers, optimizers } = luge;
const unit = 2 ** -24;
const units = 512; // 512 x 512 weights: their gradient is a product large enough to be used up by rows
const rate = 0.5;

/** A layer whose update is one with the product that is its gradient, and what trains it. */
function large() {
  const next = numbers();
  const random = (count: number) => Float32Array.from({ length: count }, () => next());
  const model = luge.sequential([layers.dense({ units, inputShape: [units] })]);
  model.setWeights([
    luge.tensor(
      random(units * units).map((w) => w / 16),
      [units, units],
    ),
    luge.tensor(random(units)),
  ]);
  const x = luge.tensor(random(8 * units), [8, units]);
  const y = luge.tensor(random(8 * units), [8, units]);
  return { model, x, y };
}

/** Weights before and after so many steps on the same samples. */
async function train(optimizer: luge.optimizers.Optimizer, steps: number) {
  const { model, x, y } = large();
  model.compile({ optimizer, loss: 'meanSquaredError' });
  const before = weightsOf(model);
  for (let step = 0; step < steps; step++) await model.trainOnBatch(x, y);
  return { before, after: weightsOf(model) };
}

const norm = (numbers: readonly number[]) => Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0));

describe("options around the optimizer's rule", () => {
  it('hold for large weights, too', async () => {
    const { before, after } = await train(optimizers.sgd({ learningRate: 1 }), 1);
    const gradients = before.map((row, i) => row.map((w, j) => w - (after[i]?.[j] as number)));
    const norms = gradients.map(norm);
    const limit = Math.min(...norms) / 2;
    const total = norm(norms);
    const cases: [object, number, (w: number, g: number, i: number) => number][] = [
      [{ clipnorm: limit }, 1, (w, g, i) => w - (rate * g * limit) / (norms[i] as number)],
      [{ globalClipnorm: limit }, 1, (w, g) => w - (rate * g * limit) / total],
      [{ clipvalue: 1e-4 }, 1, (w, g) => w - rate * Math.max(-1e-4, Math.min(1e-4, g))],
      [{ weightDecay: 0.25 }, 1, (w, g) => w * (1 - rate * 0.25) - rate * g],
      [{ gradientAccumulationSteps: 2 }, 1, (w) => w],
      [{ gradientAccumulationSteps: 2 }, 2, (w, g) => w - rate * g],
      [
        { gradientAccumulationSteps: 2, clipnorm: limit },
        2,
        (w, g, i) => w - (rate * g * limit) / (norms[i] as number),
      ],
    ];
    const size = largest(before.flat());
    for (const [options, steps, rule] of cases) {
      const found = await train(optimizers.sgd({ learningRate: rate, ...options }), steps);
      let worst = 0;
      before.forEach((row, i) => {
        row.forEach((w, j) => {
          const expected = rule(w, gradients[i]?.[j] as number, i);
          worst = Math.max(worst, Math.abs((found.after[i]?.[j] as number) - expected));
        });
      });
      // Gradients read off weights are off by 2 roundings of these; a step rounds some 4 times more.
      expect(worst, JSON.stringify(options)).toBeLessThan(6 * unit * size);
    }
  });

  it('add nothing to a program when they are off', () => {
    const model = classifier();
    const program = (options: luge.optimizers.OptimizerOptions) => {
      model.compile({ optimizer: optimizers.adam(options), loss: 'sparseCategoricalCrossentropy' });
      return model.printProgram();
    };
    const plain = program({});
    expect(program({ weightDecay: 0, useEma: false, emaMomentum: 0.5 })).toBe(plain);
    const count = (text: string) => /^\d+ instructions/.exec(text)?.[0];
    const surrounded = program({ useEma: true, weightDecay: 0.1, gradientAccumulationSteps: 2 });
    expect(surrounded).not.toBe(plain);
    expect(count(surrounded), 'still one pass over the weights').toBe(count(plain));
  });

  it('fit leaves the running mean of the weights', async () => {
    const { x, y } = clusters(8);
    const settings = { learningRate: 0.1 };
    const models = [
      classifier(3, { optimizer: optimizers.sgd(settings) }),
      classifier(3, {
        optimizer: optimizers.sgd({ ...settings, useEma: true, emaMomentum: 0.75 }),
      }),
    ] as const;
    models[1].setWeights(models[0].getWeights());
    const [plain, averaged] = models;
    const ways: number[][][][] = [[], []];
    for (const [i, model] of models.entries()) {
      const onTrainBatchEnd = () => void ways[i]?.push(weightsOf(model));
      const options = { batchSize: 4, shuffle: false, verbose: 0 } as const;
      await model.fit(x, y, { ...options, callbacks: { onTrainBatchEnd } });
    }
    expect(ways[0]).toHaveLength(2);
    expect(ways[1], 'the mean changes nothing on the way').toEqual(ways[0]);
    expect(weightsOf(plain)).toEqual(ways[0]?.[1]);
    const [first, second] = ways[0] as [number[][], number[][]];
    weightsOf(averaged).forEach((row, i) => {
      row.forEach((found, j) => {
        const [a, b] = [first[i]?.[j] as number, second[i]?.[j] as number];
        const rounding = 4 * unit * (Math.abs(a) + Math.abs(b));
        expect(Math.abs(found - (0.75 * a + 0.25 * b))).toBeLessThanOrEqual(rounding);
      });
    });
  });
});

describe('what is left out of weight decay', () => {
  /** Weights [kernel, bias] after a step from ones. */
  const step = async (
    prepare: (optimizer: luge.optimizers.Optimizer, bias: luge.Variable) => void,
    weightDecay = 0.5,
  ) => {
    luge.setSeed(3);
    const model = luge.sequential([luge.layers.dense({ units: 2, inputShape: [2] })]);
    model.setWeights(model.getWeights().map((weight) => luge.ops.add(weight, 1) as luge.Tensor));
    const optimizer = luge.optimizers.adamW({ learningRate: 0.1, weightDecay });
    prepare(optimizer, model.weights[1] as luge.Variable);
    model.compile({ optimizer, loss: 'mse' });
    const data = luge.tensor([
      [1, 2],
      [3, 4],
      [5, 7],
    ]);
    await model.fit(data, data, { verbose: 0, epochs: 2, shuffle: false });
    return { model, weights: model.getWeights().map(({ data }) => [...data]) };
  };

  it.each([
    ['by name', (optimizer) => optimizer.excludeFromWeightDecay({ names: ['bia'] })],
    ['itself', (optimizer, bias) => optimizer.excludeFromWeightDecay({ weights: [bias] })],
  ] satisfies [string, Parameters<typeof step>[0]][])('%s', async (_, exclude) => {
    const [all, none] = [(await step(() => {})).weights, (await step(() => {}, 0)).weights];
    const found = (await step(exclude)).weights;
    expect(all).not.toEqual(none);
    // Two steps: what one weight becomes counts in the other's second gradient, hardly with Adam.
    for (const [place, expected] of [
      [0, all],
      [1, none],
    ] as const) {
      found[place]?.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[place]?.[i] as number, 2);
      });
    }
    expect(Math.abs((found[1]?.[0] as number) - (all[1]?.[0] as number))).toBeGreaterThan(0.03);
  });

  it('may be everything', async () => {
    const found = await step((optimizer) => optimizer.excludeFromWeightDecay({ names: [''] }));
    expect(found.weights).toEqual((await step(() => {}, 0)).weights);
  });

  it('is decided on before training', async () => {
    const { model } = await step(() => {});
    expect(() => model.optimizer.excludeFromWeightDecay({ names: ['bias'] })).toThrow(
      /before training/,
    );
  });
});

describe('lossScaleFactor', () => {
  const { x, y } = clusters(20);
  const train = async (options: luge.optimizers.StepOptions) => {
    luge.setSeed(3);
    const model = classifier(3, {
      optimizer: luge.optimizers.sgd({ learningRate: 0.1, ...options }),
    });
    const { history } = await model.fit(x, y, { verbose: 0, epochs: 2 });
    return [history, weightsOf(model)];
  };

  it('changes nothing but the range of gradients on their way', async () => {
    const clipped = { clipvalue: 0.01 };
    for (const others of [{}, clipped]) {
      // A power of two rounds nothing.
      expect(await train({ ...others, lossScaleFactor: 1024 })).toEqual(await train(others));
    }
    const config = luge.optimizers.adam({ lossScaleFactor: 8 }).getConfig();
    expect(config.loss_scale_factor).toBe(8);
    expect(() => luge.optimizers.sgd({ lossScaleFactor: 0 })).toThrow('lossScaleFactor');
  });
});
