import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { classifier, clusters, failure, weightsOf } from '../models/small_data.js';

const { data } = luge;
const quiet = { verbose: 0 } as const;

/** Two models with the same weights and random numbers. */
function twins() {
  const [a, b] = [classifier(3, { seed: 1 }), classifier(3, { seed: 1 })];
  b.setWeights(a.getWeights());
  return [a, b] as const;
}

describe('training on a data set', () => {
  const { x, y } = clusters(50);
  const samples = data.fromArrays({ x, y });

  it('gives what arrays give, in batches or in samples', async () => {
    for (const dataset of [samples.batch(8), samples, samples.batch(8).prefetch(2)]) {
      const [a, b] = twins();
      const options = { epochs: 3, batchSize: 8, ...quiet };
      const first = await a.fit(x, y, { ...options, shuffle: false, validationData: [x, y] });
      const second = await b.fit(dataset, { ...options, validationData: samples });
      expect(second.history).toEqual(first.history);
      expect(weightsOf(b)).toEqual(weightsOf(a));
    }
  });

  it('learns from shuffled samples', async () => {
    const model = classifier();
    const { history } = await model.fit(samples.shuffle(50, 1).batch(10), { epochs: 30, ...quiet });
    expect(history.loss?.at(-1)).toBeLessThan(0.1);
    const batchSize = 7;
    expect(await model.evaluate(samples.batch(7))).toEqual(
      await model.evaluate(x, y, { batchSize }),
    );
  });

  it('takes sample weights', async () => {
    const [a, b] = twins();
    const sampleWeight = Float32Array.from({ length: 50 }, (_, i) => i % 2);
    await a.fit(x, y, { shuffle: false, sampleWeight, ...quiet });
    await b.fit(data.fromArrays({ x, y, sampleWeight }), quiet);
    expect(weightsOf(b)).toEqual(weightsOf(a));
  });

  it('predicts, without labels too', async () => {
    const model = classifier();
    const wanted = (await model.predict(x)) as luge.Tensor;
    for (const dataset of [samples.batch(7), data.fromArrays({ x }).batch(7), samples]) {
      const found = (await model.predict(dataset)) as luge.Tensor;
      expect(found.shape).toEqual([50, 3]);
      found.data.forEach((value, i) => {
        // Products of other sizes may add in another order.
        expect(Math.abs(value - (wanted.data[i] as number))).toBeLessThan(2 ** -20);
      });
    }
    const classes = (await model.predictClasses(samples.batch(9))) as luge.Tensor;
    expect(classes.data).toEqual(((await model.predictClasses(x)) as luge.Tensor).data);
    const none = await failure(() => model.predict(samples.take(0)));
    expect(none.message).toBe('predict: the data set gave no batches.');
  });

  it('knows its steps, from the second epoch on when only counting tells', async () => {
    const steps: (number | undefined)[] = [];
    class Steps extends luge.Callback {
      override onEpochBegin() {
        steps.push(this.params.steps);
      }
    }
    const options = () => ({ epochs: 2, callbacks: new Steps(), ...quiet });
    await classifier().fit(samples.batch(8), options());
    const generated = data.fromGenerator(async function* () {
      yield* await samples.toArray();
    });
    await classifier().fit(generated.batch(8), options());
    expect(steps).toEqual([7, 7, undefined, 7]);
  });

  it('repeats without end only with stepsPerEpoch', async () => {
    const model = classifier();
    const error = await failure(() => model.fit(samples.repeat().batch(8), quiet));
    expect(error.code).toBe('BAD_ARGUMENT');
    expect(error.message).toMatch(/fit: the data set repeats without end.*stepsPerEpoch/);
    await model.fit(samples.repeat().batch(8), { epochs: 2, stepsPerEpoch: 10, ...quiet });
    expect(model.optimizer.iterations).toBe(20);
    const other = await failure(() => model.predict(samples.repeat()));
    expect(other.message).toMatch(/predict: the data set repeats without end/);
  });

  it('of single samples that a generator gives says how to put them together', async () => {
    const dataset = data.fromGenerator(() => [{ x: [1, 2], y: 0 }]);
    const error = await failure(() => classifier().fit(dataset, quiet));
    expect(error.message).toMatch(/expects data of shape \[null, 2\], but got \[2\].*\.batch\(/);
  });
});

describe('a generator in training', () => {
  const { x, y } = clusters(60);

  function failing(after: number) {
    const seen = { closed: 0 };
    const dataset = data.fromGenerator(async function* () {
      try {
        for (let i = 0; i < after; i++)
          yield { x: x.rows(4 * i, 4 * i + 4), y: y.rows(4 * i, 4 * i + 4) };
        throw new TypeError('the disk is gone');
      } finally {
        seen.closed += 1;
      }
    });
    return { dataset, seen };
  }

  it('that throws rejects fit, and the model stays usable', async () => {
    const model = classifier();
    const { dataset, seen } = failing(3);
    const error = await failure(() => model.fit(dataset.prefetch(2), quiet));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe('the disk is gone');
    expect(seen.closed).toBe(1);
    expect(model.optimizer.iterations).toBe(3);
    expect((await model.fit(x, y, quiet)).epoch).toEqual([0]);
  });

  it('is closed when training is aborted or stopped', async () => {
    for (const stepsPerEpoch of [undefined, 7]) {
      const seen = { closed: 0 };
      const endless = data.fromGenerator(async function* () {
        try {
          for (;;) yield { x: x.rows(0, 8), y: y.rows(0, 8) };
        } finally {
          seen.closed += 1;
        }
      });
      const controller = new AbortController();
      const model = classifier();
      const callbacks = {
        onTrainBatchEnd() {
          if (model.optimizer.iterations >= 10) controller.abort();
        },
      };
      const { signal } = controller;
      const error = await failure(() =>
        model.fit(endless, { epochs: 1e6, stepsPerEpoch, callbacks, signal, ...quiet }),
      );
      expect(error.code).toBe('ABORTED');
      await new Promise((resolve) => setImmediate(resolve));
      expect(seen.closed).toBe(1);
      expect((await model.fit(x, y, quiet)).epoch).toEqual([0]);
    }
  });

  it('makes the next batches while a step runs', async () => {
    const model = luge.sequential([
      luge.layers.dense({ units: 1500, inputShape: [1500] }),
      luge.layers.dense({ units: 1 }),
    ]);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const batch = { x: luge.ops.randomUniform([64, 1500]), y: new Float32Array(64) };
    let running = false;
    let during = 0;
    const generate = data.fromGenerator(async function* () {
      for (let i = 0; i < 12; i++) {
        if (running) during += 1;
        yield batch;
      }
    });
    const callbacks = {
      onTrainBatchBegin() {
        running = true;
      },
      onTrainBatchEnd() {
        running = false;
      },
    };
    await model.fit(generate, { callbacks, ...quiet });
    // All but the first are asked for once a step is under way.
    expect(during).toBe(11);
  });

  it('that is no data set may use its arrays again', async () => {
    const [a, b] = twins();
    const reused = {
      async *[Symbol.asyncIterator]() {
        const [bx, by] = [new Float32Array(12 * 2), new Int32Array(12)];
        for (let i = 0; i < 60; i += 12) {
          bx.set(x.rows(i, i + 12).data);
          by.set(y.rows(i, i + 12).data);
          yield { x: luge.tensor(bx, [12, 2]), y: by };
          // What a step that still reads them would stumble over.
          bx.fill(Number.NaN);
        }
      },
    };
    await a.fit(x, y, { batchSize: 12, shuffle: false, ...quiet });
    await b.fit(reused, quiet);
    expect(weightsOf(b)).toEqual(weightsOf(a));
    const logs = await b.evaluate(reused);
    expect(Number.isFinite(logs.loss)).toBe(true);
    expect(((await b.predict(reused)) as luge.Tensor).data.every(Number.isFinite)).toBe(true);
  });
});
