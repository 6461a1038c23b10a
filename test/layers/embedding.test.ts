import { describe, expect, it } from 'vitest';
import { type Tensor, tensor } from '../../lib/core/tensor.js';
import { embedding, get } from '../../lib/layers/index.js';
import { sequential } from '../../lib/models/index.js';
import { sgd } from '../../lib/optimizers/index.js';
import { floats } from '../support/check_op.js';

const numbers = [
  [1, 3, 1],
  [0, 1, 4],
];

function build() {
  const layer = embedding({ inputDim: 5, outputDim: 2, inputShape: [3], dtype: 'int32' });
  const model = sequential([layer]);
  const weights = floats([5, 2]);
  layer.setWeights([weights]);
  return { layer, model, rows: weights.toArray() as number[][] };
}

describe('embedding', () => {
  it('gives a vector for each number', async () => {
    const { model, layer, rows } = build();
    expect((layer.output as { shape: unknown }).shape).toEqual([null, 3, 2]);
    const y = (await model.predict(tensor(numbers, undefined, 'int32'))) as Tensor;
    expect(y.toArray()).toEqual(numbers.map((row) => row.map((i) => rows[i])));
  });

  it('adds up the gradients of each number', async () => {
    const { model, layer, rows } = build();
    model.compile({ optimizer: sgd({ learningRate: 1 }), loss: 'meanSquaredError' });
    const target = floats([2, 3, 2], { seed: 5 });
    const wanted = target.toArray() as number[][][];
    const x = tensor(numbers, undefined, 'int32');
    await model.fit(x, target, { batchSize: 2, epochs: 1, verbose: 0 });
    // The mean of 12 squares; number 1 comes three times, number 2 never.
    const expected = rows.map((row) => [...row]);
    numbers.forEach((sample, b) => {
      sample.forEach((number, t) => {
        for (const c of [0, 1]) {
          const distance = (rows[number]?.[c] as number) - (wanted[b]?.[t]?.[c] as number);
          (expected[number] as number[])[c] = (expected[number]?.[c] as number) - distance / 6;
        }
      });
    });
    const found = layer.getWeights()[0]?.toArray() as number[][];
    // unit x 8 roundings x numbers below 2.
    for (const [i, row] of expected.entries()) {
      for (const c of [0, 1]) {
        const error = Math.abs((found[i]?.[c] as number) - (row[c] as number));
        expect(error).toBeLessThanOrEqual(2 ** -24 * 16);
      }
    }
    expect(found[2]).toEqual(rows[2]);
  });

  it('comes back from its configuration', () => {
    const { layer } = build();
    const config = JSON.parse(JSON.stringify(layer.getConfig()));
    expect(get({ class_name: 'Embedding', config }).getConfig()).toEqual(layer.getConfig());
  });

  it('refuses what is not there', () => {
    expect(() => embedding({ inputDim: 0, outputDim: 2 })).toThrow(
      /inputDim must be a whole number/,
    );
  });
});
