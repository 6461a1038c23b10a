import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { floats } from '../support/check_op.js';
import { failure } from './small_data.js';

function network() {
  luge.setSeed(3);
  return luge.sequential([
    luge.layers.flatten({ inputShape: [6, 6, 1] }),
    luge.layers.dense({ units: 4, activation: 'softmax' }),
  ]);
}

describe('predicting by polling', () => {
  const x = floats([10, 6, 6, 1]);
  const polling = { copies: 5, rotation: 30, translation: 0.2, seed: 4 } as const;
  const data = async (answer: Promise<luge.Tensor | luge.Tensor[]>) =>
    ((await answer) as luge.Tensor).data;

  it('is the mean over the images and their copies', async () => {
    const model = network();
    const still = { copies: 3, rotation: [0, 0] } as const;
    const plain = await data(model.predict(x));
    (await data(model.predict(x, { polling: still }))).forEach((value, i) => {
      expect(value).toBeCloseTo(plain[i] as number, 6);
    });
    // A copy that is turned by 180 degrees for sure.
    const turned = luge.ops.augment(x, { rotation: [180, 180] });
    const other = await data(model.predict(turned));
    const mean = await data(model.predict(x, { polling: { copies: 3, rotation: [180, 180] } }));
    mean.forEach((value, i) => {
      expect(value).toBeCloseTo(((plain[i] as number) + 3 * (other[i] as number)) / 4, 5);
    });
  });

  it('draws anew for each batch and copy, the same from the same seed', async () => {
    const model = network();
    const [same] = [
      luge.tensor(
        new Float32Array(360).map((_, i) => x.data[i % 36] as number),
        x.shape,
      ),
    ];
    const options = { batchSize: 2, polling };
    const first = await data(model.predict(same, options));
    expect(await data(model.predict(same, options))).toEqual(first);
    const rows = Array.from({ length: 10 }, (_, i) => String(first.subarray(4 * i, 4 * i + 4)));
    expect(new Set(rows).size).toBe(10);
    const other = await data(model.predict(same, { ...options, polling: { ...polling, seed: 5 } }));
    expect(other).not.toEqual(first);
    const sum = [...first].reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(10, 5);
  });

  it('gives classes, takes data sets, and leaves plain prediction as it was', async () => {
    const model = network();
    const plain = await data(model.predict(x));
    const means = await data(model.predict(x, { polling }));
    const classes = await data(model.predictClasses(x, { polling }));
    classes.forEach((label, i) => {
      const row = means.subarray(4 * i, 4 * i + 4);
      expect(row[label]).toBe(Math.max(...row));
    });
    const dataset = luge.data.fromArrays({ x });
    const options = { batchSize: 4, polling };
    const all = (await model.predict(dataset, options)) as luge.Tensor;
    expect(all.shape).toEqual([10, 4]);
    expect(all.data).not.toEqual(plain);
    expect(await data(model.predict(x))).toEqual(plain);
  });

  it.each([
    [{ copies: 0 }, /predict: polling: copies must be a whole number of at least 1/],
    [{ rotate: 5 }, /Unknown predict: polling option 'rotate'/],
  ])('refuses %o', async (wrong, message) => {
    const error = await failure(() => network().predict(x, { polling: wrong as never }));
    expect(error.message).toMatch(message);
  });

  it('refuses what is no image', async () => {
    const model = luge.sequential([luge.layers.dense({ units: 1, inputShape: [2] })]);
    const error = await failure(() => model.predict(floats([3, 2]), { polling }));
    expect(error.message).toMatch(/predict: polling distorts images .* but x is \[3, 2\]/);
  });
});
