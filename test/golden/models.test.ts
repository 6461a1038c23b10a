import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import {
  create,
  decode,
  type Encoded,
  eachWeight,
  expectClose,
  expectGradients,
  type LayerArrays,
  largest,
  readGolden,
  setLayerWeights,
  toTensor,
  UNIT,
} from './golden.js';

interface GoldenModel {
  length: number;
  batchSize: number;
  x: Encoded;
  y: Encoded;
  weights: LayerArrays;
  output: Encoded;
  firstLoss: number;
  gradients: LayerArrays;
  gradientTolerance: Record<string, number[]>;
  optimizers: {
    title: string;
    name: string;
    options: object;
    meanLoss: number;
    weights: LayerArrays;
    tolerance: Record<string, number[]>;
  }[];
}

const { layers } = luge;

function cnn() {
  return luge.sequential([
    layers.conv2d({
      filters: 6,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      inputShape: [13, 10, 2],
      name: 'conv1',
    }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({
      filters: 5,
      kernelSize: [2, 3],
      strides: 2,
      activation: 'tanh',
      name: 'conv2',
    }),
    layers.averagePooling2d({ poolSize: 2, strides: 1 }),
    layers.flatten(),
    layers.dense({ units: 8, activation: 'relu', name: 'dense1' }),
    layers.dense({ units: 4, activation: 'softmax', name: 'dense2' }),
  ]);
}

function mlp() {
  return luge.sequential([
    layers.dense({ units: 9, activation: 'sigmoid', inputShape: [7], name: 'dense1' }),
    layers.batchNormalization({ name: 'norm' }),
    layers.dense({ units: 6, activation: 'relu', name: 'dense2' }),
    layers.dense({ units: 3, activation: 'softmax', name: 'dense3' }),
  ]);
}

const kinds = [
  { file: 'cnn', build: cnn, loss: 'categoricalCrossentropy', labels: 'float32' },
  { file: 'mlp', build: mlp, loss: 'sparseCategoricalCrossentropy', labels: 'int32' },
] as const;

describe.each(kinds)('$file against Keras in float64', ({ file, build, loss, labels }) => {
  const golden = readGolden<GoldenModel>(file);
  const x = toTensor(golden.x);
  const y = toTensor(golden.y, labels);
  const { batchSize } = golden;
  // A float32 result may be off by unit x (number of terms added up on its way) x magnitude.
  const relative = UNIT * golden.length;

  function prepare(optimizer: never) {
    const model = build();
    setLayerWeights(model, golden.weights);
    model.compile({ optimizer, loss });
    return model;
  }

  async function train(model: ReturnType<typeof prepare>, rows: number): Promise<number> {
    const options = { batchSize, epochs: 1, shuffle: false, verbose: 0 } as const;
    const history = await model.fit(x.rows(0, rows), y.rows(0, rows), options);
    return history.history.loss?.[0] as number;
  }

  it('predicts the same', async () => {
    const model = prepare(create(luge.optimizers, 'sgd', {}));
    const output = (await model.predict(x.rows(0, batchSize))) as luge.Tensor;
    const expected = decode(golden.output);
    expect(output.shape).toEqual(golden.output.shape);
    expectClose(output.data, expected, relative * largest(expected), 'output');
  });

  it('has the same loss and gradients', async () => {
    const model = prepare(create(luge.optimizers, 'sgd', { learningRate: 1 }));
    const found = await train(model, batchSize);
    expectClose([found], [golden.firstLoss], relative * Math.max(1, golden.firstLoss), 'loss');
    expectGradients(
      model,
      golden.weights,
      golden.gradients,
      (layer, index) => golden.gradientTolerance[layer]?.[index] as number,
      (layer, index) => layer === 'norm' && index >= 2, // statistics have no gradient
    );
  });

  it.each(golden.optimizers)('trains the same: $title', async (optimizer) => {
    const model = prepare(create(luge.optimizers, optimizer.name, optimizer.options));
    const meanLoss = await train(model, golden.x.shape[0] as number);
    // Each tolerance is what gradients with that relative error come to in the reference's own
    // optimizer; the loss adds, to first order, what such weights make of it.
    let lossTolerance = relative * Math.max(1, optimizer.meanLoss);
    eachWeight(model, optimizer.weights, (now, layer, index) => {
      const tolerance = optimizer.tolerance[layer]?.[index] as number;
      const expected = decode(optimizer.weights[layer]?.[index] as Encoded);
      expectClose(now, expected, tolerance, `${layer}, weight ${index}`);
      const gradient = decode(golden.gradients[layer]?.[index] as Encoded);
      lossTolerance += tolerance * gradient.reduce((sum, g) => sum + Math.abs(g), 0);
    });
    expectClose([meanLoss], [optimizer.meanLoss], lossTolerance, 'mean loss');
  });
});
