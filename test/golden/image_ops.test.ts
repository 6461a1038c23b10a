import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import {
  create,
  decode,
  type Encoded,
  expectClose,
  expectGradients,
  type LayerArrays,
  largest,
  readGolden,
  setLayerWeights,
  toTensor,
  UNIT,
} from './golden.js';

interface GoldenImageOp {
  title: string;
  layer: string;
  options: object;
  shape: number[];
  /** Whether the layer takes a list, of the same input twice. */
  twice?: boolean;
  length: number;
  weights: LayerArrays;
  y: Encoded;
  output: Encoded;
  loss: number;
  gradients: LayerArrays;
}

/** The layer on top of a dense layer whose kernel is its input, and so trainable. */
function build(golden: GoldenImageOp) {
  const size = golden.shape.reduce((product, dim) => product * dim, 1);
  const one = luge.input({ shape: [1] });
  const source = luge.layers.dense({ units: size, useBias: false, name: 'source' }).apply(one);
  const image = luge.layers.reshape({ targetShape: golden.shape }).apply(source);
  const layer: luge.Layer = create(luge.layers, golden.layer, { ...golden.options, name: 'op' });
  const model = luge.model({
    inputs: one,
    outputs: layer.apply(golden.twice ? [image, image] : image),
  });
  setLayerWeights(model, golden.weights);
  model.compile({ optimizer: luge.optimizers.sgd({ learningRate: 1 }), loss: 'meanSquaredError' });
  return model;
}

describe('one image layer against Keras in float64', () => {
  const files = [
    ...['image_ops', 'depthwise_ops', 'layer_ops', 'sequence_ops', 'normalization_ops'],
    ...['weight_ops', 'volume_ops'],
  ];
  it.each(files.flatMap((file) => readGolden<GoldenImageOp[]>(file)))('$title', async (golden) => {
    const model = build(golden);
    const batchSize = golden.y.shape[0] as number;
    const x = luge.tensor(new Float32Array(batchSize).fill(1), [batchSize, 1]);
    const expected = decode(golden.output);
    // unit x terms x magnitude: the layer's window (or the positions that a weight's gradient adds
    // up) and 8 element-wise operations around it; the loss adds up every output.
    const relative = UNIT * (golden.length + 8);

    const output = (await model.predict(x)) as luge.Tensor;
    expect(output.shape).toEqual(golden.output.shape);
    expectClose(output.data, expected, relative * largest(expected), 'output');

    const fitOptions = { batchSize, epochs: 1, verbose: 0 } as const;
    const { history } = await model.fit(x, toTensor(golden.y), fitOptions);
    const lossTolerance = (relative + UNIT * expected.length) * Math.max(1, golden.loss);
    expectClose([history.loss?.[0] as number], [golden.loss], lossTolerance, 'loss');
    expectGradients(
      model,
      golden.weights,
      golden.gradients,
      (_l, _i, most) => relative * most,
      (name, i) => model.getLayer(name).weights[i]?.trainable === false,
    );
  });
});
