import { describe, expect, it, vi } from 'vitest';
import * as luge from '../../lib/index.js';
import { LearningRateSweep } from '../../lib/models/learning_rate_sweep.js';
import { parseSvg, texts } from '../pictures/parse_svg.js';
import { classifier, clusters, failure, weightsOf } from './small_data.js';

const { x, y } = clusters(96);

function sweepOf(losses: readonly number[], rates?: readonly number[]): LearningRateSweep {
  const sweep = new LearningRateSweep(4);
  losses.forEach((loss, i) => {
    sweep.add(rates?.[i] ?? 10 ** (i / 10 - 5), loss);
  });
  return sweep;
}

describe('findLearningRate', () => {
  it('sweeps the rate by equal factors and measures the loss of each step', async () => {
    const model = classifier();
    const found = await luge.findLearningRate(model, x, y, {
      ...{ from: 1e-6, to: 1e-3, steps: 31, batchSize: 96, verbose: 0 },
    });
    expect(found.rates).toHaveLength(31);
    expect(found.rates[0]).toBe(1e-6);
    expect(found.rates[10]).toBeCloseTo(1e-5, 12);
    expect(found.rates[30]).toBeCloseTo(1e-3, 12);
    // The first batch is all of the data, before any step.
    const { loss } = await model.evaluate(x, y);
    expect(found.batchLosses[0]).toBeCloseTo(loss as number, 4);
    expect(found.losses[0]).toBeCloseTo(loss as number, 4);
    expect(found.diverged).toBe(false);
  });

  it('takes steps of that rate', async () => {
    // With sgd and one weight, w moves by -rate dL/dw: loss (w x - y)^2 of x = y = 1.
    const model = luge.sequential([
      luge.layers.dense({ units: 1, useBias: false, kernelInitializer: 'zeros', inputShape: [1] }),
    ]);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const found = await luge.findLearningRate(model, [[1]], [[1]], {
      ...{ from: 0.01, to: 0.1, steps: 10, batchSize: 1, verbose: 0 },
    });
    let w = 0;
    const expected = found.rates.map((rate) => {
      const loss = (w - 1) ** 2;
      w -= rate * 2 * (w - 1);
      return loss;
    });
    found.batchLosses.forEach((loss, i) => {
      expect(loss).toBeCloseTo(expected[i] as number, 5);
    });
  });

  it('suggests a rate that trains, and ends when the loss diverges', async () => {
    const model = luge.sequential([luge.layers.dense({ units: 1, inputShape: [2] })]);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const sums = Array.from({ length: 96 }, (_, i) => [
      3 * (x.data[2 * i] as number) - (x.data[2 * i + 1] as number),
    ]);
    const found = await luge.findLearningRate(model, x, sums, { steps: 200, to: 1e3, verbose: 0 });
    expect(found.diverged).toBe(true);
    expect(found.rates.length).toBeLessThan(200);
    const rate = found.suggested;
    expect(rate).toBeGreaterThan(1e-3);
    expect(rate).toBeLessThan(found.rates.at(-1) as number);
    model.optimizer.learningRate = rate;
    await model.fit(x, sums, { epochs: 200, verbose: 0 });
    expect((await model.evaluate(x, sums)).loss).toBeLessThan(1e-3);
  });

  it('leaves weights, optimizer, statistics and random sequences as they were', async () => {
    const build = () => {
      luge.setSeed(5);
      const model = luge.sequential([
        luge.layers.dense({ units: 8, inputShape: [2] }),
        luge.layers.batchNormalization(),
        luge.layers.dropout({ rate: 0.3 }),
        luge.layers.dense({ units: 3, activation: 'softmax' }),
      ]);
      model.compile({
        optimizer: luge.optimizers.adam({ learningRate: 0.01, decay: 0.1 }),
        loss: 'sparseCategoricalCrossentropy',
      });
      return model;
    };
    const [searched, plain] = [build(), build()];
    const train = (model: luge.Model) => model.fit(x, y, { epochs: 2, batchSize: 10, verbose: 0 });
    await train(searched);
    await train(plain);
    await luge.findLearningRate(searched, x, y, { verbose: 0 });
    expect(weightsOf(searched)).toEqual(weightsOf(plain));
    expect(searched.optimizer.iterations).toBe(plain.optimizer.iterations);
    expect(searched.optimizer.learningRate).toBe(0.01);
    await train(searched);
    await train(plain);
    expect(weightsOf(searched)).toEqual(weightsOf(plain));
  });

  it.each([
    [
      'a schedule',
      luge.schedules.exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 }),
    ],
    ['a function', () => 0.5],
  ])('does without %s', async (_, learningRate) => {
    const model = classifier(3, { optimizer: luge.optimizers.sgd({ learningRate }) });
    const found = await luge.findLearningRate(model, x, y, { steps: 10, to: 1, verbose: 0 });
    expect(found.rates).toHaveLength(10);
    const last = found.rates.at(-1) as number;
    expect(last).toBeCloseTo(1);
    expect(model.optimizer.learningRate).toBe(typeof learningRate === 'function' ? 0.5 : 1);
  });

  it.each([
    [{ from: 0 }, 'BAD_ARGUMENT', '0 < from < to'],
    [{ from: 1, to: 0.1 }, 'BAD_ARGUMENT', 'from 1 and to 0.1'],
    [{ to: Number.POSITIVE_INFINITY }, 'BAD_ARGUMENT', 'finite'],
    [{ steps: 5 }, 'BAD_ARGUMENT', 'steps'],
    [{ batchSize: 0 }, 'BAD_ARGUMENT', 'batchSize'],
    [{ verbose: 3 }, 'BAD_ARGUMENT', 'verbose'],
    [{ epochs: 3 }, 'UNKNOWN_NAME', "'epochs'"],
  ])('refuses %j', async (options, code, message) => {
    const error = await failure(() => luge.findLearningRate(classifier(), x, y, options as never));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('refuses what is no model, one that is not compiled, and data that is not finite', async () => {
    const swapped = await failure(() => luge.findLearningRate(x as never, y as never, {} as never));
    expect(swapped.message).toContain('takes a model, then x and y, but got Tensor [96, 2]');
    const model = luge.sequential([luge.layers.dense({ units: 1, inputShape: [2] })]);
    expect((await failure(() => luge.findLearningRate(model, x, y))).code).toBe('NOT_COMPILED');
    const bad = luge.tensor([Number.NaN, 0], [1, 2]);
    const error = await failure(() =>
      luge.findLearningRate(classifier(), bad, [0], { verbose: 0 }),
    );
    expect(error).toMatchObject({ code: 'BAD_DATA', message: expect.stringContaining('NaN') });
  });

  it('is stopped by its signal and keeps others from training; the weights are restored', async () => {
    const model = classifier();
    const before = weightsOf(model);
    const stopper = new AbortController();
    const running = luge.findLearningRate(model, x, y, {
      ...{ steps: 100_000, to: 1e-6, verbose: 0, signal: stopper.signal },
    });
    expect((await failure(() => model.fit(x, y))).code).toBe('BUSY');
    stopper.abort();
    expect((await failure(() => running)).code).toBe('ABORTED');
    expect(weightsOf(model)).toEqual(before);
    await model.fit(x, y, { verbose: 0 });
  });

  it('tells how far it is', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    try {
      await luge.findLearningRate(classifier(), x, y, { steps: 10, to: 1e-3, verbose: 2 });
      expect(write.mock.calls.map(([text]) => text).join('')).toContain('findLearningRate - 10/10');
    } finally {
      write.mockRestore();
    }
  });
});

describe('the sweep', () => {
  it('smooths without leaning to 0', () => {
    const sweep = sweepOf([2, 2, 2, 4]);
    expect(sweep.losses.slice(0, 3)).toEqual([2, 2, 2].map((loss) => expect.closeTo(loss, 12)));
    const weight = 0.1 / (1 - 0.9 ** 4);
    expect(sweep.losses[3]).toBeCloseTo(2 + 2 * weight, 12);
    expect(sweep.batchLosses).toEqual([2, 2, 2, 4]);
  });

  it('ends at 4 times the best loss, or at NaN, and takes no more', () => {
    const grown = sweepOf([1, 1, 1, 100, 1, 1]);
    expect(grown.diverged).toBe(true);
    expect(grown.rates).toHaveLength(4);
    const broken = sweepOf([1, 1, Number.NaN, 1]);
    expect(broken.diverged).toBe(true);
    expect(broken.losses).toHaveLength(2);
  });

  it('suggests where the loss falls most steeply', () => {
    const losses = Array.from({ length: 60 }, (_, i) => 1 + 1 / (1 + Math.exp((i - 30) / 2)));
    const { rates, suggested } = sweepOf([...losses, 3, 5, 9]);
    const at = rates.indexOf(suggested);
    expect(at).toBeGreaterThan(27);
    expect(at).toBeLessThan(42);
  });

  it('says so when the loss never fell', () => {
    const sweep = sweepOf([1, 2, 3, 3.5]);
    expect(() => sweep.suggested).toThrow(
      expect.objectContaining({ code: 'BAD_DATA', message: expect.stringContaining('plot()') }),
    );
    expect(texts(parseSvg(sweep.plot()))).not.toContain(expect.stringContaining('suggested'));
  });

  it('draws the loss with the rate suggested, up to where it rises out of sight', () => {
    const losses = Array.from({ length: 60 }, (_, i) => 1 + 1 / (1 + Math.exp((i - 30) / 2)));
    const root = parseSvg(sweepOf([...losses, 3, 5, 9, 12, 15]).plot());
    const shown = texts(root);
    expect(shown).toEqual(
      expect.arrayContaining([
        'Learning rate',
        'Smoothed loss',
        expect.stringMatching(/^suggested/),
      ]),
    );
    expect(shown).toContain('1.0');
    expect(shown).not.toContain('4');
  });
});
