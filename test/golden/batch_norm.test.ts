import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import {
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

interface GoldenBatchNorm {
  title: string;
  shape: number[];
  options: object;
  length: number;
  weights: LayerArrays;
  x: Encoded;
  y: Encoded;
  inference: Encoded;
  loss: number;
  gradients: LayerArrays;
  statistics: Encoded[];
  afterTwoSteps: LayerArrays;
  outputAfterTwoSteps: Encoded;
}

const largestOf = (encoded: Encoded) => largest(decode(encoded));
const batch = { batchSize: 6, epochs: 1, shuffle: false, verbose: 0 } as const;

function build(golden: GoldenBatchNorm, learningRate: number) {
  const model = luge.sequential([
    luge.layers.dense({
      units: golden.shape.at(-1) as number,
      inputShape: golden.shape,
      name: 'dense',
    }),
    luge.layers.batchNormalization({ ...golden.options, name: 'norm' }),
  ]);
  setLayerWeights(model, golden.weights);
  model.compile({ optimizer: luge.optimizers.sgd({ learningRate }), loss: 'meanSquaredError' });
  return model;
}

describe.each(readGolden<GoldenBatchNorm[]>('batch_norm'))(
  'batch normalization of $title against Keras in float64',
  (golden) => {
    const x = toTensor(golden.x);
    const y = toTensor(golden.y);
    // unit x terms x magnitude: four sums over the batch and its positions, and the dense layer.
    const relative = UNIT * golden.length;

    it('uses the running statistics in inference', async () => {
      const output = (await build(golden, 1).predict(x)) as luge.Tensor;
      const expected = decode(golden.inference);
      expect(output.shape).toEqual(golden.inference.shape);
      expectClose(output.data, expected, relative * largest(expected), 'output');
    });

    it('has the same loss, gradients and running statistics after a step', async () => {
      const model = build(golden, 1);
      const { history } = await model.fit(x.rows(0, 6), y.rows(0, 6), batch);
      const allowed = relative * Math.max(1, golden.loss);
      expectClose([history.loss?.[0] as number], [golden.loss], allowed, 'loss');
      const firstStatistic = (golden.weights.norm as Encoded[]).length - 2;
      expectGradients(
        model,
        golden.weights,
        golden.gradients,
        // The layer's largest: a bias before batch norm has terms of that size that cancel to 0.
        (layer) => relative * Math.max(...(golden.gradients[layer] ?? []).map(largestOf)),
        (layer, index) => layer === 'norm' && index >= firstStatistic,
      );
      const statistics = model.getLayer('norm').getWeights().slice(firstStatistic);
      for (const [i, encoded] of golden.statistics.entries()) {
        const expected = decode(encoded);
        const tolerance = relative * largest(expected);
        expectClose(statistics[i]?.data ?? [], expected, tolerance, `statistic ${i}`);
      }
    });

    it('trains the same for two steps', async () => {
      const model = build(golden, 0.1);
      await model.fit(x, y, batch);
      eachWeight(model, golden.afterTwoSteps, (now, layer, index) => {
        const expected = decode(golden.afterTwoSteps[layer]?.[index] as Encoded);
        const gradient = decode(golden.gradients[layer]?.[index] as Encoded);
        const tolerance = relative * Math.max(largest(expected), largest(gradient));
        expectClose(now, expected, tolerance, `${layer}, weight ${index}`);
      });
      const output = (await model.predict(x)) as luge.Tensor;
      const expected = decode(golden.outputAfterTwoSteps);
      // Twice: the weights carry an error of that size into a pass that adds its own.
      expectClose(output.data, expected, 2 * relative * largest(expected), 'output');
    });
  },
);
