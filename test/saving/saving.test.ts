import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as luge from '../../lib/index.js';
import { readHdf5, writeHdf5 } from '../../lib/saving/hdf5.js';
import { classifier, clusters, failure, weightsOf } from '../models/small_data.js';

const { layers } = luge;
const folder = mkdtempSync(join(tmpdir(), 'luge-saving-'));
const at = (name: string) => join(folder, name);
const { x, y } = clusters(20);
const quiet = { verbose: 0, shuffle: false, batchSize: 8 } as const;

beforeEach(() => luge.setSeed(7));
afterAll(() => rmSync(folder, { recursive: true }));

class Scale extends layers.Layer {
  static override className = 'Scale';
  readonly by: number;
  private factor!: luge.Variable;

  constructor({ by, ...options }: { by: number; name?: string }) {
    super(options);
    this.by = by;
  }

  override build(): void {
    this.factor = this.addWeight({ name: 'factor', shape: [], initializer: 'ones' });
  }

  override call(input: luge.Value): luge.Value {
    return luge.ops.multiply(luge.ops.multiply(input, this.by), this.factor);
  }

  override getConfig() {
    return { ...super.getConfig(), by: this.by };
  }
}

function withScale() {
  return luge.sequential([
    layers.dense({ units: 4, inputShape: [2], name: 'first' }),
    new Scale({ by: 3, name: 'scale' }),
  ]);
}

describe('a saved model', () => {
  it('has a point in numbers that Keras takes as floats alone', async () => {
    const metric = luge.metrics.fBetaScore({ beta: 2 });
    const model = classifier(3, { optimizer: luge.optimizers.sgd(), metrics: [metric] });
    await model.save(at('floats.h5'));
    const root = await readHdf5(readFileSync(at('floats.h5')), 'floats');
    const text = root.attributes.get('training_config') as string;
    expect(text).toContain('"beta":2.0');
    expect(text).toContain('"momentum":0.0');
  });

  it.each([
    ['sgd', luge.optimizers.sgd({ momentum: 0.9 })],
    ['sgd without memory', luge.optimizers.sgd()],
    ['adam', luge.optimizers.adam({ amsgrad: true })],
    ['rmsprop', luge.optimizers.rmsprop({ momentum: 0.5, centered: true })],
    ['adadelta', luge.optimizers.adadelta()],
    ['adagrad', luge.optimizers.adagrad()],
    ['averages', luge.optimizers.sgd({ momentum: 0.9, useEma: true })],
    ['accumulation', luge.optimizers.adam({ useEma: true, gradientAccumulationSteps: 4 })],
  ])('goes on training as if it had never been away: %s', async (_, optimizer) => {
    const model = classifier(3, { optimizer, metrics: ['accuracy', 'mse'] });
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    await model.fit(x, y, { ...quiet, epochs: 2 });
    await model.save(at('model.h5'));
    const loaded = await luge.loadModel(at('model.h5'));
    expect(weightsOf(loaded)).toEqual(weightsOf(model));
    expect(loaded.optimizer.getConfig()).toEqual(optimizer.getConfig());
    expect(loaded.optimizer.iterations).toBe(6);
    const went = await model.fit(x, y, { ...quiet, epochs: 2 });
    const resumed = await loaded.fit(x, y, { ...quiet, epochs: 2 });
    expect(resumed.history).toEqual(went.history);
    expect(weightsOf(loaded)).toEqual(weightsOf(model));
  });

  it('has the same connections, shared layers and inner models', async () => {
    const a = luge.input({ shape: [2], name: 'a' });
    const b = luge.input({ shape: [3], name: 'b' });
    const shared = layers.dense({ units: 3, activation: 'tanh', name: 'shared' });
    const inner = luge.sequential([layers.dense({ units: 3, inputShape: [3] })]);
    const one = shared.apply(inner.apply(b) as luge.SymbolicTensor) as luge.SymbolicTensor;
    const two = shared.apply(one) as luge.SymbolicTensor;
    const joined = layers.concatenate().apply([two, a, one]) as luge.SymbolicTensor;
    const outputs = [layers.dense({ units: 2 }).apply(joined) as luge.SymbolicTensor, one];
    const model = luge.model({ inputs: [a, b], outputs, name: 'two_ways' });
    await model.save(at('functional.h5'));
    const loaded = await luge.loadModel(at('functional.h5'));
    expect(loaded.toJSON()).toEqual(model.toJSON());
    const data = [
      luge.tensor(
        new Float32Array(8).map((_, i) => i),
        [4, 2],
      ),
    ];
    data.push(
      luge.tensor(
        new Float32Array(12).map((_, i) => Math.sin(i)),
        [4, 3],
      ),
    );
    const found = (await loaded.predict(data)) as luge.Tensor[];
    expect(found.map((t) => t.toArray())).toEqual(
      ((await model.predict(data)) as luge.Tensor[]).map((t) => t.toArray()),
    );
  });

  it('keeps frozen layers frozen, and names and data types', async () => {
    const model = luge.sequential([
      luge.input({ shape: [2], dtype: 'uint8', name: 'bytes' }),
      layers.rescaling({ scale: 1 / 255 }),
      layers.dense({ units: 2, name: 'frozen', trainable: false }),
      layers.batchNormalization(),
    ]);
    await model.save(at('frozen.h5'));
    const loaded = await luge.loadModel(at('frozen.h5'));
    expect(loaded.inputs[0]).toMatchObject({ dtype: 'uint8', name: 'bytes', shape: [null, 2] });
    expect(loaded.getLayer('frozen').trainable).toBe(false);
    expect(loaded.trainableWeights.map(({ name }) => name)).toEqual(
      model.trainableWeights.map(({ name }) => name),
    );
  });

  it('leaves compile options out when asked, or not to be had', async () => {
    const model = classifier();
    await model.save(at('bare.h5'), { includeOptimizer: false });
    expect((await failure(async () => (await luge.loadModel(at('bare.h5'))).optimizer)).code).toBe(
      'NOT_COMPILED',
    );
    await model.save(at('full.h5'));
    const loaded = await luge.loadModel(at('full.h5'), { compile: false });
    expect((await failure(() => loaded.optimizer)).code).toBe('NOT_COMPILED');
  });

  it('has the losses and metrics of several outputs', async () => {
    const a = luge.input({ shape: [2] });
    const end = (name: string) => layers.dense({ units: 1, name }).apply(a) as luge.SymbolicTensor;
    const model = luge.model({ inputs: a, outputs: [end('p'), end('q')] });
    const loss = { p: 'mse', q: luge.losses.binaryCrossentropy({ fromLogits: true }) };
    const metrics = { p: ['mae'], q: [luge.metrics.binaryAccuracy({ threshold: 0 })] };
    model.compile({ optimizer: 'sgd', loss, lossWeights: [1, 0.5], metrics });
    await model.save(at('ends.h5'));
    const loaded = await luge.loadModel(at('ends.h5'));
    const labels = luge.tensor(
      new Float32Array(20).map((_, i) => i % 2),
      [20, 1],
    );
    const wanted = await model.evaluate(x, [labels, labels]);
    expect(Object.keys(wanted)).toContain('q_binary_accuracy');
    expect(await loaded.evaluate(x, [labels, labels])).toEqual(wanted);
  });

  it('takes the place of an old file as a whole, and leaves nothing else behind', async () => {
    const model = classifier();
    writeFileSync(at('old.h5'), 'old');
    await model.save(at('old.h5'));
    expect(weightsOf(await luge.loadModel(at('old.h5')))).toEqual(weightsOf(model));
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const error = await failure(() => model.save(at('missing/model.h5')));
    expect(error.message).toContain('its folder does not exist');
  });

  it('may have many layers, whose names fill more than one attribute', async () => {
    const group = { attributes: new Map(), members: new Map() };
    const names = Array.from({ length: 5000 }, (_, i) => `layer_with_a_long_name_${i}`);
    group.attributes.set('layer_names', names);
    const { attributes } = await readHdf5(await writeHdf5(group), 'memory');
    expect([...attributes.keys()]).toEqual(['layer_names0', 'layer_names1']);
    expect([...attributes.values()].flat()).toEqual(names);
  });
});

describe('classes of one’s own', () => {
  it('are loaded when registered, and named with the remedy when not', async () => {
    const model = withScale();
    await model.save(at('own.h5'));
    const error = await failure(() => luge.loadModel(at('own.h5')));
    expect(error.code).toBe('UNKNOWN_NAME');
    expect(error.message).toContain("'Scale'");
    expect(error.message).toContain('luge.layers.register(Scale)');
    layers.register(Scale);
    const loaded = await luge.loadModel(at('own.h5'));
    expect((loaded.getLayer('scale') as Scale).by).toBe(3);
    expect(weightsOf(loaded)).toEqual(weightsOf(model));
  });

  it('as loss functions are named; the model loads without them', async () => {
    const cubic = (t: luge.Value, p: luge.Value) =>
      luge.ops.mean(luge.ops.abs(luge.ops.pow(luge.ops.subtract(t, p), 3)), -1);
    const model = withScale();
    model.compile({ optimizer: 'sgd', loss: cubic });
    await model.save(at('cubic.h5'));
    const error = await failure(() => luge.loadModel(at('cubic.h5')));
    expect(error.message).toMatch(/'cubic'.*compile: false/s);
    await luge.loadModel(at('cubic.h5'), { compile: false });
  });

  it('cannot be operations outside of layers', async () => {
    const a = luge.input({ shape: [2] });
    const model = luge.model({ inputs: a, outputs: luge.ops.multiply(a, 2) as never });
    const error = await failure(() => model.toJSON());
    expect(error.code).toBe('UNSUPPORTED');
    expect(error.message).toContain('layer of your own');
  });
});

describe('weights alone', () => {
  it.each([
    ['nadam', () => luge.optimizers.nadam({ useEma: true, gradientAccumulationSteps: 2 })],
    [
      'a schedule',
      () => luge.optimizers.sgd({ learningRate: (step) => 1 / (step + 9), momentum: 0.5 }),
    ],
  ])('in Keras 3’s layout bring the optimizer’s state along: %s', async (_, optimizer) => {
    const build = () => classifier(3, { optimizer: optimizer() });
    const [model, other] = [build(), build()];
    await model.fit(x, y, { ...quiet, epochs: 2 });
    await model.saveWeights(at('state.weights.h5'));
    await other.loadWeights(at('state.weights.h5'));
    expect(other.optimizer.iterations).toBe(6);
    const went = await model.fit(x, y, { ...quiet, epochs: 2 });
    expect((await other.fit(x, y, { ...quiet, epochs: 2 })).history).toEqual(went.history);
    expect(weightsOf(other)).toEqual(weightsOf(model));
  });

  it('in Keras 3’s layout are where Keras looks for those of wrapped layers', async () => {
    const wrapped = layers.bidirectional({ layer: layers.gru({ units: 2, inputShape: [3, 2] }) });
    const a = luge.input({ shape: [3, 2] });
    const model = luge.model({ inputs: a, outputs: wrapped.apply(a) as luge.SymbolicTensor });
    await model.saveWeights(at('both.weights.h5'));
    const root = await readHdf5(readFileSync(at('both.weights.h5')), 'both');
    const ways = root.members.get('layers') as typeof root;
    const { members } = ways.members.get('bidirectional') as typeof root;
    expect([...members.keys()].sort()).toEqual(['backward_layer', 'forward_layer', 'vars']);
  });

  it('in Keras 3’s layout warn when the optimizer is another, and fit or change nothing', async () => {
    await classifier(3, { optimizer: 'sgd' }).saveWeights(at('sgd.weights.h5'));
    const model = classifier();
    await model.fit(x, y, quiet);
    await model.saveWeights(at('adam.weights.h5'));
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const other = classifier(3, { optimizer: luge.optimizers.sgd({ momentum: 0.9 }) });
    await other.loadWeights(at('adam.weights.h5'));
    expect(warn.mock.calls[0]?.[0]).toMatch(/another optimizer than SGD/);
    warn.mockRestore();
    expect(weightsOf(other)).toEqual(weightsOf(model));
    const four = classifier(4);
    const before = weightsOf(four);
    const error = await failure(() => four.loadWeights(at('adam.weights.h5')));
    expect(error.message).toMatch(/\[16, 4\].*layers\/dense_1.*\[16, 3\]/s);
    expect(weightsOf(four)).toEqual(before);
  });

  it('go from model to model, whatever the names of the layers', async () => {
    const model = classifier();
    const other = classifier();
    await model.saveWeights(at('weights.h5'));
    await other.loadWeights(at('weights.h5'));
    expect(weightsOf(other)).toEqual(weightsOf(model));
    await model.save(at('whole.h5'));
    const third = classifier();
    await third.loadWeights(at('whole.h5'));
    expect(weightsOf(third)).toEqual(weightsOf(model));
  });

  it('that do not fit change nothing, and the error names the layer and shapes', async () => {
    await classifier(4).saveWeights(at('four.h5'));
    const model = classifier(3);
    const before = weightsOf(model);
    const error = await failure(() => model.loadWeights(at('four.h5')));
    expect(error.code).toBe('BAD_SHAPE');
    expect(error.message).toMatch(/dense_\d+.*\[16, 3\].*\[16, 4\]/s);
    expect(weightsOf(model)).toEqual(before);
    const short = luge.sequential([layers.dense({ units: 16, inputShape: [2] })]);
    expect((await failure(() => short.loadWeights(at('four.h5')))).message).toContain('2 layers');
  });
});

describe('JSON', () => {
  it('makes the same architecture from an object or a text', () => {
    const model = classifier();
    const text = JSON.stringify(model);
    for (const made of [luge.modelFromJSON(text), luge.modelFromJSON(model.toJSON())]) {
      expect(JSON.stringify(made)).toBe(text);
    }
  });

  it.each([
    ['{', 'not JSON'],
    ['[]', 'class_name'],
    ['{"class_name": "Dense", "config": {"units": 1}}', 'Expected the configuration of a model'],
    ['{"class_name": "Sequential", "config": {"name": "s"}}', 'no list of layers'],
    [
      '{"class_name": "Functional", "config": {"name": "f", "layers": [], "output_layers": [["a", 0, 0]]}}',
      'a/0/0',
    ],
  ])('that is no model is refused: %s', async (text, message) => {
    const error = await failure(() => luge.modelFromJSON(text));
    expect(error).toBeInstanceOf(luge.LugeError);
    expect(error.message).toContain(message);
  });
});

describe('a file that cannot be loaded', () => {
  const load = (name: string) => failure(() => luge.loadModel(at(name)));

  it('is missing, or of another format', async () => {
    expect((await load('nowhere.h5')).code).toBe('NOT_FOUND');
    expect((await load('model.txt')).code).toBe('UNSUPPORTED');
    expect((await load('model.weights.h5')).message).toContain("'.weights.h5'");
    writeFileSync(at('text.h5'), 'no model');
    expect(await load('text.h5')).toMatchObject({ code: 'BAD_DATA' });
  });

  it('is cut short: at every length an error, never a crash or half a model', async () => {
    await classifier().save(at('cut.h5'));
    const bytes = readFileSync(at('cut.h5'));
    for (const share of [0, 0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]) {
      writeFileSync(at('cut.h5'), bytes.subarray(0, Math.floor(bytes.length * share)));
      expect(await load('cut.h5'), `${share}`).toMatchObject({ code: 'BAD_DATA' });
    }
  });

  it('holds weights alone', async () => {
    await classifier().saveWeights(at('alone.h5'));
    expect((await load('alone.h5')).message).toContain('loadWeights');
  });

  it('is not loaded before the model has weights', async () => {
    const model = luge.sequential([layers.dense({ units: 2 })]);
    expect((await failure(() => model.save(at('unbuilt.h5')))).code).toBe('NOT_BUILT');
  });
});
