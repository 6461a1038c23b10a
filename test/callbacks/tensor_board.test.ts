import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crc32c } from '../../lib/callbacks/event_file.js';
import { histogramBuckets } from '../../lib/callbacks/event_messages.js';
import * as luge from '../../lib/index.js';
import { classifier, clusters, failure } from '../models/small_data.js';
import { type EventValue, readEvents } from './read_events.js';

const { tensorBoard } = luge.callbacks;
const { x, y } = clusters(20);
const quiet = { batchSize: 8, verbose: 0 } as const;
let logDir = '';

beforeEach(() => {
  luge.setSeed(7);
  logDir = mkdtempSync(join(tmpdir(), 'luge-tensor-board-'));
});
afterEach(() => rmSync(logDir, { recursive: true }));

const events = (run: string) => readEvents(join(logDir, run));
/** Steps and values of a tag. */
const series = (all: readonly EventValue[], wanted: string) =>
  all.filter(({ tag }) => tag === wanted).map(({ step, numbers }) => [step, numbers[0]]);
const rounded = (list: readonly number[] = []) => list.map((value, i) => [i, Math.fround(value)]);

describe('tensorBoard', () => {
  it('writes each epoch’s losses, metrics and learning rate, of validation apart', async () => {
    const optimizer = luge.optimizers.sgd({ learningRate: 0.5 });
    const callbacks = tensorBoard({ logDir });
    const model = classifier(3, { optimizer });
    const options = { ...quiet, epochs: 3, validationData: [x, y], callbacks } as const;
    const { history } = await model.fit(x, y, options);
    const [train, validation] = [events('train'), events('validation')];
    expect(train.map(({ tag }) => tag)).toEqual([
      'keras',
      ...Array(3).fill(['epoch_loss', 'epoch_accuracy', 'epoch_learning_rate']).flat(),
    ]);
    expect(series(train, 'epoch_loss')).toEqual(rounded(history.loss));
    expect(series(train, 'epoch_learning_rate')).toEqual(rounded([0.5, 0.5, 0.5]));
    expect(series(validation, 'epoch_accuracy')).toEqual(rounded(history.val_accuracy));
    const losses = history.val_loss as number[];
    expect(series(validation, 'evaluation_loss_vs_iterations')).toEqual(
      [3, 6, 9].map((step, i) => [step, Math.fround(losses[i] as number)]),
    );
    expect(validation).toHaveLength(12);
    expect(train.slice(1).every(({ plugin }) => plugin === 'scalars')).toBe(true);
  });

  it('writes the architecture, if not told not to', async () => {
    const model = classifier();
    await model.fit(x, y, { ...quiet, callbacks: tensorBoard({ logDir }) });
    const [graph] = events('train');
    expect(graph).toMatchObject({ tag: 'keras', plugin: 'graph_keras_model' });
    expect(JSON.parse(graph?.text as string)).toEqual(JSON.parse(JSON.stringify(model)));
    rmSync(join(logDir, 'train'), { recursive: true });
    await model.fit(x, y, { ...quiet, callbacks: tensorBoard({ logDir, writeGraph: false }) });
    expect(events('train').map(({ tag }) => tag)).not.toContain('keras');
  });

  it('trains on when the architecture cannot be written', async () => {
    const a = luge.input({ shape: [2] });
    const end = luge.layers.dense({ units: 3 }).apply(luge.ops.multiply(a, 2) as never);
    const model = luge.model({ inputs: a, outputs: end as luge.SymbolicTensor });
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    await model.fit(x, luge.toCategorical(y), { ...quiet, callbacks: tensorBoard({ logDir }) });
    expect(series(events('train'), 'epoch_loss')).toHaveLength(1);
  });

  it.each([
    ['batch', [1, 2, 3, 4, 5, 6]],
    [4, [4]],
  ] as const)('writes batches too, every %s', async (updateFreq, steps) => {
    const losses: number[] = [];
    const watch = {
      onTrainBatchEnd(_: number, logs: luge.Logs) {
        losses.push(logs.loss as number);
      },
    };
    const board = tensorBoard({ logDir, updateFreq, writeStepsPerSecond: true });
    await classifier().fit(x, y, { ...quiet, epochs: 2, callbacks: [board, watch] });
    const train = events('train');
    expect(series(train, 'batch_loss')).toEqual(
      steps.map((step) => [step, Math.fround(losses[step - 1] as number)]),
    );
    expect(series(train, 'batch_accuracy').map(([step]) => step)).toEqual(steps);
    for (const tag of ['batch_steps_per_second', 'epoch_steps_per_second']) {
      const speeds = series(train, tag).map(([, value]) => value as number);
      expect(speeds.length, tag).toBeGreaterThan(0);
      expect(Math.min(...speeds), tag).toBeGreaterThan(0);
    }
  });

  it('writes histograms of all weights, those of inner models too, by epoch', async () => {
    const block = () =>
      luge.sequential([luge.layers.dense({ units: 3, inputShape: [3], name: 'same' })]);
    const model = luge.sequential([
      luge.layers.dense({ units: 3, inputShape: [2], name: 'first' }),
      block(),
      block(),
      luge.layers.softmax(),
    ]);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const callbacks = tensorBoard({ logDir, histogramFreq: 2 });
    await model.fit(x, y, { ...quiet, epochs: 3, callbacks });
    const found = events('train').filter(({ plugin }) => plugin === 'histograms');
    const names = ['first/kernel', 'first/bias', 'same/kernel', 'same/bias'];
    const tags = [...names, 'same/kernel_1', 'same/bias_1'].map((name) => `${name}/histogram`);
    expect(found.map(({ tag, step }) => [tag, step])).toEqual(
      [0, 2].flatMap((step) => tags.map((tag) => [tag, step])),
    );
    const last = found.at(-2)?.numbers as number[];
    const kernel = [...(model.getWeights()[4] as luge.Tensor).data];
    expect(last.filter((_, i) => i % 3 === 2).reduce((a, b) => a + b)).toBe(9);
    expect([last[0], last.at(-2)]).toEqual([Math.min(...kernel), Math.max(...kernel)]);
  });

  it('writes a new file for each fit', async () => {
    const callbacks = tensorBoard({ logDir });
    const model = classifier();
    await model.fit(x, y, { ...quiet, callbacks });
    await model.fit(x, y, { ...quiet, initialEpoch: 1, epochs: 2, callbacks });
    expect(readdirSync(join(logDir, 'train'))).toHaveLength(2);
    expect(series(events('train'), 'epoch_loss').map(([step]) => step)).toEqual([0, 1]);
  });

  it('names a folder that it cannot write to, and leaves the model usable', async () => {
    writeFileSync(join(logDir, 'train'), '');
    const model = classifier();
    const callbacks = tensorBoard({ logDir });
    const error = await failure(() => model.fit(x, y, { ...quiet, callbacks }));
    expect(error).toMatchObject({ code: 'IO' });
    expect(error.message).toContain(logDir);
    await model.fit(x, y, quiet);
  });

  it('refuses options that make no sense', () => {
    expect(() => tensorBoard({ updateFreq: 0 })).toThrow('updateFreq');
    expect(() => tensorBoard({ updateFreq: 'epochs' as never })).toThrow('updateFreq');
    expect(() => tensorBoard({ histogramFreq: -1 })).toThrow('histogramFreq');
    expect(() => tensorBoard({ logDir: '' })).toThrow('logDir');
    expect(() => tensorBoard({ logdir: 'a' } as never)).toThrow("Did you mean 'logDir'");
  });
});

describe('histogram buckets', () => {
  it('leave out what is not finite, and end at the largest', () => {
    const buckets = histogramBuckets(Float32Array.of(Number.NaN, 0, 3, 1.5, Infinity, 3));
    expect(buckets[0]).toEqual([0, 0.1, 1]);
    expect(buckets[15]?.[2]).toBe(1);
    expect(buckets[29]).toEqual([2.9000000000000004, 3, 2]);
    expect(
      histogramBuckets(Float32Array.of(Number.NaN))
        .flat()
        .every((n) => n === 0),
    ).toBe(true);
  });
});

describe('crc32c', () => {
  it.each([
    // RFC 3720, appendix B.4.
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(255), 0x62a8ab43],
    [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    [Buffer.from('123456789'), 0xe3069283],
    [new Uint8Array(0), 0],
  ])('is the standard’s: %#', (data, expected) => {
    expect(crc32c(data)).toBe(expected);
  });
});
