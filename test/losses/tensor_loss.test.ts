import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { failure, weightsOf } from '../models/small_data.js';
import { floats } from '../support/check_op.js';

const { layers, losses } = luge;
const x = floats([10, 3]);
const y = floats([10, 2], { seed: 2 });

const errors = (truth: luge.Tensor, p: luge.Tensor) =>
  Array.from(p.data, (value, i) => value - (truth.data[i] as number));

/** The mean square in plain JavaScript. */
const square = losses.fromFunction(
  (truth, p) => errors(truth, p).reduce((sum, error) => sum + error ** 2, 0) / p.size,
  (truth, p) =>
    luge.tensor(
      Float32Array.from(errors(truth, p), (error) => (2 * error) / p.size),
      p.shape,
    ),
  { name: 'square' },
);

/** What makes a step depend on more than its data: noise, running statistics, penalties. */
function noisy(loss: luge.CompileOptions['loss']) {
  luge.setSeed(1);
  const model = luge.sequential([
    layers.dense({ units: 8, inputShape: [3], activation: 'tanh', kernelRegularizer: 'l2' }),
    layers.dropout({ rate: 0.5 }),
    layers.batchNormalization({ momentum: 0.5 }),
    layers.dense({ units: 2, activityRegularizer: 'l1' }),
  ]);
  model.compile({ optimizer: 'adam', loss: loss as never, metrics: ['mae'], seed: 1 });
  return model;
}

/** Largest difference of all weights. */
function distance(a: luge.Model, b: luge.Model): number {
  const [one, other] = [weightsOf(a).flat(), weightsOf(b).flat()];
  return Math.max(...one.map((weight, i) => Math.abs(weight - (other[i] as number))));
}

describe('losses.fromFunction', () => {
  it('trains as the same loss written with ops', async () => {
    const [plain, native] = [noisy(square), noisy('mse')];
    const options = { batchSize: 4, epochs: 3, verbose: 0, validationData: [x, y] } as const;
    const [found, expected] = [
      (await plain.fit(x, y, options)).history,
      (await native.fit(x, y, options)).history,
    ];
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const [key, values] of Object.entries(expected)) {
      values.forEach((value, i) => {
        expect(found[key]?.[i], `${key}, epoch ${i}`).toBeCloseTo(value, 4);
      });
    }
    // Adam divides by the size of a gradient, which makes much of the last digit of a small one.
    expect(distance(plain, native)).toBeLessThan(1e-3);
  });

  it('gives trainOnBatch, testOnBatch and evaluate their loss', async () => {
    const model = luge.sequential([
      layers.dense({ units: 2, inputShape: [3], kernelRegularizer: luge.regularizers.l2(0.5) }),
    ]);
    model.compile({ optimizer: luge.optimizers.sgd({ learningRate: 0.1 }), loss: square });
    const twin = luge.sequential([
      layers.dense({ units: 2, inputShape: [3], kernelRegularizer: luge.regularizers.l2(0.5) }),
    ]);
    twin.setWeights(model.getWeights());
    twin.compile({ optimizer: luge.optimizers.sgd({ learningRate: 0.1 }), loss: 'mse' });
    for (const each of ['testOnBatch', 'trainOnBatch', 'evaluate', 'trainOnBatch'] as const) {
      const [found, expected] = [await model[each](x, y), await twin[each](x, y)];
      expect(found.loss).toBeCloseTo(expected.loss as number, 5);
    }
    expect(distance(model, twin)).toBeLessThan(1e-5);
    expect((await model.evaluate(x, y, { batchSize: 4 })).loss).toBeCloseTo(
      (await twin.evaluate(x, y, { batchSize: 4 })).loss as number,
      5,
    );
  });

  it('stands beside other losses, with weights', async () => {
    const build = (loss: object) => {
      luge.setSeed(2);
      const inputs = luge.input({ shape: [3] });
      const end = (name: string) => layers.dense({ units: 2, name }).apply(inputs);
      const model = luge.model({ inputs, outputs: [end('a'), end('b')] });
      model.compile({ optimizer: 'sgd', loss: loss as never, lossWeights: { a: 0.5, b: 2 } });
      return model;
    };
    const [plain, native] = [build({ a: square, b: 'mae' }), build({ a: 'mse', b: 'mae' })];
    for (const each of ['trainOnBatch', 'testOnBatch'] as const) {
      const [found, expected] = [await plain[each](x, [y, y]), await native[each](x, [y, y])];
      expect(Object.keys(found)).toEqual(['loss', 'a_loss', 'b_loss']);
      for (const key of Object.keys(expected)) {
        expect(found[key]).toBeCloseTo(expected[key] as number, 5);
      }
    }
    expect(distance(plain, native)).toBeLessThan(1e-6);
  });

  it('can do what no operation can', async () => {
    // Sorted predictions are compared with sorted labels: only their distribution counts.
    const order = ({ data }: luge.Tensor) =>
      Array.from(data.keys()).sort((i, j) => (data[i] as number) - (data[j] as number));
    const pairs = (a: luge.Tensor, b: luge.Tensor) => {
      const [of, to] = [order(a), order(b)];
      return of.map((i, rank) => [i, to[rank] as number] as const);
    };
    const wasserstein = losses.fromFunction(
      (truth, p) =>
        pairs(truth, p).reduce(
          (sum, [i, j]) => sum + ((p.data[j] as number) - (truth.data[i] as number)) ** 2,
          0,
        ) / p.size,
      (truth, p) => {
        const gradient = new Float32Array(p.size);
        for (const [i, j] of pairs(truth, p)) {
          gradient[j] = (2 * ((p.data[j] as number) - (truth.data[i] as number))) / p.size;
        }
        return gradient;
      },
    );
    const model = luge.sequential([layers.dense({ units: 1, inputShape: [3] })]);
    model.compile({ optimizer: luge.optimizers.sgd({ learningRate: 0.1 }), loss: wasserstein });
    const target = floats([10, 1], { low: 4, high: 5 });
    const { history } = await model.fit(x, target, { batchSize: 10, epochs: 60, verbose: 0 });
    expect(history.loss?.[0]).toBeGreaterThan(5);
    expect(history.loss?.at(-1)).toBeLessThan(0.5);
  });

  it('is stopped by a signal', async () => {
    const stop = new AbortController();
    let calls = 0;
    const counting = losses.fromFunction(
      () => {
        calls += 1;
        if (calls === 3) stop.abort();
        return 0;
      },
      (_, p) => new Float32Array(p.size),
    );
    const model = noisy(counting);
    const { signal } = stop;
    const fitting = model.fit(x, y, { batchSize: 1, epochs: 9, verbose: 0, signal });
    expect((await failure(() => fitting)).code).toBe('ABORTED');
    expect(calls).toBe(3);
  });

  it('refuses what makes no sense', async () => {
    expect(() => losses.fromFunction((() => 0) as never, undefined as never)).toThrow(
      'losses.fromFunction takes two functions of two tensors',
    );
    const answering = (value: unknown, gradient: unknown) =>
      losses.fromFunction((() => value) as never, (() => gradient) as never, { name: 'mine' });
    const training = (loss: luge.losses.TensorLoss, options: object = {}) =>
      failure(() => noisy(loss).fit(x, y, { batchSize: 10, verbose: 0, ...options }));
    const right = new Float32Array(20);
    const lost = (p: luge.Value) => (p as never as luge.Tensor).data[0] as never;
    expect((await failure(() => noisy(lost).fit(x, y, { verbose: 0 }))).message).toMatch(
      /^Loss 'lost': expected a function written with ops, which is called once with symbolic values, but it failed with "Cannot read .*there is losses.fromFunction\(f, gradient\).$/,
    );
    expect((await training(answering(Promise.resolve(1), right))).message).toBe(
      "Loss 'mine': expected its function to answer with a number, but got a promise.",
    );
    expect((await training(answering(1, luge.tensor(right)))).message).toBe(
      "Loss 'mine': expected a float32 gradient of the predictions' shape [10, 2], but got float32 [20].",
    );
    expect((await training(answering(1, new Float32Array(10)))).message).toMatch(
      /Float32Array of 10/,
    );
    expect((await training(answering(1, [0]))).message).toMatch(/but got object/);
    const weighted = await training(answering(1, right), {
      sampleWeight: new Float32Array(10).fill(1),
    });
    expect(weighted.code).toBe('UNSUPPORTED');
    expect(weighted.message).toMatch(/Loss 'mine' is one number for a whole batch/);
  });
});
