// Writes models, with what they predict now and after one more step, for Keras to load:
//   npx tsx --tsconfig tsconfig.build.json scripts/golden/write_models.ts DIR [NAME ...]
//   python scripts/golden/saved_models.py --check DIR
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as luge from '../../lib/index.js';

const folder = process.argv[2];
if (folder === undefined) throw new Error('write_models.ts DIR');
mkdirSync(folder, { recursive: true });
luge.setSeed(1);

const { layers, optimizers } = luge;
type Symbolic = luge.SymbolicTensor;

function random(shape: number[]): luge.Tensor {
  return luge.ops.randomNormal(shape) as luge.Tensor;
}

// What luge writes of all classes of which there is a configuration by Keras.
const { constraints, initializers, losses, metrics, regularizers, schedules } = luge;
const kinds = {
  layers,
  initializers,
  regularizers,
  constraints,
  losses,
  metrics,
  optimizers,
  schedules,
};
const golden = new URL('../../test/golden/configs.json', import.meta.url);
const configs = JSON.parse(readFileSync(golden, 'utf8'));
for (const [kind, { get }] of Object.entries(kinds)) {
  configs[kind] = configs[kind].map((entry: luge.ClassConfig) => ({
    class_name: entry.class_name,
    config: (get(entry as never) as { getConfig(): object }).getConfig(),
  }));
}
writeFileSync(join(folder, 'configs.json'), JSON.stringify(configs));

const encode = ({ shape, data }: luge.Tensor) => ({ shape, data: [...data] });

const wanted = process.argv.slice(3);

async function write(name: string, model: luge.Model, x: luge.Tensor[], y: luge.Tensor[]) {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  const options = { batchSize: 6, shuffle: false, verbose: 0 } as const;
  const predict = async () => [await model.predict(x)].flat().map(encode);
  await model.fit(x, y, { ...options, epochs: 3 });
  await model.save(join(folder as string, `${name}.h5`));
  await model.saveWeights(join(folder as string, `${name}.weights.h5`));
  const output = await predict();
  const { iterations } = model.optimizer;
  await model.fit(x, y, options);
  const results = {
    x: x.map(encode),
    y: y.map(encode),
    output,
    after: await predict(),
    iterations,
  };
  writeFileSync(join(folder as string, `${name}.json`), JSON.stringify(results));
}

function cnn(optimizer: luge.CompileOptions['optimizer']) {
  const model = luge.sequential([
    layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 7, 2] }),
    layers.batchNormalization(),
    layers.maxPooling2d(),
    layers.flatten(),
    luge.sequential([layers.dense({ units: 6, activation: 'tanh', inputShape: [24] })]),
    layers.dense({ units: 3, activation: 'softmax', kernelRegularizer: luge.regularizers.l2() }),
  ]);
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

function twoEnds() {
  const a = luge.input({ shape: [5], name: 'a' });
  const b = luge.input({ shape: [4, 3], name: 'b' });
  const shared = layers.dense({ units: 3, activation: 'sigmoid' });
  const start = layers.dense({ units: 3 }).apply(a) as Symbolic;
  const lstm = layers.lstm({ units: 3 }).apply([b, start, start]) as Symbolic;
  const gru = layers.gru({ units: 3 }).apply(b) as Symbolic;
  const joined = layers.concatenate().apply([shared.apply(lstm), shared.apply(gru)] as Symbolic[]);
  const first = layers.dense({ units: 2, name: 'first' }).apply(joined as Symbolic) as Symbolic;
  const second = layers.dense({ units: 1, name: 'second' }).apply(lstm) as Symbolic;
  const model = luge.model({ inputs: [a, b], outputs: [first, second] });
  model.compile({
    optimizer: optimizers.rmsprop({ momentum: 0.5, centered: true }),
    loss: { first: 'mse', second: luge.losses.meanAbsoluteError() },
    lossWeights: { first: 1, second: 0.5 },
    metrics: { first: ['mae'] },
  });
  return model;
}

function volumes() {
  const model = luge.sequential([
    layers.conv3d({
      filters: 4,
      kernelSize: 2,
      inputShape: [5, 6, 4, 2],
      kernelConstraint: constraints.maxNorm({ maxValue: 1, axis: [0, 1, 2, 3] }),
      activityRegularizer: regularizers.l1(0.01),
    }),
    layers.zeroPadding3d({ padding: [0, 1, [1, 0]] }),
    layers.maxPooling3d({ padding: 'same' }),
    layers.conv3dTranspose({ filters: 3, kernelSize: 3, strides: 2, biasConstraint: 'nonNeg' }),
    layers.batchNormalization({ gammaConstraint: constraints.minMaxNorm() }),
    layers.averagePooling3d({ poolSize: [1, 2, 2] }),
    layers.upSampling3d({ size: [2, 1, 1] }),
    layers.cropping3d({ cropping: [1, 1, [0, 1]] }),
    layers.globalMaxPooling3d(),
    layers.activityRegularization({ l2: 0.01 }),
    layers.dense({
      units: 3,
      activation: 'softmax',
      kernelInitializer: initializers.identity({ gain: 2 }),
      kernelRegularizer: regularizers.orthogonalRegularizer({ factor: 0.5, mode: 'columns' }),
    }),
  ]);
  // Adam would make much of the last digits of small gradients.
  const optimizer = optimizers.sgd({ learningRate: 0.05, momentum: 0.9 });
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
  return model;
}

/** Masks, recurrent layers both ways and from states, wrappers and attention. */
function sequences() {
  const words = luge.input({ shape: [5], name: 'words' });
  const steps = luge.input({ shape: [4, 3], name: 'steps' });
  const embedded = layers.embedding({ inputDim: 7, outputDim: 4, maskZero: true }).apply(words);
  const lstm = layers.lstm({ units: 3, returnSequences: true });
  const both = layers.bidirectional({ layer: lstm, mergeMode: 'sum' }).apply(embedded as Symbolic);
  const each = layers
    .timeDistributed({ layer: layers.dense({ units: 4, activation: 'tanh' }) })
    .apply(both as Symbolic) as Symbolic;
  const masked = layers.masking().apply(steps) as Symbolic;
  const heads = layers
    .multiHeadAttention({ numHeads: 2, keyDim: 3 })
    .apply([each, masked], { useCausalMask: true }) as Symbolic;
  const joined = layers.dense({ units: 4 }).apply(heads) as Symbolic;
  const seen = layers.additiveAttention().apply([joined, joined]) as Symbolic;
  // Not `attention`: reading HDF5, Keras 3.15 takes its score_mode 'dot' for a function and fails.
  const mean = layers.globalAveragePooling1d().apply(seen) as Symbolic;
  const first = layers.dense({ units: 2, name: 'first' }).apply(mean) as Symbolic;
  const state = layers.simpleRNN({ units: 4 }).apply(masked) as Symbolic;
  const last = layers.gru({ units: 4, goBackwards: true, kernelConstraint: 'maxNorm' });
  const joint = layers.concatenate().apply([last.apply(joined), state] as Symbolic[]) as Symbolic;
  const second = layers.dense({ units: 1, name: 'second' }).apply(joint) as Symbolic;
  const model = luge.model({ inputs: [words, steps], outputs: [first, second] });
  // Adam would make steps of nothing but rounding where gradients are 0, as by a key's bias.
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.05, momentum: 0.9 }), loss: 'mse' });
  return model;
}

/** Kinds of layers with weights that the other models lack. */
function weighted() {
  const image = luge.input({ shape: [9, 8, 4], name: 'image' });
  const signal = luge.input({ shape: [10, 4], name: 'signal' });
  const chain = (x: Symbolic, ...list: luge.Layer[]) =>
    list.reduce((y, layer) => layer.apply(y) as Symbolic, x);
  const first = chain(
    image,
    layers.separableConv2d({ filters: 6, kernelSize: 3, depthMultiplier: 2 }),
    layers.prelu({ sharedAxes: [1, 2] }),
    layers.layerNormalization(),
    layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same' }),
    layers.groupNormalization({ groups: 3 }),
    layers.conv2dTranspose({ filters: 3, kernelSize: 2, strides: 2, activation: 'tanh' }),
    layers.rmsNormalization(),
    layers.globalMaxPooling2d(),
    layers.dense({ units: 2, name: 'first' }),
  );
  const second = chain(
    signal,
    layers.conv1d({ filters: 4, kernelSize: 3, dilationRate: 2, padding: 'causal' }),
    layers.depthwiseConv1d({ kernelSize: 2 }),
    layers.separableConv1d({ filters: 4, kernelSize: 3, padding: 'same' }),
    layers.conv1dTranspose({ filters: 3, kernelSize: 2 }),
    layers.timeDistributed({ layer: layers.layerNormalization() }),
    layers.bidirectional({
      layer: layers.gru({ units: 3, returnSequences: true, resetAfter: false }),
    }),
    layers.bidirectional({
      layer: layers.simpleRNN({ units: 2, returnSequences: true }),
      mergeMode: 'sum',
    }),
    layers.flatten(),
    layers.dense({ units: 1, name: 'second' }),
  );
  const model = luge.model({ inputs: [image, signal], outputs: [first, second] });
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.05, momentum: 0.9 }), loss: 'mse' });
  return model;
}

const classes = [luge.tensor(Int32Array.from([0, 1, 2, 2, 1, 0]))];
const images = [random([6, 8, 7, 2])];
for (const [name, optimizer] of Object.entries({
  sgd: optimizers.sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true }),
  adagrad: optimizers.adagrad({ learningRate: 0.01 }),
  adadelta: optimizers.adadelta({ learningRate: 1 }),
  adam: optimizers.adam({ learningRate: 0.005 }),
  amsgrad: optimizers.adam({ learningRate: 0.005, amsgrad: true }),
  nadam: optimizers.nadam({ learningRate: 0.005 }),
})) {
  await write(name, cnn(optimizer), images, classes);
}
await write('volumes', volumes(), [random([6, 5, 6, 4, 2])], classes);
await write(
  'two_ends',
  twoEnds(),
  [random([6, 5]), random([6, 4, 3])],
  [random([6, 2]), random([6, 1])],
);
await write(
  'sequences',
  sequences(),
  [
    luge.tensor(
      Float32Array.from({ length: 30 }, (_, i) => (i % 5 === 0 ? 1 : (i * 11) % 7)),
      [6, 5],
    ),
    random([6, 4, 3]),
  ],
  [random([6, 2]), random([6, 1])],
);
await write(
  'weighted',
  weighted(),
  [random([6, 9, 8, 4]), random([6, 10, 4])],
  [random([6, 2]), random([6, 1])],
);
