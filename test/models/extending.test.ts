import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as luge from '../../lib/index.js';
import { classifier, clusters, weightsOf } from './small_data.js';

const { layers, ops } = luge;
const { x, y } = clusters(30);

beforeEach(() => luge.setSeed(7));
afterEach(() => vi.restoreAllMocks());

describe("a user's own", () => {
  it('loss and metric are functions written with ops', async () => {
    const model = luge.sequential([layers.dense({ units: 1, inputShape: [2] })]);
    function absoluteError(yTrue: luge.Value, yPred: luge.Value) {
      return ops.mean(ops.abs(ops.subtract(yTrue, yPred)), -1);
    }
    const labels = luge.tensor(
      Float32Array.from({ length: 30 }, (_, i) => i / 10),
      [30, 1],
    );
    model.compile({ optimizer: 'sgd', loss: absoluteError, metrics: [absoluteError, 'mae'] });
    const own = await model.evaluate(x, labels);
    model.compile({ optimizer: 'sgd', loss: 'mae' });
    const { loss } = await model.evaluate(x, labels);
    expect(own.loss).toBeCloseTo(loss as number, 6);
    expect(own.absoluteError).toBeCloseTo(loss as number, 6);
    expect(Object.values(own).at(-1)).toBeCloseTo(loss as number, 6);
  });

  it('layer is trained like any other', async () => {
    class Scale extends luge.Layer {
      static override className = 'Scale';
      private factor!: luge.Variable;

      override build(shape: luge.PartialShape) {
        const size = shape.at(-1) as number;
        this.factor = this.addWeight({ name: 'factor', shape: [size], initializer: 'ones' });
      }

      override call(input: luge.Value) {
        return ops.multiply(input, this.factor);
      }
    }
    const scale = new Scale();
    const model = luge.sequential([
      luge.input({ shape: [2] }),
      scale,
      layers.dense({ units: 3, activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    expect(weightsOf(model)[0]).not.toEqual([1, 1]);
    expect(scale.getWeights().length).toBe(1);
  });

  it('weights that the loss does not depend on stay', async () => {
    const a = luge.input({ shape: [2] });
    const used = layers.dense({ units: 1, name: 'used' }).apply(a);
    const idle = layers.dense({ units: 1, name: 'idle' }).apply(a);
    const outputs = ops.add(used, ops.multiply(ops.stopGradient(idle), 0));
    const model = luge.model({ inputs: a, outputs });
    model.compile({ optimizer: 'adam', loss: 'mse' });
    const [before, other] = ['idle', 'used'].map((name) => model.getLayer(name).getWeights());
    await model.fit(x, new Float32Array(30).fill(1), { verbose: 0 });
    expect(model.getLayer('idle').getWeights()).toEqual(before);
    expect(model.getLayer('used').getWeights()).not.toEqual(other);
  });
});

describe('data', () => {
  it('of bytes is scaled in the model', async () => {
    const bytes = luge.tensor(Uint8Array.from([0, 51, 255, 102]), [2, 2]);
    const model = luge.sequential([layers.rescaling({ scale: 1 / 255, inputShape: [2] })]);
    const found = (await model.predict(bytes)) as luge.Tensor;
    expect([...found.data].map((value) => value.toFixed(4))).toEqual([
      '0.0000',
      '0.2000',
      '1.0000',
      '0.4000',
    ]);
  });

  it('of other sizes than before makes other programs', async () => {
    const image = luge.input({ shape: [null, null, 1] });
    const outputs = layers.globalAveragePooling2d().apply(image);
    const model = luge.model({ inputs: image, outputs });
    for (const [rows, columns] of [
      [4, 4],
      [3, 7],
    ] as const) {
      const data = luge.tensor(new Float32Array(2 * rows * columns).fill(2), [2, rows, columns, 1]);
      expect(((await model.predict(data)) as luge.Tensor).toArray()).toEqual([[2], [2]]);
    }
  });

  it('is predicted in batches with a rest as in one', async () => {
    const model = classifier();
    const whole = (await model.predict(x, { batchSize: 30 })) as luge.Tensor;
    const parts = (await model.predict(x, { batchSize: 7 })) as luge.Tensor;
    expect(parts.shape).toEqual(whole.shape);
    parts.data.forEach((value, i) => {
      // Three products and a softmax, each value at most 1: some units in the last place.
      expect(Math.abs(value - (whole.data[i] as number))).toBeLessThan(32 * 2 ** -24);
    });
  });
});

describe('verbose', () => {
  async function written(options: luge.FitOptions): Promise<string> {
    let text = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      text += chunk;
      return true;
    });
    await classifier().fit(x, y, { batchSize: 8, epochs: 2, ...options });
    return text;
  }

  it('prints a line an epoch where there is no terminal', async () => {
    const line = (epoch: number) =>
      `Epoch ${epoch}/2 - 4/4 - \\S+ - \\S+/step - loss: [\\d.]+ - accuracy: [\\d.]+\\n`;
    const pattern = new RegExp(`^${line(1)}${line(2)}$`);
    expect(await written({})).toMatch(pattern);
    expect(await written({ verbose: 2 })).toMatch(pattern);
  });

  it('0 prints nothing', async () => {
    expect(await written({ verbose: 0 })).toBe('');
  });
});
