import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { classifier, clusters, failure, numbers, weightsOf } from './small_data.js';

const { layers } = luge;
const threads = luge.threads();

beforeEach(() => luge.setSeed(7));
afterEach(() => luge.setThreads(threads));

/** A network of every kind of layer with something to draw or keep. */
async function train(threadCount: number): Promise<number[][]> {
  luge.setThreads(threadCount);
  luge.setSeed(11);
  const next = numbers();
  const x = luge.tensor(
    Float32Array.from({ length: 70 * 64 }, () => next()),
    [70, 8, 8, 1],
  );
  const y = Int32Array.from({ length: 70 }, (_, i) => i % 4);
  const model = luge.sequential([
    layers.conv2d({ filters: 5, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
    layers.batchNormalization(),
    layers.maxPooling2d(),
    layers.flatten(),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 4, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  await model.fit(x, y, { epochs: 3, batchSize: 16, verbose: 0 });
  return weightsOf(model);
}

describe('determinism', () => {
  it('the same seed gives the same weights, whatever the threads and the chunks', async () => {
    const first = await train(1);
    expect(await train(1)).toEqual(first);
    expect(await train(2)).toEqual(first);
    expect(await train(3)).toEqual(first);
  });

  it('a callback of each batch changes nothing', async () => {
    const { x, y } = clusters(100);
    const [a, b] = [classifier(3, { seed: 1 }), classifier(3, { seed: 1 })];
    b.setWeights(a.getWeights());
    const options = { epochs: 4, batchSize: 8, verbose: 0 } as const;
    const first = await a.fit(x, y, options);
    const second = await b.fit(x, y, { ...options, callbacks: { onTrainBatchEnd() {} } });
    expect(second.history).toEqual(first.history);
    expect(weightsOf(b)).toEqual(weightsOf(a));
  });
});

describe('stopping', () => {
  const { x, y } = clusters(2000);

  it('by a signal rejects with ABORTED at the next step; the model can go on', async () => {
    const model = classifier();
    const controller = new AbortController();
    const training = failure(() =>
      model.fit(x, y, {
        epochs: 1e6,
        batchSize: 4,
        verbose: 0,
        signal: controller.signal,
      }),
    );
    await wait(60);
    const reason = new Error('enough');
    const began = performance.now();
    controller.abort(reason);
    const error = await training;
    expect(performance.now() - began).toBeLessThan(500);
    expect(error).toBeInstanceOf(luge.LugeError);
    expect(error.code).toBe('ABORTED');
    expect(error.cause).toBe(reason);
    expect(error.message).toMatch(/fit was stopped by its signal in epoch \d+/);
    expect(model.optimizer.iterations).toBeGreaterThan(0);
    expect(model.history).toBeInstanceOf(luge.History);
    const { history } = await model.fit(x, y, { epochs: 1, verbose: 0 });
    expect(Number.isFinite(history.loss?.[0])).toBe(true);
  });

  it('by a signal that has fired before touches nothing', async () => {
    const model = classifier();
    const before = weightsOf(model);
    const error = await failure(() => model.fit(x, y, { verbose: 0, signal: AbortSignal.abort() }));
    expect(error.code).toBe('ABORTED');
    expect(weightsOf(model)).toEqual(before);
  });

  it('by a signal does not wait for data that does not come', async () => {
    const model = classifier();
    const never = {
      async *[Symbol.asyncIterator]() {
        yield { x: x.rows(0, 4), y: y.rows(0, 4) };
        await new Promise(() => {});
      },
    };
    const signal = AbortSignal.timeout(50);
    const error = await failure(() => model.fit(never, { verbose: 0, signal }));
    expect(error.code).toBe('ABORTED');
  });

  it('by stopTraining ends after the batch, with the epoch in the history', async () => {
    const model = classifier();
    const run = await model.fit(x, y, {
      epochs: 10,
      batchSize: 100,
      verbose: 0,
      callbacks: {
        onTrainBatchEnd(batch) {
          if (batch === 4) model.stopTraining = true;
        },
      },
    });
    expect(model.optimizer.iterations).toBe(5);
    expect(run.epoch).toEqual([0]);
  });
});

describe('several at a time', () => {
  const { x, y } = clusters(500);

  it('a second fit, trainOnBatch or compile is refused while one trains', async () => {
    const model = classifier();
    const first = model.fit(x, y, { epochs: 5, verbose: 0 });
    for (const run of [
      () => model.fit(x, y, { verbose: 0 }),
      () => model.trainOnBatch(x, y),
      () => model.compile({ optimizer: 'sgd', loss: 'mse' }),
      () => model.add(layers.dense({ units: 2 })),
    ]) {
      const error = await failure(run);
      expect(error.code).toBe('BUSY');
      expect(error.message).toMatch(/cannot run while fit is under way/);
    }
    const { epoch } = await first;
    expect(epoch.length).toBe(5);
    await model.fit(x, y, { verbose: 0 });
  });

  it('evaluate and predict work meanwhile, and from callbacks', async () => {
    const model = classifier();
    const found: number[] = [];
    const training = model.fit(x, y, {
      epochs: 3,
      verbose: 0,
      callbacks: {
        async onEpochEnd() {
          found.push((await model.evaluate(x, y)).accuracy as number);
          await model.predict(x);
        },
      },
    });
    const outside = (await model.predict(x)) as luge.Tensor;
    expect(outside.shape).toEqual([500, 3]);
    await training;
    expect(found.length).toBe(3);
    expect(found.at(-1)).toBe((await model.evaluate(x, y)).accuracy);
  });
});

describe('NaN', () => {
  const { x, y } = clusters(64);
  const bad = luge.tensor(Float32Array.from(x.data), x.shape);
  bad.data[9] = Number.NaN;

  it('goes on by default and shows', async () => {
    const { history } = await classifier().fit(bad, y, { epochs: 2, verbose: 0 });
    expect(history.loss).toEqual([Number.NaN, Number.NaN]);
  });

  it("ends training with onNaN: 'stop', or by the callback", async () => {
    const options = { epochs: 9, verbose: 0 } as const;
    expect((await classifier().fit(bad, y, { ...options, onNaN: 'stop' })).epoch).toEqual([0]);
    const callbacks = luge.callbacks.terminateOnNaN();
    expect((await classifier().fit(bad, y, { ...options, callbacks })).epoch).toEqual([0]);
  });

  it("in the data is named with onNaN: 'throw', before a weight is touched", async () => {
    const model = classifier();
    const before = weightsOf(model);
    const error = await failure(() => model.fit(bad, y, { verbose: 0, onNaN: 'throw' }));
    expect(error.code).toBe('BAD_DATA');
    expect(error.message).toBe('fit: x holds NaN in sample 4.');
    expect(weightsOf(model)).toEqual(before);
  });

  it("from a learning rate too large is told from that with onNaN: 'throw'", async () => {
    const model = luge.sequential([layers.dense({ units: 1, inputShape: [2] })]);
    const optimizer = luge.optimizers.sgd({ learningRate: 1e20 });
    model.compile({ optimizer, loss: 'meanSquaredError' });
    const error = await failure(() => model.fit(x, y, { epochs: 9, verbose: 0, onNaN: 'throw' }));
    expect(error.message).toMatch(
      /the loss is (NaN|Infinity) in epoch \d, .*smaller learning rate/,
    );
  });
});

describe('the process', () => {
  it('stays responsive while fit runs', async () => {
    const next = numbers();
    const x = luge.tensor(
      Float32Array.from({ length: 3000 * 200 }, () => next()),
      [3000, 200],
    );
    const y = Int32Array.from({ length: 3000 }, (_, i) => i % 10);
    const model = luge.sequential([
      layers.dense({ units: 300, activation: 'relu', inputShape: [200] }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    luge.setThreads(1);
    await model.fit(x, y, { verbose: 0 });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await model.fit(x, y, { epochs: 10, verbose: 0 });
    delay.disable();
    // Besides the timer's own millisecond; other processes on the machine may add to it.
    expect(delay.percentile(50) / 1e6).toBeLessThan(5);
    expect(delay.percentile(90) / 1e6).toBeLessThan(20);
  });

  it('does not grow over many epochs', async () => {
    const { x, y } = clusters(200);
    const model = classifier();
    const options = { batchSize: 16, verbose: 0 } as const;
    await model.fit(x, y, { ...options, epochs: 50 });
    const before = process.memoryUsage.rss();
    await model.fit(x, y, { ...options, epochs: 200 });
    expect(process.memoryUsage.rss() / before).toBeLessThan(1.1);
  });
});
