import { describe, expect, it, vi } from 'vitest';
import type { ClassConfig } from '../../lib/core/registry.js';
import { optimizers, schedules } from '../../lib/index.js';
import { create, readGolden } from '../golden/golden.js';

interface GoldenSchedule {
  schedule: string;
  options: object;
  config: ClassConfig;
  rates: number[];
}

const golden = readGolden<GoldenSchedule[]>('schedules').map((item): [string, GoldenSchedule] => [
  `${item.schedule} ${JSON.stringify(item.options)}`,
  item,
]);

describe('schedules', () => {
  it.each(golden)('%s gives the rates of Keras', (_, { schedule, options, rates }) => {
    const made: schedules.LearningRateSchedule = create(schedules, schedule, options);
    // Keras computes in float32: some 16 roundings, of numbers of at most 1.
    rates.forEach((rate, step) => {
      expect(Math.abs(made.at(step) - rate), `step ${step}`).toBeLessThan(16 * 2 ** -24);
    });
  });

  it.each(golden)('%s reads and writes the settings of Keras', (_, item) => {
    const made: schedules.LearningRateSchedule = create(schedules, item.schedule, item.options);
    expect(made.getConfig()).toEqual(item.config.config);
    expect(schedules.get(item.config).getConfig()).toEqual(item.config.config);
  });

  it('oneCycle rises to its top and falls far below its start', () => {
    const made = schedules.oneCycle({ maxLearningRate: 1, totalSteps: 20, pctStart: 0.35 });
    expect(made.at(0)).toBeCloseTo(1 / 25, 12);
    expect(made.at(3)).toBeCloseTo((1 + 1 / 25) / 2, 12);
    expect(made.at(6)).toBeCloseTo(1, 12);
    expect(made.at(19)).toBeCloseTo(1 / 25e4, 12);
    expect(made.at(100)).toBe(made.at(19));
    expect(schedules.get({ class_name: 'OneCycle', config: made.getConfig() })).toEqual(made);
  });

  it('decide on the rate of an optimizer', () => {
    const made = schedules.exponentialDecay({
      initialLearningRate: 0.5,
      decaySteps: 1,
      decayRate: 0.5,
    });
    const optimizer = optimizers.sgd({ learningRate: made });
    expect([0, 1, 2].map((k) => optimizer.stepScalars(k).learningRate)).toEqual([0.5, 0.25, 0.125]);
    optimizer.iterations = 1;
    expect(optimizer.learningRate).toBe(0.25);
    expect(() => {
      optimizer.learningRate = 1;
    }).toThrow(/SGD: learningRate cannot be set, because a schedule decides on it/);
    const config = JSON.parse(JSON.stringify(optimizer.getConfig()));
    expect(config.learning_rate).toEqual({
      class_name: 'ExponentialDecay',
      config: made.getConfig(),
    });
    expect(optimizers.get({ class_name: 'SGD', config }).getConfig()).toEqual(config);
  });

  it('may be functions', () => {
    const optimizer = optimizers.adam({ learningRate: (step) => 1 / (step + 1) });
    expect(optimizer.scalars(3).alpha).toBe(
      optimizers.adam({ learningRate: 0.25 }).scalars(3).alpha,
    );
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    optimizer.iterations = 4;
    expect(optimizer.getConfig().learning_rate).toBe(0.2);
    expect(warn.mock.calls[0]?.[0]).toMatch(/a function cannot be written.*0\.2, instead/);
    warn.mockRestore();
    const wrong = optimizers.sgd({ learningRate: () => Number.NaN });
    expect(() => wrong.scalars(0)).toThrow(/learningRate must be a finite number/);
  });

  it('refuse options that make no sense', () => {
    const rate = { initialLearningRate: 1 };
    expect(() => schedules.cosineDecay({ ...rate, decaySteps: 0 })).toThrow(
      /CosineDecay: decaySteps must be a finite number above 0, but got 0/,
    );
    expect(() => schedules.cosineDecay({ ...rate, decaySteps: 1, alfa: 1 } as never)).toThrow(
      /Did you mean 'alpha'/,
    );
    expect(() => schedules.piecewiseConstantDecay({ boundaries: [3], values: [1] })).toThrow(
      /values one more than of boundaries/,
    );
    expect(() =>
      schedules.piecewiseConstantDecay({ boundaries: [3, 2], values: [1, 2, 3] }),
    ).toThrow(/boundaries must rise/);
    expect(() => schedules.cosineDecayRestarts({ ...rate, firstDecaySteps: 1, tMul: 0.5 })).toThrow(
      /tMul must be at least 1/,
    );
    expect(() => schedules.oneCycle({ maxLearningRate: 1, totalSteps: 2 })).toThrow(
      /the top, step/,
    );
  });
});
