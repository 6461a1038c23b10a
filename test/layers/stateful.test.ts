import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { floats } from '../support/check_op.js';

const { layers } = luge;
type Make = (options: {
  units: number;
  stateful?: boolean;
  returnSequences?: boolean;
}) => luge.Layer;

const kinds: [string, Make][] = [
  ['lstm', layers.lstm],
  ['gru', layers.gru],
  ['simpleRNN', layers.simpleRNN],
];

function modelOf(make: Make, stateful: boolean, time: number | null) {
  const x = luge.input({ batchShape: [stateful ? 2 : null, time, 3] });
  const inner = luge.model({
    inputs: x,
    outputs: make({ units: 4, stateful, returnSequences: true }).apply<luge.SymbolicTensor>(x),
  });
  return inner;
}

describe.each(kinds)('stateful %s', (_, make) => {
  const x = floats([2, 6, 3]);
  const steps = (from: number, to: number) =>
    luge.ops.slice(x, [0, from, 0], [2, to - from, 3]) as luge.Tensor;

  it('goes on where the last batch ended, until its states are reset', async () => {
    const whole = modelOf(make, false, null);
    const parts = modelOf(make, true, 3);
    parts.setWeights(whole.getWeights());
    const expected = (await whole.predict(x)) as luge.Tensor;
    const predict = async (from: number) =>
      (await parts.predict(steps(from, from + 3), { batchSize: 2 })) as luge.Tensor;
    const half = (from: number) => luge.ops.slice(expected, [0, from, 0], [2, 3, 4]) as luge.Tensor;
    for (let round = 0; round < 2; round++) {
      expect((await predict(0)).toArray()).toEqual(half(0).toArray());
      const close = (await predict(3)).data;
      half(3).data.forEach((value, i) => {
        expect(close[i]).toBeCloseTo(value, 6);
      });
      parts.resetStates();
    }
    // The states are no weights.
    expect(parts.weights.length).toBe(whole.weights.length);
  });

  it('goes on through the steps of an epoch', async () => {
    const model = luge.sequential([
      make({ units: 4, stateful: true, ...{ batchInputShape: [2, 3, 3] } }),
    ]);
    const twice = luge.ops.concat([steps(0, 3), steps(0, 3)], 0) as luge.Tensor;
    const twin = luge.sequential([
      make({ units: 4, stateful: true, ...{ batchInputShape: [2, 3, 3] } }),
    ]);
    twin.setWeights(model.getWeights());
    const both = (await model.predict(twice, { batchSize: 2 })) as luge.Tensor;
    const one = (await twin.predict(steps(0, 3), { batchSize: 2 })) as luge.Tensor;
    const other = (await twin.predict(steps(0, 3), { batchSize: 2 })) as luge.Tensor;
    expect(both.rows(0, 2).toArray()).toEqual(one.toArray());
    expect(both.rows(2, 4).toArray()).toEqual(other.toArray());
    expect(one.toArray()).not.toEqual(other.toArray());

    model.compile({ optimizer: luge.optimizers.sgd({ learningRate: 0.01 }), loss: 'mse' });
    const options = { batchSize: 2, epochs: 2, shuffle: false, verbose: 0 } as const;
    const { history } = await model.fit(twice, floats([4, 4]), {
      ...options,
      callbacks: [{ onEpochBegin: () => model.resetStates() }],
    });
    expect(history.loss?.every(Number.isFinite)).toBe(true);
  });

  it('needs a batch of known size, and batches of that size', async () => {
    const layer = make({ units: 4, stateful: true });
    expect(() => layer.apply(luge.input({ shape: [3, 3] }))).toThrow(
      /the batch must be of known size: give batchInputShape, such as \[8, null, 3\]/,
    );
    const model = modelOf(make, true, 3);
    await expect(model.predict(floats([3, 3, 3]), { batchSize: 2 })).rejects.toThrow(
      /is stateful and was built for batches of 2, but got one of 1/,
    );
  });
});
