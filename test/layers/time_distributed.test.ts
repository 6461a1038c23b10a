import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import type { Real } from '../support/op_reference.js';
import { Real as Numbers } from '../support/op_reference.js';

const { layers } = luge;

describe('timeDistributed', () => {
  it('applies a layer to each step', () => {
    checkLayer({
      layer: layers.timeDistributed({ layer: layers.dense({ units: 2 }) }),
      inputs: [floats([2, 3, 4])],
      reference: ([x], [kernel, bias]) =>
        Numbers.make([2, 3, 2], ([b = 0, t = 0, j = 0]) => {
          let sum = (bias as Real).at([j]);
          for (let p = 0; p < 4; p++)
            sum += (x as Real).at([b, t, p]) * (kernel as Real).at([p, j]);
          return sum;
        }),
      length: 5,
      bad: [
        [[[null, 4]], /expected an input \[batch, time, ...\], of rank 3 or more/],
        [[[null, 3, 5]], /with 4 on axis -1/],
      ],
    });
  });

  it('gives what the layer gives for each step alone', async () => {
    const x = luge.input({ shape: [3, 5, 4, 2] });
    const inner = layers.conv2d({ filters: 3, kernelSize: 2 });
    const model = luge.model({
      inputs: x,
      outputs: layers.timeDistributed({ layer: inner }).apply<luge.SymbolicTensor>(x),
    });
    const single = luge.input({ shape: [5, 4, 2] });
    const alone = luge.model({
      inputs: single,
      outputs: inner.apply<luge.SymbolicTensor>(single),
    });
    const data = floats([2, 3, 5, 4, 2]);
    const steps = (await alone.predict(data.reshape([6, 5, 4, 2]))) as luge.Tensor;
    const found = (await model.predict(data)) as luge.Tensor;
    expect(found.shape).toEqual([2, 3, 4, 3, 3]);
    expect(found.toArray()).toEqual(steps.reshape([2, 3, 4, 3, 3]).toArray());
  });

  it('skips words inside of a sentence, and sentences without any', async () => {
    const words = luge.input({ shape: [2, 3], dtype: 'int32' });
    const embedded = layers
      .embedding({ inputDim: 9, outputDim: 4, maskZero: true })
      .apply<luge.SymbolicTensor>(words);
    const sentences = layers
      .timeDistributed({ layer: layers.lstm({ units: 3 }) })
      .apply<luge.SymbolicTensor>(embedded);
    const outputs = layers.gru({ units: 2 }).apply<luge.SymbolicTensor>(sentences);
    expect(sentences.maskShape).toEqual([null, 2]);
    const model = luge.model({ inputs: words, outputs });
    const predict = async (x: number[][][]) =>
      ((await model.predict(luge.tensor(x, [1, 2, 3], 'int32'))) as luge.Tensor).toArray();
    const padded = await predict([[[0, 4, 5], [0, 0, 0]]]); // biome-ignore format: sentences
    expect(await predict([[[0, 0, 0], [4, 0, 5]]])).toEqual(padded); // biome-ignore format: sentences
    expect(await predict([[[4, 5, 0], [7, 0, 0]]])).not.toEqual(padded); // biome-ignore format: sentences
  });

  it('takes a layer', () => {
    expect(() => layers.timeDistributed({ layer: 'dense' as never })).toThrow(
      /layer must be a layer, such as layers.dense\(\{ units: 10 \}\), but got "dense"/,
    );
    expect(() => layers.timeDistributed({} as never)).toThrow(/layer must be a layer/);
  });
});
