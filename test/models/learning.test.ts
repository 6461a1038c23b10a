import { beforeEach, describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { classifier, clusters, weightsOf } from './small_data.js';

const { layers } = luge;

beforeEach(() => luge.setSeed(7));

describe('fit', () => {
  it('learns XOR', async () => {
    const model = luge.sequential([
      layers.dense({ units: 8, activation: 'tanh', inputShape: [2] }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ]);
    const optimizer = luge.optimizers.adam({ learningRate: 0.05 });
    model.compile({ optimizer, loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    const x = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    const y = [0, 1, 1, 0];
    const { history } = await model.fit(x, y, { epochs: 300, verbose: 0 });
    expect(history.accuracy?.at(-1)).toBe(1);
    expect(history.loss?.at(-1)).toBeLessThan(0.1);
    expect(((await model.predictClasses(x)) as luge.Tensor).toArray()).toEqual(y);
  });

  it('classifies points, with history, validation and evaluation that agree', async () => {
    const model = classifier();
    const train = clusters(300);
    const test = clusters(100);
    const run = await model.fit(train.x, train.y, {
      epochs: 15,
      batchSize: 32,
      validationData: test,
      verbose: 0,
    });
    expect(Object.keys(run.history)).toEqual(['loss', 'accuracy', 'val_loss', 'val_accuracy']);
    expect(run.epoch).toEqual(Array.from({ length: 15 }, (_, i) => i));
    expect(run.history.val_accuracy?.at(-1)).toBeGreaterThan(0.95);
    expect(model.history).toBe(run);
    const logs = await model.evaluate(test.x, test.y);
    expect(logs.loss).toBeCloseTo(run.history.val_loss?.at(-1) as number, 6);
    expect(logs.accuracy).toBe(run.history.val_accuracy?.at(-1));
    expect(run.plot().svg).toContain('<svg');
  });

  it('takes a last, smaller batch into account', async () => {
    const { x, y } = clusters(50);
    const model = classifier(3, { optimizer: luge.optimizers.sgd({ learningRate: 0 }) });
    // Nothing is learnt, so the mean over batches of 16, 16, 16 and 2 is that of all samples.
    const { history } = await model.fit(x, y, { batchSize: 16, verbose: 0 });
    const whole = await model.evaluate(x, y, { batchSize: 50 });
    const parts = await model.evaluate(x, y, { batchSize: 7 });
    expect(history.loss?.[0]).toBeCloseTo(whole.loss as number, 6);
    expect(parts.loss).toBeCloseTo(whole.loss as number, 6);
    expect(parts.accuracy).toBe(whole.accuracy);
  });

  it('builds each program once', async () => {
    const { x, y } = clusters(50);
    const model = classifier();
    const programs = () =>
      (model as unknown as { trainer: { programCount: number } }).trainer.programCount;
    await model.fit(x, y, { batchSize: 16, epochs: 5, verbose: 0 });
    expect(programs()).toBe(2); // batches of 16, and one of 2
    await model.fit(x, y, { batchSize: 16, epochs: 2, validationSplit: 0.04, verbose: 0 });
    expect(programs()).toBe(3); // validation of 2
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    expect(programs()).toBe(0);
  });

  it('holds the last samples back for validation, before it shuffles', async () => {
    const { x, y } = clusters(40);
    const model = classifier(3, { optimizer: luge.optimizers.sgd({ learningRate: 0 }) });
    const { history } = await model.fit(x, y, { validationSplit: 0.25, verbose: 0 });
    const held = await model.evaluate(x.rows(30, 40), y.rows(30, 40));
    const kept = await model.evaluate(x.rows(0, 30), y.rows(0, 30));
    expect(history.val_loss?.[0]).toBeCloseTo(held.loss as number, 6);
    expect(history.loss?.[0]).toBeCloseTo(kept.loss as number, 6);
  });

  it('goes on where it ended, with the epochs numbered on', async () => {
    const { x, y } = clusters(60);
    const whole = classifier(3, { seed: 3 });
    const parts = classifier(3, { seed: 3 });
    parts.setWeights(whole.getWeights());
    const run = await whole.fit(x, y, { epochs: 4, verbose: 0 });
    await parts.fit(x, y, { epochs: 2, verbose: 0 });
    const rest = await parts.fit(x, y, { initialEpoch: 2, epochs: 4, verbose: 0 });
    expect(rest.epoch).toEqual([2, 3]);
    expect(rest.history.loss).toEqual(run.history.loss?.slice(2));
    expect(weightsOf(parts)).toEqual(weightsOf(whole));
  });

  it('adds regularization to the loss', async () => {
    const { x, y } = clusters(20);
    const kernelRegularizer = luge.regularizers.l2(0.5);
    const model = luge.sequential([
      layers.dense({ units: 3, activation: 'softmax', inputShape: [2], kernelRegularizer }),
    ]);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const squares = [...(model.getWeights()[0]?.data ?? [])].reduce((sum, w) => sum + w * w, 0);
    const plain = luge.sequential([
      layers.dense({ units: 3, activation: 'softmax', inputShape: [2] }),
    ]);
    plain.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    plain.setWeights(model.getWeights());
    const with_ = await model.evaluate(x, y);
    const without = await plain.evaluate(x, y);
    expect(with_.loss).toBeCloseTo((without.loss as number) + 0.5 * squares, 5);
  });

  it('weighs samples and classes alike', async () => {
    const { x, y } = clusters(30);
    const byClass = { 0: 1, 1: 3, 2: 0.5 } as const;
    const bySample = [...y.data].map((label) => byClass[label as 0 | 1 | 2]);
    const options = { epochs: 2, batchSize: 8, verbose: 0 } as const;
    const [a, b, plain] = [classifier(3, { seed: 1 }), classifier(3, { seed: 1 }), classifier()];
    b.setWeights(a.getWeights());
    plain.setWeights(a.getWeights());
    const first = await a.fit(x, y, { ...options, classWeight: byClass });
    const second = await b.fit(x, y, { ...options, sampleWeight: bySample });
    expect(second.history).toEqual(first.history);
    expect(weightsOf(b)).toEqual(weightsOf(a));
    const doubled = await plain.evaluate(x, y, { sampleWeight: bySample.map(() => 2) });
    const single = await plain.evaluate(x, y);
    expect(doubled.loss).toBeCloseTo(2 * (single.loss as number), 5);
  });

  it('takes typed and nested arrays of any kind', async () => {
    const { x, y } = clusters(12);
    const model = classifier();
    const expected = await model.evaluate(x, y);
    const nested = x.toArray() as number[][];
    expect(await model.evaluate(nested, [...y.data])).toEqual(expected);
    expect(await model.evaluate(nested, Float64Array.from(y.data))).toEqual(expected);
    expect(await model.evaluate({ [model.inputs[0]?.name as string]: x }, [y])).toEqual(expected);
  });

  it('builds a model without a shape on the first data', async () => {
    const { x, y } = clusters(12);
    const model = luge.sequential([layers.dense({ units: 3, activation: 'softmax' })]);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    expect(model.built).toBe(false);
    await model.fit(x, y, { verbose: 0 });
    expect(model.countParams()).toBe(9);
  });
});

describe('single batches', () => {
  it('train, test and predict as fit, evaluate and predict do', async () => {
    const { x, y } = clusters(20);
    const [a, b] = [classifier(3, { seed: 1 }), classifier(3, { seed: 1 })];
    b.setWeights(a.getWeights());
    const { history } = await a.fit(x, y, { batchSize: 20, shuffle: false, verbose: 0 });
    const logs = await b.trainOnBatch(x, y);
    expect(logs).toEqual({ loss: history.loss?.[0], accuracy: history.accuracy?.[0] });
    expect(weightsOf(b)).toEqual(weightsOf(a));
    expect(b.optimizer.iterations).toBe(1);
    expect(await b.testOnBatch(x, y)).toEqual(await b.evaluate(x, y));
    expect(((await b.predictOnBatch(x)) as luge.Tensor).data).toEqual(
      ((await b.predict(x)) as luge.Tensor).data,
    );
  });
});

describe('data sets of batches', () => {
  const { x, y } = clusters(24);

  function batches(size: number) {
    return {
      async *[Symbol.asyncIterator]() {
        for (let i = 0; i < 24; i += size) {
          yield { x: x.rows(i, Math.min(24, i + size)), y: y.rows(i, Math.min(24, i + size)) };
        }
      },
    };
  }

  it('train like arrays', async () => {
    const [a, b] = [classifier(3, { seed: 1 }), classifier(3, { seed: 1 })];
    b.setWeights(a.getWeights());
    const options = { epochs: 3, verbose: 0 } as const;
    const first = await a.fit(x, y, { ...options, batchSize: 10, shuffle: false });
    const second = await b.fit(batches(10), { ...options, validationData: batches(7) });
    expect(second.history.loss).toEqual(first.history.loss);
    expect(second.history.val_loss?.length).toBe(3);
    expect(weightsOf(b)).toEqual(weightsOf(a));
    const logs = await b.evaluate(batches(5));
    expect(logs.loss).toBeCloseTo((await b.evaluate(x, y)).loss as number, 6);
  });

  it('go on over epochs with stepsPerEpoch', async () => {
    const model = classifier();
    await model.fit(batches(6), { epochs: 3, stepsPerEpoch: 3, verbose: 0 });
    expect(model.optimizer.iterations).toBe(9);
  });

  it('that can be gone through only once say so', async () => {
    const model = classifier();
    const once = batches(8)[Symbol.asyncIterator]();
    await expect(model.fit(once, { epochs: 2, verbose: 0 })).rejects.toThrow(
      /gave no batches in this epoch. A generator can be gone through only once/,
    );
    expect(model.optimizer.iterations).toBe(3);
  });
});
