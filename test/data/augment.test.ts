import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { failure } from '../models/small_data.js';
import { floats, integers } from '../support/check_op.js';

const { data } = luge;
const options: luge.data.AugmentOptions = {
  ...{ rotation: 20, translation: 0.1, zoom: 0.1, elastic: { alpha: 8, sigma: 2 }, noise: 0.01 },
};

describe('data.augment', () => {
  const x = integers([600, 8, 8, 1], 0, 256, 'uint8');

  it('gives other copies of the same kind for each image and seed, whatever the threads', async () => {
    const threads = luge.threads();
    luge.setThreads(1);
    const first = await data.augment(x, { ...options, seed: 1 });
    luge.setThreads(3);
    const again = await data.augment(x, { ...options, seed: 1 });
    luge.setThreads(threads);
    expect(again).toEqual(first);
    expect([first.dtype, first.shape]).toEqual(['uint8', x.shape]);
    expect((await data.augment(x, { ...options, seed: 2 })).data).not.toEqual(first.data);
    const same = luge.tensor(
      new Float32Array(600 * 64).fill(0).map((_, i) => (i % 64) / 64),
      x.shape,
    );
    const copies = await data.augment(same, { rotation: 20, seed: 1 });
    const images = Array.from({ length: 600 }, (_, i) => String(copies.rows(i, i + 1).data));
    expect(new Set(images).size).toBe(600);
  });

  it('follows setSeed', async () => {
    const draw = async () => (await data.augment(x.rows(0, 3), options)).data;
    luge.setSeed(5);
    const first = await draw();
    expect(await draw()).not.toEqual(first);
    luge.setSeed(5);
    expect(await draw()).toEqual(first);
  });

  it('without options copies', async () => {
    const copy = await data.augment(x);
    expect(copy).toEqual(x);
    expect(copy.data.buffer).not.toBe(x.data.buffer);
  });

  it('refuses what is no batch of images', async () => {
    const error = await failure(() => data.augment(floats([28, 28]), options));
    expect(error.message).toMatch(
      /augment: images must be \[n, rows, columns, channels\].*\[28, 28\]/,
    );
    await expect(data.augment(x, { rotatoin: 5 } as never)).rejects.toThrow(
      /'rotatoin'.*'rotation'/,
    );
  });
});

describe('a data set of images', () => {
  const x = integers([20, 6, 6, 1], 0, 256, 'uint8');
  const y = Int32Array.from({ length: 20 }, (_, i) => i);
  const images = data.fromArrays({ x, y });
  const pixels = async (dataset: luge.data.Dataset<{ x: luge.Tensor }>) =>
    (await dataset.toArray()).map((one) => String(one.x.data));

  it('is augmented anew in each pass, the same from the same seed', async () => {
    const augmented = images.batch(8).augment({ ...options, seed: 3 });
    expect(augmented.size).toBe(3);
    const passes = [await pixels(augmented), await pixels(augmented)];
    expect(passes[1]).not.toEqual(passes[0]);
    const again = images.batch(8).augment({ ...options, seed: 3 });
    expect([await pixels(again), await pixels(again)]).toEqual(passes);
    const [first] = await augmented.toArray();
    expect([first?.x.dtype, first?.x.shape, first?.y.toArray()]).toEqual([
      ...['uint8', [8, 6, 6, 1], [0, 1, 2, 3, 4, 5, 6, 7]],
    ]);
  });

  it('may hold single samples, or batches that a generator gives', async () => {
    const flips = { horizontalFlip: true, seed: 1 };
    const samples = await images.augment(flips).toArray();
    expect(samples.map(({ x: { shape } }) => shape)).toEqual(Array(20).fill([6, 6, 1]));
    const generated = data.fromGenerator(() => [{ x, y }]).augment(flips);
    const [batch] = await generated.toArray();
    expect(batch?.x.shape).toEqual(x.shape);
    expect(samples.map((one) => String(one.x.data)).join()).toEqual(String(batch?.x.data));
  });

  it('trains a model, which answers to other things meanwhile', async () => {
    const model = luge.sequential([
      luge.layers.rescaling({ scale: 1 / 255, inputShape: [6, 6, 1] }),
      luge.layers.flatten(),
      luge.layers.dense({ units: 20, activation: 'softmax' }),
    ]);
    const optimizer = luge.optimizers.adam({ learningRate: 0.02 });
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const dataset = images
      .shuffle(20, 1)
      .batch(5)
      .augment({ translation: 0.1, seed: 1 })
      .prefetch(2);
    const training = model.fit(dataset, { epochs: 40, verbose: 0 });
    await model.predict(x);
    const { history } = await training;
    expect(history.loss?.at(-1)).toBeLessThan((history.loss?.[0] as number) / 3);
  });

  it('with an x that is no image is refused', async () => {
    const points = data.fromArrays({ x: floats([4, 2]) }).augment(options);
    await expect(points.toArray()).rejects.toThrow(/images must be \[n, rows, columns, channels\]/);
    const pairs = data.fromArrays({ x: [x, x] }).augment(options);
    await expect(pairs.toArray()).rejects.toThrow(/x must be one tensor of images/);
    expect(() => images.augment({ zoom: -2 })).toThrow(/zoom must be/);
  });
});
