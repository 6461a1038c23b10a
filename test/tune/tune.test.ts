import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Random } from '../../lib/core/random.js';
import * as luge from '../../lib/index.js';
import { clusters, failure } from '../models/small_data.js';

const { layers, tune } = luge;
const data = clusters(60);
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'luge-tune-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Choice {
  units: number;
  rate: number;
}

/** Makes models; tells how many, and what of. */
function builder() {
  const made: Choice[] = [];
  const build = (options: Choice) => {
    made.push(options);
    const model = luge.sequential([
      layers.dense({ units: options.units, activation: 'tanh', inputShape: [2] }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ]);
    model.compile({
      optimizer: luge.optimizers.sgd({ learningRate: options.rate }),
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy'],
    });
    return model;
  };
  return { made, build };
}

const space = { units: tune.integers(2, 6), rate: tune.choice(1e-6, 0.5) };
const quiet = { space, data, verbose: 0, fit: { epochs: 2, batchSize: 8 } } as const;

describe('tune', () => {
  it('tries every combination of a grid, and finds the best', async () => {
    const { made, build } = builder();
    const found = await tune(build, { ...quiet, search: 'grid' });
    expect(made).toEqual(
      [2, 4, 6].flatMap((units) => [1e-6, 0.5].map((rate) => ({ units, rate }))),
    );
    expect(found.trials.map(({ options }) => options)).toEqual(made);
    expect(found.best.options.rate).toBe(0.5);
    expect(found.best.value).toBe(Math.min(...found.trials.map(({ value }) => value)));
    expect(Object.keys(found.best.logs)).toContain('val_accuracy');
  });

  it('draws by chance, the same for the same seed, and more may be better', async () => {
    const options = { ...quiet, trials: 5, objective: 'val_accuracy' } as const;
    const run = async (seed: number) => (await tune(builder().build, { ...options, seed })).trials;
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    const bare = (trials: typeof first) => trials.map(({ seconds, ...rest }) => rest);
    expect(first).toHaveLength(5);
    expect(bare(again)).toEqual(bare(first));
    expect(bare(other)).not.toEqual(bare(first));
    const { best, trials } = await tune(builder().build, { ...options });
    expect(best.value).toBe(Math.max(...trials.map(({ value }) => value)));
  });

  it('goes from option to option, keeping the best of each', async () => {
    const { made, build } = builder();
    const start = { units: 3, rate: 0.5 } as const;
    const found = await tune(build, { ...quiet, search: 'oneAtATime', start });
    expect(made.slice(0, 4)).toEqual([3, 2, 4, 6].map((units) => ({ units, rate: 0.5 })));
    const first = found.trials.slice(0, 4).sort((a, b) => a.value - b.value)[0];
    // What was tried before is not tried again.
    expect(made.slice(4)).toEqual([{ units: first?.options.units, rate: 1e-6 }]);
    expect(found.best.options).toEqual(first?.options);
  });

  it('gives the better third more data, again and again', async () => {
    const found = await tune(builder().build, { ...quiet, search: 'successiveHalving', trials: 9 });
    const fractions = found.trials.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...Array(9).fill(1 / 9), ...Array(3).fill(1 / 3), 1]);
    const values = found.trials.slice(0, 9).map(({ value }) => value);
    const kept = [...values].sort((a, b) => a - b).slice(0, 3);
    const options = kept.map((value) => found.trials[values.indexOf(value)]?.options);
    expect(found.trials.slice(9, 12).map((trial) => trial.options)).toEqual(options);
    expect(found.best.fraction).toBe(1);
  });

  it('compares the best few with all data after a search on a share', async () => {
    const sizes: number[] = [];
    const build = (options: Choice) => {
      const model = builder().build(options);
      const { fit } = model;
      model.fit = (x: never, ...rest: never[]) => {
        sizes.push((x as luge.Tensor).shape[0] as number);
        return fit.call(model, x, ...(rest as unknown as [never]));
      };
      return model;
    };
    const options = { ...quiet, search: 'grid', fraction: 0.25, finalists: 2 } as const;
    const found = await tune(build, options);
    expect(sizes).toEqual([...Array(6).fill(12), 48, 48]);
    expect(found.best.fraction).toBe(1);
  });

  it('records trials that fail, and goes on', async () => {
    const failing = { units: tune.integers(2, 2), rate: tune.choice(1e38, 0.1, -1) };
    const found = await tune(builder().build, { ...quiet, space: failing, search: 'grid' });
    expect(found.best.options.rate).toBe(0.1);
    const [diverged, , wrong] = found.trials;
    expect(diverged?.value).toBeNaN();
    expect(diverged?.error).toMatch(/loss is (NaN|Infinity)/);
    expect(wrong?.error).toMatch(/learningRate/);
    const none = { ...failing, rate: tune.choice(-1) };
    const error = await failure(() => tune(builder().build, { ...quiet, space: none, trials: 2 }));
    expect(error.message).toMatch(/all 2 trials failed.*learningRate/s);
  });

  it('goes on with a file where it was ended, even in the middle of a line', async () => {
    const file = join(folder, 'trials.jsonl');
    const options = { ...quiet, search: 'grid', file } as const;
    const controller = new AbortController();
    const first = builder();
    const stopping = (choice: Choice) => {
      if (first.made.length === 3) controller.abort(new Error('enough'));
      return first.build(choice);
    };
    const aborted = failure(() => tune(stopping, { ...options, signal: controller.signal }));
    expect((await aborted).code).toBe('ABORTED');
    const lines = readFileSync(file, 'utf8');
    expect(lines.split('\n')).toHaveLength(4);
    writeFileSync(file, lines.slice(0, -5));
    const second = builder();
    const found = await tune(second.build, options);
    expect(second.made).toHaveLength(4);
    const whole = await tune(builder().build, { ...options, file: join(folder, 'other.jsonl') });
    expect(found.trials.map(({ value }) => value)).toEqual(whole.trials.map(({ value }) => value));
    const third = builder();
    await tune(third.build, options);
    expect(third.made).toEqual([]);
    await tune(third.build, { ...options, seed: 2 });
    expect(third.made).toHaveLength(6);
  });

  it('shows trials as a table and as CSV', async () => {
    const named = { units: tune.integers(2, 2), rate: tune.choice(0.1, -1) };
    const found = await tune(builder().build, { ...quiet, space: named, search: 'grid' });
    const [header, best] = `${found}`.split('\n');
    expect(header).toMatch(/^val_loss +units +rate +fraction +epoch +seconds +error$/);
    expect(best).toMatch(/^\d\.\d+ +2 +0\.1 +1 +2 +[\d.]+$/);
    const csv = found.toCsv().split('\n');
    expect(csv[0]).toBe('val_loss,units,rate,fraction,epoch,seconds,error');
    expect(csv[1]).toContain(`${found.best.value},2,0.1,1,2,`);
    expect(csv).toHaveLength(4);
  });

  it('tells how it gets on', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    await tune(builder().build, { ...quiet, search: 'grid', verbose: 2 });
    const [lines, bar] = [log.mock.calls.flat(), write.mock.calls.flat().join('')];
    log.mockRestore();
    write.mockRestore();
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^Trial 1\/6 \(units: 2, rate: 0\.000001\): val_loss: \d/);
    expect(bar).toMatch(/Tune, round 1 - 6\/6 .*best val_loss: .*rate: 0\.5/);
  });

  it('takes several inputs, validation data and fit options by trial', async () => {
    const { x, y } = data;
    const build = ({ units }: { units: number }) => {
      const [a, b] = [luge.input({ shape: [2], name: 'a' }), luge.input({ shape: [2], name: 'b' })];
      const both = layers.concatenate().apply([a, b]) as luge.SymbolicTensor;
      const hidden = layers.dense({ units }).apply(both) as luge.SymbolicTensor;
      const outputs = layers.dense({ units: 3, activation: 'softmax' }).apply(hidden);
      const model = luge.model({ inputs: [a, b], outputs: outputs as luge.SymbolicTensor });
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
      return model;
    };
    const found = await tune(build, {
      ...{ space: { units: tune.choice(2, 3) }, search: 'grid', verbose: 0 },
      data: { x: { a: x, b: x }, y, validationData: { x: [x, x], y } },
      fit: ({ units }) => ({ epochs: units }),
    });
    expect(found.trials.map(({ epoch }) => epoch < 3)).toEqual([true, true]);
  });

  it('names what it is given wrongly', async () => {
    const { build } = builder();
    const wrong = (options: object) =>
      failure(() => tune(build as never, { ...quiet, ...options } as never));
    expect((await wrong({ serch: 'grid' })).message).toContain("Did you mean 'search'");
    expect((await wrong({ search: 'gird' })).message).toContain('oneAtATime');
    expect((await wrong({ space: {} })).message).toContain('tune.integers');
    expect((await wrong({ space: { units: [1, 2] } })).message).toContain("'units'");
    expect((await wrong({ fraction: 0 })).message).toContain('fraction');
    expect((await wrong({ start: { unit: 3 } })).message).toContain("Did you mean 'units'");
    expect((await wrong({ data: { x: [[1]], y: [1] } })).message).toContain('tensor(data)');
    expect((await wrong({ validationSplit: 0.001 })).message).toContain('validationSplit');
    expect((await wrong({ objective: 'val_f1', trials: 1 })).message).toContain('val_loss');
    expect((await wrong({ file: folder })).code).toBe('IO');
    expect((await failure(() => tune('model' as never, quiet))).message).toContain('function');
  });
});

describe('a dimension', () => {
  const draws = <T>(dimension: luge.Dimension<T>) => {
    const random = new Random(3);
    return Array.from({ length: 2000 }, () => dimension.draw(random));
  };

  it('draws from its whole range, and nothing else', () => {
    expect(new Set(draws(tune.integers(3, 5)))).toEqual(new Set([3, 4, 5]));
    expect(new Set(draws(tune.choice('a', null)))).toEqual(new Set(['a', null]));
    const even = draws(tune.uniform(-1, 3));
    expect([Math.min(...even), Math.max(...even)].map(Math.round)).toEqual([-1, 3]);
    const powers = draws(tune.logUniform(1e-6, 1)).map(Math.log10);
    const mean = powers.reduce((a, b) => a + b) / powers.length;
    // The mean of 2000 numbers spread evenly over 6: within 5 of its standard deviations.
    expect(Math.abs(mean + 3)).toBeLessThan((5 * 6) / Math.sqrt(12 * 2000));
  });

  it('refuses ranges that are none', () => {
    expect(() => tune.integers(5, 3)).toThrow('the lower first');
    expect(() => tune.integers(1.5, 3)).toThrow('whole numbers');
    expect(() => tune.logUniform(0, 1)).toThrow('above 0');
    expect(() => tune.uniform(1, Number.NaN)).toThrow('finite');
    expect(() => tune.choice()).toThrow('needs values');
  });
});
