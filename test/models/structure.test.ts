import { beforeEach, describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { classifier, clusters, failure, weightsOf } from './small_data.js';

const { layers } = luge;

beforeEach(() => luge.setSeed(7));

async function predicted(model: luge.Model, x: luge.ModelData): Promise<luge.Tensor> {
  return (await model.predict(x)) as luge.Tensor;
}

describe('a functional model', () => {
  function twoByTwo() {
    const left = luge.input({ shape: [2], name: 'left' });
    const right = luge.input({ shape: [3], name: 'right' });
    const joined = layers.concatenate().apply([left, right]);
    const hidden = layers.dense({ units: 6, activation: 'relu', name: 'hidden' }).apply(joined);
    const kind = layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(hidden);
    const size = layers.dense({ units: 1, name: 'size' }).apply(luge.ops.add(hidden, 1));
    return luge.model({ inputs: [left, right], outputs: [kind, size] });
  }
  const { x, y } = clusters(30);
  const right = luge.tensor(new Float32Array(90).fill(0.5), [30, 3]);
  const size = luge.tensor(Float32Array.from({ length: 30 }, (_, i) => i / 30));

  it('takes two inputs and gives two outputs, in lists or by name', async () => {
    const model = twoByTwo();
    model.compile({
      optimizer: 'adam',
      loss: { kind: 'sparseCategoricalCrossentropy', size: 'mse' },
      lossWeights: { kind: 1, size: 0.5 },
      metrics: { kind: ['accuracy'] },
    });
    const options = { epochs: 3, batchSize: 8, verbose: 0 } as const;
    const { history } = await model.fit({ left: x, right }, { kind: y, size }, options);
    expect(Object.keys(history)).toEqual(['loss', 'kind_loss', 'size_loss', 'kind_accuracy']);
    const [loss, kindLoss, sizeLoss] = Object.values(history).map((values) => values[0] as number);
    expect(loss).toBeCloseTo((kindLoss as number) + 0.5 * (sizeLoss as number), 5);
    expect(history.loss?.[2]).toBeLessThan(loss as number);
    const [classes, sizes] = (await model.predict([x, right])) as luge.Tensor[];
    expect(classes?.shape).toEqual([30, 3]);
    expect(sizes?.shape).toEqual([30, 1]);
    const logs = await model.evaluate([x, right], [y, size]);
    expect(Object.keys(logs)).toEqual(Object.keys(history));
  });

  it('of two outputs takes one loss for both, or a list', async () => {
    const model = twoByTwo();
    const labels = [luge.toCategorical(y), size];
    model.compile({ optimizer: 'sgd', loss: 'mse', metrics: [['accuracy'], ['mae']] });
    const both = await model.evaluate([x, right], labels);
    expect(Object.keys(both)).toContain('kind_accuracy');
    expect(Object.keys(both).at(-1)).toMatch(/^size_/);
    model.compile({ optimizer: 'sgd', loss: ['mse', 'mse'] });
    expect((await model.evaluate([x, right], labels)).loss).toBe(both.loss);
  });

  it('shares weights when a layer is applied twice', async () => {
    const [a, b] = [luge.input({ shape: [2] }), luge.input({ shape: [2] })];
    const shared = layers.dense({ units: 3, useBias: false });
    const difference = layers.subtract().apply([shared.apply(a), shared.apply(b)]);
    const model = luge.model({ inputs: [a, b], outputs: difference });
    expect(model.weights.length).toBe(1);
    const same = await predicted(model, [x, x]);
    expect([...same.data].every((value) => value === 0)).toBe(true);
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const labels = new Float32Array(90).fill(1);
    const before = weightsOf(model);
    await model.fit([x, luge.tensor(new Float32Array(60), [30, 2])], luge.tensor(labels, [30, 3]), {
      verbose: 0,
    });
    expect(weightsOf(model)).not.toEqual(before);
  });

  it('of inner tensors shares the layers of the other model', async () => {
    const whole = classifier();
    const features = luge.model({ inputs: whole.inputs, outputs: whole.getLayer(0).output });
    expect((await predicted(features, x)).shape).toEqual([30, 16]);
    const before = (await predicted(features, x)).data;
    await whole.fit(x, y, { epochs: 2, verbose: 0 });
    expect((await predicted(features, x)).data).not.toEqual(before);
    const head = luge.model({
      inputs: whole.getLayer(1).input as luge.SymbolicTensor,
      outputs: whole.output as luge.SymbolicTensor,
    });
    expect((await predicted(head, await predicted(features, x))).data).toEqual(
      (await predicted(whole, x)).data,
    );
  });

  it('says which input is missing or idle', () => {
    const [a, b] = [
      luge.input({ shape: [2], name: 'a' }),
      luge.input({ shape: [2], name: 'missing' }),
    ];
    const outputs = layers.add().apply([a, b]);
    expect(() => luge.model({ inputs: a, outputs })).toThrow(/depend on input 'missing'/);
    const idle = luge.input({ shape: [5], name: 'idle' });
    expect(() => luge.model({ inputs: [a, b, idle], outputs })).toThrow(
      /Input 'idle' .* does not lead/,
    );
    expect(() => luge.model({ inputs: [] as never, outputs })).toThrow(/must be a symbolic tensor/);
  });
});

describe('a model in a model', () => {
  const { x, y } = clusters(30);

  it('is a layer: built, trained and frozen with the outer one', async () => {
    const inner = luge.sequential([layers.dense({ units: 4, activation: 'relu' })]);
    const outer = luge.sequential([
      luge.input({ shape: [2] }),
      inner,
      layers.dense({ units: 3, activation: 'softmax' }),
    ]);
    expect(inner.built).toBe(true);
    expect(outer.countParams()).toBe(2 * 4 + 4 + 4 * 3 + 3);
    outer.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const before = weightsOf(inner);
    await outer.fit(x, y, { verbose: 0 });
    const after = weightsOf(inner);
    expect(after).not.toEqual(before);
    inner.trainable = false;
    await outer.fit(x, y, { verbose: 0 });
    expect(weightsOf(inner)).toEqual(after);
  });

  it('is applied to symbolic tensors', async () => {
    const inner = classifier();
    const a = luge.input({ shape: [2] });
    const outputs = inner.apply(luge.ops.multiply(a, 2));
    const model = luge.model({ inputs: a, outputs });
    const doubled = luge.tensor(x.data.map((value) => 2 * value) as Float32Array, x.shape);
    const expected = (await predicted(inner, doubled)).data;
    expect((await predicted(model, x)).data).toEqual(expected);
    expect(model.getLayer(1)).toBe(inner);
  });
});

describe('weights', () => {
  const { x, y } = clusters(40);

  it('go out and in', async () => {
    const [a, b] = [classifier(), classifier()];
    expect((await predicted(a, x)).data).not.toEqual((await predicted(b, x)).data);
    b.setWeights(a.getWeights());
    expect((await predicted(a, x)).data).toEqual((await predicted(b, x)).data);
    const dense = b.getLayer(-1);
    dense.setWeights(
      dense.getWeights().map(({ shape, size }) => luge.tensor(new Float32Array(size), shape)),
    );
    expect((await predicted(b, x)).toArray()).toEqual(
      Array.from({ length: 40 }, () => Array.from({ length: 3 }, () => Math.fround(1 / 3))),
    );
    const before = weightsOf(a);
    const error = await failure(() => a.setWeights(a.getWeights().reverse()));
    expect(error.code).toBe('BAD_SHAPE');
    expect(error.message).toMatch(
      /weight 0 .* is float32 \[2, 16\], but the value given is float32 \[3\]/,
    );
    expect(weightsOf(a)).toEqual(before);
  });

  it('of frozen layers stay; those thawed are trained again', async () => {
    const model = classifier(3, { optimizer: luge.optimizers.adam() });
    const [first, second] = model.layers as [luge.Layer, luge.Layer];
    await model.fit(x, y, { verbose: 0 });
    first.trainable = false;
    const frozen = first.getWeights();
    const before = second.getWeights();
    await model.fit(x, y, { verbose: 0 });
    expect(first.getWeights()).toEqual(frozen);
    expect(second.getWeights()).not.toEqual(before);
    expect(model.trainableWeights.length).toBe(2);
    first.trainable = true;
    await model.fit(x, y, { verbose: 0 });
    expect(first.getWeights()).not.toEqual(frozen);
  });

  it('in the middle can be frozen, with the optimizer keeping its memory of the others', async () => {
    const build = () => {
      const model = luge.sequential([
        layers.dense({ units: 5, activation: 'tanh', inputShape: [2] }),
        layers.dense({ units: 5, activation: 'tanh' }),
        layers.dense({ units: 3, activation: 'softmax' }),
      ]);
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
      return model;
    };
    const options = { batchSize: 40, shuffle: false, verbose: 0 } as const;
    const [a, b] = [build(), build()];
    b.setWeights(a.getWeights());
    // First frozen then thawed, with nothing to learn meanwhile, is as never frozen.
    (b.getLayer(1) as luge.Layer).trainable = false;
    b.optimizer.learningRate = 0;
    b.trainable = true;
    b.getLayer(1).trainable = false;
    await b.fit(x, y, options);
    b.getLayer(1).trainable = true;
    await b.fit(x, y, options);
    b.optimizer.learningRate = a.optimizer.learningRate;
    expect(weightsOf(b)).toEqual(weightsOf(a));
    const before = weightsOf(b);
    await b.fit(x, y, options);
    const changed = weightsOf(b).map((weight, i) => `${weight}` !== `${before[i]}`);
    expect(changed).toEqual(changed.map(() => true));
  });

  it('keep the optimizer going when compile is given the same one', async () => {
    const model = classifier();
    await model.fit(x, y, { verbose: 0 });
    const { optimizer } = model;
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
    await model.fit(x, y, { verbose: 0 });
    expect(optimizer.iterations).toBe(4);
  });
});

describe('sequential', () => {
  it('is built step by step', () => {
    const model = luge.sequential();
    model.add(luge.input({ shape: [8, 8, 1] }));
    model.add(layers.conv2d({ filters: 2, kernelSize: 3 }));
    model.add(layers.flatten());
    expect(model.outputs[0]?.shape).toEqual([null, 72]);
    const before = model.layers.length;
    expect(() => model.add(layers.conv2d({ filters: 2, kernelSize: 3, name: 'late' }))).toThrow(
      /Layer 'late' \(Conv2D\): expected/,
    );
    expect(model.layers.length).toBe(before);
    model.add(layers.dense({ units: 4 }));
    expect(model.countParams()).toBe(2 * 9 + 2 + 72 * 4 + 4);
  });

  it('can be extended after training', async () => {
    const { x, y } = clusters(20);
    const model = classifier();
    await model.fit(x, y, { verbose: 0 });
    model.add(layers.dense({ units: 5, activation: 'softmax' }));
    await model.fit(x, y, { verbose: 0 });
    expect((await predicted(model, x)).shape).toEqual([20, 5]);
  });

  it('refuses what does not belong', () => {
    const model = luge.sequential([layers.dense({ units: 2, name: 'one' })]);
    expect(() => model.add(layers.dense({ units: 2, name: 'one' }))).toThrow(
      /two layers are named 'one'/,
    );
    expect(() => model.add(luge.input({ shape: [3] }))).toThrow(/in front of all layers/);
    expect(() => model.add(7 as never)).toThrow(/add takes a layer, .* but got number 7/);
    expect(() => model.countParams()).toThrow(/has no weights yet/);
    expect(() => model.outputs).toThrow(/shape of its input is not known yet/);
    expect(() => luge.sequential().outputs).toThrow(/has no layers yet/);
    expect(() => model.getLayer('onee')).toThrow(/Did you mean 'one'/);
    expect(() => model.getLayer(3)).toThrow(/it has 1 layers, but layer 3/);
  });
});

describe('summary', () => {
  it('tells layers, shapes, parameters and the memory of a step', () => {
    const model = luge.sequential([
      layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] }),
      layers.conv2d({ filters: 20, kernelSize: 5, activation: 'relu', name: 'conv' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 100, activation: 'relu' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adadelta', loss: 'sparseCategoricalCrossentropy' });
    model.getLayer('conv').trainable = false;
    const text = model.summary({ print: false });
    expect(text).toMatch(/conv \(Conv2D\) +\[null, 24, 24, 20\] +520\n/);
    expect(text).toMatch(/Total params: 289,630 \(1\.2 MB\)/);
    expect(text).toMatch(/Trainable params: 289,110/);
    expect(text).toMatch(/Non-trainable params: 520/);
    expect(text).toMatch(/A training step of 32 samples takes [\d.]+ MB: [\d.]+ [kM]B temporary/);
    const bytes = (batchSize: number) => {
      const summary = model.summary({ print: false, batchSize });
      const [, size, unit] = /([\d.]+) ([kM])B temporary/.exec(summary) ?? [];
      return Number(size) * (unit === 'M' ? 1000 : 1);
    };
    expect(bytes(256)).toBeGreaterThan(4 * bytes(32));
    expect(model.printProgram({ batchSize: 4 })).toMatch(/conv2d_max_pool2d\(/);
  });

  it('tells what it can of a model that is not built or compiled', () => {
    const model = luge.sequential([layers.dense({ units: 3, name: 'only' })]);
    expect(model.summary({ print: false })).toMatch(/only \(Dense\) +\? +\?/);
    expect(classifier().printProgram({ mode: 'predict' })).toMatch(/instructions/);
  });
});
