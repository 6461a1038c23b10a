import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import {
  create,
  decode,
  type Encoded,
  eachWeight,
  expectClose,
  type LayerArrays,
  largest,
  readGolden,
  setLayerWeights,
  toTensor,
  UNIT,
} from './golden.js';

interface GoldenRecurrent {
  title: string;
  layer: string;
  options: object;
  learningRate: number;
  length: number;
  weights: LayerArrays;
  x: Encoded[];
  y: Encoded;
  outputs: Encoded[];
  losses: number[];
  afterThreeSteps: LayerArrays;
  steepest: number[];
}

function build(golden: GoldenRecurrent) {
  const layer: luge.Layer = create(luge.layers, golden.layer, { ...golden.options, name: 'op' });
  const inputs = golden.x.map(({ shape }) => luge.input({ shape: shape.slice(1) }));
  const applied = layer.apply<luge.SymbolicTensor, luge.SymbolicTensor | luge.SymbolicTensor[]>(
    inputs.length === 1 ? (inputs[0] as luge.SymbolicTensor) : inputs,
  );
  const outputs = [applied].flat();
  const [first] = outputs as [luge.SymbolicTensor];
  return {
    all: luge.model({ inputs, outputs }),
    trained: luge.model({ inputs, outputs: first }),
  };
}

describe('recurrent layers against Keras in float64', () => {
  it.each(readGolden<GoldenRecurrent[]>('recurrent'))('$title', async (golden) => {
    const { all, trained } = build(golden);
    setLayerWeights(all, golden.weights);
    const x = golden.x.map((input) => toTensor(input));
    const data = x.length === 1 ? (x[0] as luge.Tensor) : x;
    // unit x terms x magnitude; nothing on the way of the states is larger than 1.
    const relative = UNIT * golden.length;

    const outputs = [await all.predict(data)].flat();
    expect(outputs.length).toBe(golden.outputs.length);
    for (const [i, { shape, data: found }] of outputs.entries()) {
      const expected = golden.outputs[i] as Encoded;
      expect(shape).toEqual(expected.shape);
      const tolerance = relative * Math.max(1, largest(decode(expected)));
      expectClose(found, decode(expected), tolerance, `output ${i}`);
    }

    const { learningRate } = golden;
    trained.compile({ optimizer: luge.optimizers.sgd({ learningRate }), loss: 'meanSquaredError' });
    const y = toTensor(golden.y);
    for (const [step, expected] of golden.losses.entries()) {
      const { history } = await trained.fit(data, y, {
        batchSize: y.shape[0] as number,
        verbose: 0,
      });
      const tolerance = (step + 1) * (relative + UNIT * y.size) * Math.max(1, expected);
      expectClose([history.loss?.[0] as number], [expected], tolerance, `loss ${step}`);
    }
    eachWeight(trained, golden.afterThreeSteps, (now, layer, index) => {
      const expected = decode(golden.afterThreeSteps[layer]?.[index] as Encoded);
      // Each step's gradient may be off by that part of the largest seen, or of 1 in the loss.
      const steepest = Math.max(1, golden.steepest[index] as number);
      const tolerance = 3 * (learningRate * relative * steepest + 2 * UNIT * largest(expected));
      expectClose(now, expected, tolerance, `weight ${index}`);
    });
  });
});
