import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import {
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

interface GoldenSequence {
  title: string;
  /** The model as Keras's `to_json` gives it. */
  config: luge.ModelJSON;
  learningRate: number;
  length: number;
  weights: LayerArrays;
  x: Encoded[];
  integers: boolean[];
  y: Encoded;
  outputs: Encoded[];
  losses: number[];
  afterThreeSteps: LayerArrays;
  steepest: Record<string, number[]>;
}

const cases = ['sequence_masks', 'simple_rnn', 'sequence_wrappers', 'attention'].flatMap((group) =>
  readGolden<GoldenSequence[]>(group).map((golden) => ({ ...golden, group })),
);

/** With its first output alone, to be trained. */
function trainedPart(whole: luge.Model): luge.Model {
  const [first] = whole.outputs as [luge.SymbolicTensor];
  return whole.outputs.length === 1 ? whole : luge.model({ inputs: whole.inputs, outputs: first });
}

describe('models of sequences against Keras in float64', () => {
  it.each(cases)('$group: $title', async (golden) => {
    const whole = luge.modelFromJSON(golden.config);
    setLayerWeights(whole, golden.weights);
    const x = golden.x.map((input, i) => toTensor(input, golden.integers[i] ? 'int32' : 'float32'));
    const data = x.length === 1 ? (x[0] as luge.Tensor) : x;
    // unit x terms x magnitude
    const relative = UNIT * golden.length;

    const outputs = [await whole.predict(data)].flat();
    expect(outputs.length).toBe(golden.outputs.length);
    for (const [i, { shape, data: found }] of outputs.entries()) {
      const expected = golden.outputs[i] as Encoded;
      expect(shape).toEqual(expected.shape);
      const tolerance = relative * Math.max(1, largest(decode(expected)));
      expectClose(found, decode(expected), tolerance, `output ${i}`);
    }

    const trained = trainedPart(whole);
    const { learningRate } = golden;
    trained.compile({ optimizer: luge.optimizers.sgd({ learningRate }), loss: 'meanSquaredError' });
    const y = toTensor(golden.y);
    for (const [step, expected] of golden.losses.entries()) {
      const loss = await trained.trainOnBatch(data, y);
      const tolerance = (step + 1) * (relative + UNIT * y.size) * Math.max(1, expected);
      expectClose([loss.loss as number], [expected], tolerance, `loss ${step}`);
    }
    eachWeight(whole, golden.afterThreeSteps, (now, layer, index) => {
      const expected = decode(golden.afterThreeSteps[layer]?.[index] as Encoded);
      // Each step's gradient may be off by that part of the largest seen, or of 1 in the loss.
      const steepest = Math.max(1, golden.steepest[layer]?.[index] as number);
      const tolerance = 3 * (learningRate * relative * steepest + 2 * UNIT * largest(expected));
      expectClose(now, expected, tolerance, `weight ${index} of ${layer}`);
    });
  });

  it.each(cases)(
    '$group: $title, written and read again',
    async ({ config, weights, ...golden }) => {
      const model = luge.modelFromJSON(config);
      setLayerWeights(model, weights);
      const copy = luge.modelFromJSON(JSON.stringify(model.toJSON()));
      copy.setWeights(model.getWeights());
      const x = golden.x.map((input, i) =>
        toTensor(input, golden.integers[i] ? 'int32' : 'float32'),
      );
      const data = x.length === 1 ? (x[0] as luge.Tensor) : x;
      expect(await copy.predict(data)).toEqual(await model.predict(data));
    },
  );
});
