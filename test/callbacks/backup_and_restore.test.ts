import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { classifier, clusters, failure, weightsOf } from '../models/small_data.js';
import { trainWithBackup } from './backed_up_training.js';

const { backupAndRestore } = luge.callbacks;
const { x, y } = clusters(20);
const quiet = { batchSize: 8, verbose: 0 } as const;
const root = mkdtempSync(join(tmpdir(), 'luge-backup-'));
let folder = '';
let whole: Awaited<ReturnType<typeof trainWithBackup>>;

beforeAll(async () => {
  whole = await trainWithBackup({ folder: mkdtempSync(join(root, 'whole-')) });
});
beforeEach(() => {
  luge.setSeed(7);
  folder = mkdtempSync(join(root, 'one-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const program = new URL('backed_up_training.ts', import.meta.url).pathname;

describe('a training that is killed', () => {
  it('goes on with its epoch when run again, and ends as if nothing had been', async () => {
    expect(whole.epochs).toEqual([0, 1, 2, 3, 4, 5]);
    expect(whole.best).toBe(1);
    expect(whole.learningRate).toBeLessThan(0.008);
    const killed = failure(() =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', program, folder, '4', '3']),
    );
    expect(await killed).toMatchObject({ signal: 'SIGKILL' });
    // What a backup leaves that was being written.
    writeFileSync(join(folder, 'backup', '.training.h5.1234.tmp'), 'a part');
    const { epochs, losses, rates, ...rest } = await trainWithBackup({ folder });
    expect(epochs).toEqual([4, 5]);
    expect(losses).toEqual(whole.losses.slice(4));
    expect(rates).toEqual(whole.rates.slice(4));
    expect({ ...whole, ...rest }).toEqual(whole);
    expect(readdirSync(folder)).toEqual(['log.csv']);
  }, 120_000);
});

describe('a training that fails', () => {
  const interrupted = (options: Partial<Parameters<typeof trainWithBackup>[0]> = {}) =>
    failure(() =>
      trainWithBackup({
        folder,
        onBatch(epoch, batch) {
          if (epoch === 3 && batch === 7) throw new Error('power cut');
        },
        ...options,
      }),
    );

  it.each([
    // The last backup is of the batch before, of one before that, and of the end of epoch 2.
    [1, [3, 4, 5]],
    [4, [3, 4, 5]],
    [9, [3, 4, 5]],
  ])('goes on with its batch: backups every %i batches', async (saveFreq, epochs) => {
    expect((await interrupted({ saveFreq })).message).toBe('power cut');
    const firstBatches: number[] = [];
    const rest = await trainWithBackup({
      folder,
      saveFreq,
      onBatch: (_, batch) => firstBatches.push(batch),
    });
    expect(rest.epochs).toEqual(epochs);
    expect(firstBatches[0]).toBe({ 1: 6, 4: 5, 9: 0 }[saveFreq]);
    expect(rest.losses).toEqual(whole.losses.slice(3));
    expect({ ...rest, rates: 0, epochs: 0, losses: 0 }).toEqual({
      ...{ ...whole, rates: 0, epochs: 0, losses: 0 },
    });
  });

  it('keeps its backup when asked, and is over the next time', async () => {
    await trainWithBackup({ folder, deleteCheckpoint: false });
    const again = await trainWithBackup({ folder, deleteCheckpoint: false });
    expect(again.epochs).toEqual([]);
    expect(again.weights).toBe(whole.weights);
    expect(readdirSync(join(folder, 'backup'))).toEqual(['training.h5']);
  });

  it('is stopped by its signal and goes on', async () => {
    const backupDir = join(folder, 'backup');
    const model = classifier(3, { seed: 5 });
    const options = { ...quiet, epochs: 4, callbacks: backupAndRestore({ backupDir }) };
    const controller = new AbortController();
    const stop = { onEpochBegin: (epoch: number) => void (epoch === 2 && controller.abort()) };
    const error = await failure(() =>
      model.fit(x, y, {
        ...{ ...options, signal: controller.signal, callbacks: [options.callbacks, stop] },
      }),
    );
    expect(error.code).toBe('ABORTED');
    const { epoch } = await model.fit(x, y, options);
    expect(epoch).toEqual([2, 3]);
    expect(existsSync(backupDir)).toBe(false);
  });

  const own = {
    async *[Symbol.asyncIterator]() {
      for (let i = 0; i < 20; i += 4) yield { x: x.rows(i, i + 4), y: y.rows(i, i + 4) };
    },
  };
  const dataset = () => luge.data.fromArrays({ x, y }).shuffle(20, 5).batch(4);
  it.each([
    ['an iterable', () => own, undefined],
    ['a data set that shuffles', dataset, undefined],
    ['a data set without an end', () => dataset().repeat(), 5],
  ])('of batches of %s goes on with its batch', async (_, batches, stepsPerEpoch) => {
    const train = async (name: string, dies: boolean) => {
      luge.setSeed(3);
      const model = classifier(3, {
        metrics: [
          luge.metrics.fromFunction((yTrue, yPred) => yTrue.size + (yPred.data[0] as number)),
        ],
      });
      const backup = backupAndRestore({ backupDir: join(folder, name), saveFreq: 3 });
      const die = {
        onTrainBatchBegin() {
          if (dies && model.optimizer.iterations === 8) throw new Error('power cut');
        },
      };
      const options = { epochs: 3, verbose: 0, callbacks: [backup, die] } as const;
      const run = () =>
        model.fit(batches(), { ...options, ...(stepsPerEpoch && { stepsPerEpoch }) });
      if (dies) {
        await failure(run);
        return [];
      }
      const { epoch, history } = await run();
      expect(epoch.at(-1)).toBe(2);
      return [weightsOf(model), Object.values(history).map((values) => values.slice(-2))];
    };
    const expected = await train('whole', false);
    await train('cut', true);
    expect(await train('cut', false)).toEqual(expected);
  });
});

describe('backupAndRestore', () => {
  it('gives the memory of a class of one’s own back', async () => {
    class Counter extends luge.Callback {
      epochs = 0;
      kept: luge.Tensor[] = [];
      override onEpochEnd(epoch: number) {
        this.epochs += 1;
        this.kept = [luge.tensor([Number.NaN, epoch])];
      }
      override onEpochBegin(epoch: number) {
        if (epoch === 2 && this.epochs === 2 && !resumed) throw new Error('power cut');
      }
      override getState() {
        return { epochs: this.epochs, none: Number.NEGATIVE_INFINITY, kept: this.kept };
      }
      override setState({ epochs, none, kept }: luge.CallbackState) {
        expect(none).toBe(Number.NEGATIVE_INFINITY);
        this.epochs = epochs as number;
        this.kept = kept as luge.Tensor[];
      }
    }
    let resumed = false;
    const backup = backupAndRestore({ backupDir: folder });
    const options = { ...quiet, epochs: 2 };
    const [first, second] = [new Counter(), new Counter()];
    const model = classifier();
    await failure(() =>
      model.fit(x, y, { ...options, epochs: 3, callbacks: [first, backup, second] }),
    );
    resumed = true;
    const [third, fourth] = [new Counter(), new Counter()];
    const callbacks = [third, fourth, backupAndRestore({ backupDir: folder })];
    await model.fit(x, y, { ...options, callbacks });
    for (const counter of [third, fourth]) {
      expect(counter.epochs).toBe(2);
      expect(counter.kept[0]?.toArray()).toEqual([Number.NaN, 1]);
    }
  });

  it('says when the backup is of another model, and changes nothing', async () => {
    const backup = () => backupAndRestore({ backupDir: folder, deleteCheckpoint: false });
    await classifier(3).fit(x, y, { ...quiet, callbacks: backup() });
    const other = classifier(4);
    const before = weightsOf(other);
    const error = await failure(() => other.fit(x, y, { ...quiet, callbacks: backup() }));
    expect(error.code).toBe('BAD_SHAPE');
    expect(error.message).toMatch(/BackupAndRestore.*another backupDir.*delete/s);
    expect(weightsOf(other)).toEqual(before);
    await other.fit(x, y, quiet);
  });

  it.each(['', 'cut'])('says when the backup is damaged: %s', async (content) => {
    writeFileSync(join(folder, 'training.h5'), content);
    const callbacks = backupAndRestore({ backupDir: folder });
    const error = await failure(() => classifier().fit(x, y, { ...quiet, callbacks }));
    expect(error.code).toBe('BAD_DATA');
    expect(error.message).toContain('delete');
  });

  it('says when the folder cannot be used, and leaves the model usable', async () => {
    writeFileSync(join(folder, 'file'), '');
    const model = classifier();
    const callbacks = backupAndRestore({ backupDir: join(folder, 'file') });
    const error = await failure(() => model.fit(x, y, { ...quiet, callbacks }));
    expect(error.message).toContain(join(folder, 'file'));
    await model.fit(x, y, quiet);
  });

  it('leaves other files of its folder alone', async () => {
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    await classifier().fit(x, y, { ...quiet, callbacks: backupAndRestore({ backupDir: folder }) });
    expect(readdirSync(folder)).toEqual(['notes.txt']);
  });

  it('refuses options that make no sense', () => {
    expect(() => backupAndRestore({ backupDir: '' })).toThrow('backupDir');
    expect(() => backupAndRestore({ backupDir: 'a', saveFreq: 0 })).toThrow('saveFreq');
    expect(() => backupAndRestore({ backupdir: 'a' } as never)).toThrow("Did you mean 'backupDir'");
  });
});
