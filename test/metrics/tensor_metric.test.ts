import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { floats } from '../support/check_op.js';

const { fromFunction } = luge.metrics;
const x = floats([10, 3]);
const y = floats([10, 1], { seed: 2 });

/** One dense layer that gives its predictions in float32. */
function linear(metrics: luge.CompileOptions['metrics']) {
  const layer = luge.layers.dense({ units: 1, inputShape: [3], kernelInitializer: 'ones' });
  const model = luge.sequential([layer]);
  model.compile({ optimizer: 'sgd', loss: 'mse', metrics: metrics as never, seed: 1 });
  return model;
}

/** The largest error: no mean of batches. */
function worst(yTrue: luge.Tensor, yPred: luge.Tensor): number {
  return Math.max(...Array.from(yPred.data, (p, i) => Math.abs(p - (yTrue.data[i] as number))));
}

describe('metrics.fromFunction', () => {
  it('is exact over all samples, whatever the batch size', async () => {
    const calls: luge.Tensor[][] = [];
    const seen = (...tensors: luge.Tensor[]) => {
      calls.push(tensors);
      return worst(...(tensors as [luge.Tensor, luge.Tensor]));
    };
    const model = linear([fromFunction(seen, { name: 'worst' })]);
    const predictions = (await model.predict(x)) as luge.Tensor;
    for (const batchSize of [3, 4, 10, 32]) {
      const logs = await model.evaluate(x, y, { batchSize });
      expect(logs.worst).toBe(worst(y, predictions));
    }
    expect(calls).toHaveLength(4);
    for (const call of calls) {
      expect(call.map(({ shape, dtype }) => [dtype, shape])).toEqual([
        ['float32', [10, 1]],
        ['float32', [10, 1]],
      ]);
      expect(call[0]?.data).toEqual(y.data);
    }
  });

  it('is the mean over batches, by their sizes, if asked', async () => {
    const model = linear(fromFunction(worst, { over: 'batch' }));
    const predictions = (await model.predict(x)) as luge.Tensor;
    const part = (from: number, to: number) => worst(y.rows(from, to), predictions.rows(from, to));
    const { worst: found } = await model.evaluate(x, y, { batchSize: 4 });
    expect(found).toBe((4 * part(0, 4) + 4 * part(4, 8) + 2 * part(8, 10)) / 10);
  });

  it('stands in the history of fit, in training and validation', async () => {
    const during: luge.Logs[] = [];
    const model = linear(['mae', fromFunction(worst), fromFunction(worst, { over: 'batch' })]);
    const { history } = await model.fit(x, y, {
      batchSize: 4,
      epochs: 2,
      validationData: [x, y],
      verbose: 0,
      callbacks: { onTrainBatchEnd: (_, logs) => void during.push({ ...logs }) },
    });
    expect(Object.keys(history)).toEqual([
      ...['loss', 'mae', 'worst', 'worst_1'],
      ...['val_loss', 'val_mae', 'val_worst', 'val_worst_1'],
    ]);
    expect(history.val_worst?.[1]).toBe(worst(y, (await model.predict(x)) as luge.Tensor));
    expect(history.worst).toHaveLength(2);
    // Not before the epoch is over.
    expect(during).toHaveLength(6);
    expect(Object.keys(during[1] as object)).toEqual(['loss', 'mae', 'worst_1']);
  });

  it('gives labels as they came, with the predictions of the same samples, also shuffled', async () => {
    const numbers = luge.tensor(Int32Array.from({ length: 10 }, (_, i) => i % 3));
    const hot = luge.toCategorical(numbers, 3);
    let shuffled: number[] = [];
    const accuracy = (yTrue: luge.Tensor, yPred: luge.Tensor) => {
      expect([yTrue.dtype, yTrue.shape, yPred.shape]).toEqual(['int32', [10], [10, 3]]);
      shuffled = [...yTrue.data];
      const rows = yPred.toArray() as number[][];
      const right = rows.filter((row, i) => row.indexOf(Math.max(...row)) === yTrue.data[i]);
      return right.length / rows.length;
    };
    const units = { units: 3, inputShape: [3], kernelInitializer: 'identity', trainable: false };
    const model = luge.sequential([luge.layers.dense({ ...units, activation: 'softmax' })]);
    const metrics = ['accuracy', fromFunction(accuracy, { name: 'same' })];
    model.compile({ loss: 'sparseCategoricalCrossentropy', metrics, seed: 3 });
    const { history } = await model.fit(hot, numbers, { batchSize: 4, verbose: 0 });
    expect([history.accuracy, history.same]).toEqual([[1], [1]]);
    expect(shuffled).not.toEqual([...numbers.data]);
    expect(await model.trainOnBatch(hot, numbers)).toMatchObject({ same: 1 });
  });

  it('serves several outputs', async () => {
    const inputs = luge.input({ shape: [3] });
    const [a, b] = ['a', 'b'].map((name) => luge.layers.dense({ units: 1, name }).apply(inputs));
    const model = luge.model({ inputs, outputs: [a, b] as luge.SymbolicTensor[] });
    const first = fromFunction((yTrue) => yTrue.data[0] as number, { name: 'first' });
    model.compile({ loss: 'mse', metrics: { b: first } });
    const logs = await model.evaluate(x, [floats([10, 1]), y]);
    expect(logs.b_first).toBe(y.data[0]);
  });

  it('refuses what makes no sense', async () => {
    expect(() => fromFunction(3 as never)).toThrow(
      'metrics.fromFunction takes a function of two tensors, (yTrue, yPred) => number, but got 3.',
    );
    expect(() => fromFunction(worst, { over: 'epochs' as never })).toThrow("Did you mean 'epoch'?");
    const symbolic = linear([(() => 3) as never]);
    await expect(symbolic.evaluate(x, y)).rejects.toThrow(
      /^Metric 'metric': expected a function written with ops, .* but it gave number. For a plain JavaScript function of real tensors there is metrics.fromFunction\(f\).$/,
    );
    const late = linear(fromFunction((async () => 3) as never, { name: 'late' }));
    await expect(late.evaluate(x, y)).rejects.toThrow(
      "Metric 'late': expected its function to answer with a number, but got a promise.",
    );
    const broken = linear(
      fromFunction(() => {
        throw new RangeError('mine');
      }),
    );
    await expect(broken.fit(x, y, { verbose: 0 })).rejects.toThrow(RangeError);
    await expect(broken.predict(x)).resolves.toBeDefined();
  });
});
