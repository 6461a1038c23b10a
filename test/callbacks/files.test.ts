import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { classifier, clusters, failure, weightsOf } from '../models/small_data.js';

const { callbacks } = luge;
const { x, y } = clusters(20);
const quiet = { batchSize: 8, verbose: 0 } as const;
let folder = '';
const at = (name: string) => join(folder, name);

beforeEach(() => {
  luge.setSeed(7);
  folder = mkdtempSync(join(tmpdir(), 'luge-callbacks-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts values of one's own into the logs, one an epoch. */
const values = (key: string, list: readonly number[]) => ({
  onEpochEnd(epoch: number, logs: luge.Logs) {
    logs[key] = list[epoch] as number;
  },
});

describe('modelCheckpoint', () => {
  it('writes a file for each epoch, with values in its name', async () => {
    const model = classifier();
    const filepath = at('m-{epoch:02d}-{val_loss:.2f}.h5');
    const all = [values('val_loss', [0.5, 0.123]), callbacks.modelCheckpoint({ filepath })];
    await model.fit(x, y, { ...quiet, epochs: 2, callbacks: all });
    expect(readdirSync(folder).sort()).toEqual(['m-01-0.50.h5', 'm-02-0.12.h5']);
    const loaded = await luge.loadModel(at('m-02-0.12.h5'));
    expect(weightsOf(loaded)).toEqual(weightsOf(model));
    expect(loaded.optimizer.iterations).toBe(6);
  });

  it.each([
    ['val_loss', 'auto', [3, 1, 2, 0.5], [1, 2, 4]],
    ['val_accuracy', 'auto', [0.1, 0.3, 0.2, 0.3], [1, 2]],
    ['val_loss', 'max', [3, 4, 2, 5], [1, 2, 4]],
  ] as const)('writes the best alone: %s %s', async (monitor, mode, list, epochs) => {
    const best = callbacks.modelCheckpoint({
      ...{ filepath: at('{epoch}.h5'), monitor, mode },
      ...{ saveBestOnly: true, saveWeightsOnly: true },
    });
    const run = { ...quiet, epochs: 4, callbacks: [values(monitor, list), best] };
    await classifier().fit(x, y, run);
    expect(readdirSync(folder).sort()).toEqual(epochs.map((epoch) => `${epoch}.h5`));
    await classifier().loadWeights(at('1.h5'));
  });

  it('writes after every so many batches', async () => {
    const filepath = at('{epoch}-{batch}.h5');
    const often = callbacks.modelCheckpoint({ filepath, saveFreq: 2 });
    await classifier().fit(x, y, { ...quiet, epochs: 2, callbacks: often });
    expect(readdirSync(folder).sort()).toEqual(['1-2.h5', '2-1.h5', '2-3.h5']);
  });

  it('makes the folder', async () => {
    const filepath = at('new/{epoch}/m.h5');
    await classifier().fit(x, y, { ...quiet, callbacks: callbacks.modelCheckpoint({ filepath }) });
    expect(existsSync(at('new/1/m.h5'))).toBe(true);
  });

  it('names what is missing, and leaves the model usable', async () => {
    const model = classifier();
    const nameless = callbacks.modelCheckpoint({ filepath: at('{val_acc}.h5') });
    const error = await failure(() => model.fit(x, y, { ...quiet, callbacks: nameless }));
    expect(error.message).toMatch(/\{val_acc\}.*loss, accuracy, epoch/);
    writeFileSync(at('file'), '');
    const blocked = callbacks.modelCheckpoint({ filepath: at('file/m.h5') });
    const problem = await failure(() => model.fit(x, y, { ...quiet, callbacks: blocked }));
    expect(problem).toMatchObject({ code: 'IO', message: expect.stringContaining(at('file')) });
    expect((await model.fit(x, y, quiet)).history.loss).toHaveLength(1);
    expect(() => callbacks.modelCheckpoint({ filepath: 'm.txt' })).toThrow("'.h5'");
    const filepath = at('m.weights.h5');
    expect(() => callbacks.modelCheckpoint({ filepath })).toThrow('saveWeightsOnly');
    const weights = callbacks.modelCheckpoint({ filepath, saveWeightsOnly: true });
    await model.fit(x, y, { ...quiet, callbacks: weights });
    await classifier().loadWeights(filepath);
  });
});

describe('reduceLROnPlateau', () => {
  it('lowers the rate after epochs without improvement, waits, and stops at the least', async () => {
    const model = classifier(3, { optimizer: luge.optimizers.sgd({ learningRate: 1 }) });
    const reduce = callbacks.reduceLROnPlateau({
      ...{ monitor: 'val_loss', factor: 0.5, patience: 2, cooldown: 1, minLr: 0.2 },
    });
    const flat = values('val_loss', new Array(10).fill(1));
    const { history } = await model.fit(x, y, { ...quiet, epochs: 10, callbacks: [flat, reduce] });
    // As Keras 3 does with these options on such values.
    expect(history.learning_rate).toEqual([1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2]);
    expect(model.optimizer.learningRate).toBe(0.2);
  });

  it('refuses a factor that would not lower it', () => {
    expect(() => callbacks.reduceLROnPlateau({ factor: 1 })).toThrow('[0, 1)');
  });
});

describe('learningRateScheduler', () => {
  it('sets the rate of each epoch from the one before', async () => {
    const model = classifier(3, { optimizer: luge.optimizers.sgd({ learningRate: 0.4 }) });
    const halve = callbacks.learningRateScheduler((epoch, rate) => (epoch === 0 ? rate : rate / 2));
    const { history } = await model.fit(x, y, { ...quiet, epochs: 3, callbacks: halve });
    expect(history.learning_rate).toEqual([0.4, 0.2, 0.1]);
  });

  it('rejects fit when the function throws or answers no number; the model stays usable', async () => {
    const model = classifier();
    const thrown = callbacks.learningRateScheduler(() => {
      throw new Error('no rate');
    });
    await expect(model.fit(x, y, { ...quiet, callbacks: thrown })).rejects.toThrow('no rate');
    const wrong = callbacks.learningRateScheduler(() => Number.NaN);
    await expect(model.fit(x, y, { ...quiet, callbacks: wrong })).rejects.toThrow('learningRate');
    await model.fit(x, y, quiet);
  });
});

describe('csvLogger', () => {
  it('writes a line for each epoch, and goes on with a file when asked', async () => {
    const run = async (first: number, last: number, append: boolean) => {
      const log = callbacks.csvLogger(at('log.csv'), { append, separator: ';' });
      const options = { ...quiet, initialEpoch: first, epochs: last, callbacks: log };
      return (await classifier().fit(x, y, options)).history;
    };
    const { loss = [], accuracy = [] } = await run(0, 2, false);
    const more = await run(2, 3, true);
    expect(readFileSync(at('log.csv'), 'utf8')).toBe(
      `epoch;accuracy;loss\n0;${accuracy[0]};${loss[0]}\n1;${accuracy[1]};${loss[1]}\n` +
        `2;${more.accuracy?.[0]};${more.loss?.[0]}\n`,
    );
    await run(0, 1, false);
    expect(readFileSync(at('log.csv'), 'utf8').split('\n')).toHaveLength(3);
  });

  it('tells when the file cannot be written', async () => {
    const log = callbacks.csvLogger(at('missing/log.csv'));
    const error = await failure(() => classifier().fit(x, y, { ...quiet, callbacks: log }));
    expect(error).toMatchObject({ code: 'IO' });
  });
});
