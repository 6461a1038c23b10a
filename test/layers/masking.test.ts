import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import * as luge from '../../lib/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

const { layers, ops } = luge;
type Symbolic = luge.SymbolicTensor;

/** Answers with the mask that its input carries. */
class ShowMask extends layers.Layer {
  override supportsMasking = true;
  override call(x: luge.Value): luge.Value {
    return x.mask ?? ops.multiply(x, 0);
  }
}

/** The mask that comes out of a layer for each of these inputs. */
async function maskBehind(
  draw: (...inputs: Symbolic[]) => Symbolic,
  ...data: luge.Tensor[]
): Promise<unknown> {
  const inputs = data.map(({ shape }) => luge.input({ shape: shape.slice(1) }));
  const outputs = new ShowMask().apply(draw(...inputs));
  return ((await luge.model({ inputs, outputs }).predict(data)) as luge.Tensor).toArray();
}

const sequences = tensor([
  [
    [1, 2],
    [0, 0],
    [0, 3],
  ],
  [
    [0, 0],
    [4, 5],
    [0, 0],
  ],
]);
const masked = [
  [1, 0, 1],
  [0, 1, 0],
];
const mask = tensor(masked);

describe('masking', () => {
  it('clears the steps that hold its value alone, and masks them', async () => {
    checkLayer({
      layer: layers.masking({ maskValue: 3 }),
      inputs: [floats([2, 3, 4])],
      reference: ([x]) => x as Real,
      length: 1,
      bad: [[[[null]], /expected an input \[batch, ..., features\], of rank 2 or more/]],
    });
    const model = luge.sequential([layers.masking({ maskValue: 4, inputShape: [null, 2] })]);
    const x = [[[4, 4], [4, 1], [5, 4], [4, 4]]]; // biome-ignore format: a row
    expect(await model.predict(x)).toEqual(tensor([[[0, 0], [4, 1], [5, 4], [0, 0]]])); // biome-ignore format: a row
    expect(() => layers.masking({ maskValue: Number.NaN })).toThrow(/maskValue must be a finite/);
  });

  it.each<[string, () => luge.Layer]>([
    ['masking', () => layers.masking()],
    ['dropout', () => layers.dropout({ rate: 0.5 })],
    ['dense', () => layers.dense({ units: 3 })],
    ['activation', () => layers.activation({ activation: 'relu' })],
    ['softmax', () => layers.softmax()],
    ['layer normalization', () => layers.layerNormalization()],
    ['unit normalization', () => layers.unitNormalization()],
    ['a sequence of outputs', () => layers.lstm({ units: 3, returnSequences: true })],
    ['a model', () => luge.sequential([layers.dense({ units: 2 }), layers.reLU()])],
  ])('goes through %s', async (_, make) => {
    const draw = (x: Symbolic) => make().apply<Symbolic>(layers.masking().apply<Symbolic>(x));
    expect(await maskBehind(draw, sequences)).toEqual(masked);
  });

  it('is that of any input of a sum, and of all in a row', async () => {
    const other = tensor([
      [
        [0, 0],
        [0, 0],
        [1, 0],
      ],
      [
        [0, 0],
        [1, 0],
        [0, 1],
      ],
    ]);
    const merge =
      (layer: luge.Layer) =>
      (...xs: Symbolic[]) =>
        layer.apply<Symbolic>(xs.map((x) => layers.masking().apply<Symbolic>(x)));
    expect(await maskBehind(merge(layers.add()), sequences, other)).toEqual([
      [1, 0, 1],
      [0, 1, 1],
    ]);
    expect(await maskBehind(merge(layers.concatenate({ axis: 1 })), sequences, other)).toEqual([
      [1, 0, 1, 0, 0, 1],
      [0, 1, 0, 0, 1, 1],
    ]);
    const half = (x: Symbolic, y: Symbolic) => [layers.masking().apply<Symbolic>(x), y];
    const concat = (...[x, y]: Symbolic[]) =>
      layers.concatenate().apply<Symbolic>(half(x as Symbolic, y as Symbolic));
    expect(await maskBehind(concat, sequences, other)).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
    const sum = (...[x, y]: Symbolic[]) =>
      layers.add().apply<Symbolic>(half(x as Symbolic, y as Symbolic));
    expect(await maskBehind(sum, sequences, other)).toEqual([
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
    ]);
  });

  it('comes from zeros in front of an embedding', async () => {
    const embed = (x: Symbolic) =>
      layers.embedding({ inputDim: 5, outputDim: 2, maskZero: true }).apply<Symbolic>(x);
    expect(await maskBehind(embed, tensor([[3, 0, 1, 0]]))).toEqual([[1, 0, 1, 0]]);
  });

  it('leaves masked steps out of a mean', () => {
    checkLayer({
      layer: layers.globalAveragePooling1d(),
      inputs: [floats([2, 3, 2])],
      masks: [mask],
      reference: ([x]) => {
        const counts = Real.of(mask);
        return Real.make([2, 2], ([b = 0, c = 0]) => {
          const steps = [0, 1, 2].filter((t) => counts.at([b, t]) !== 0);
          return steps.reduce((sum, t) => sum + (x as Real).at([b, t, c]), 0) / steps.length;
        });
      },
      length: 4,
    });
  });

  it('can be given to a layer that skips steps', async () => {
    const x = luge.input({ shape: [3, 2] });
    const given = luge.input({ shape: [3] });
    const lstm = layers.lstm({ units: 3 });
    const byHand = lstm.apply<Symbolic>(x, { mask: given });
    const byLayer = lstm.apply<Symbolic>(layers.masking().apply<Symbolic>(x));
    const model = luge.model({ inputs: [x, given], outputs: [byHand, byLayer] });
    const [one, other] = (await model.predict([sequences, mask])) as [luge.Tensor, luge.Tensor];
    expect(one).toEqual(other);
    expect(() => lstm.apply(x, { mask: x })).toThrow(
      /expected a mask \[batch, time\] of shape \[null, 3\], but got \[null, 3, 2\]/,
    );
    expect(() => lstm.apply(x, { masks: given } as never)).toThrow(
      "Unknown LSTM.apply option 'masks'. Did you mean 'mask'?",
    );
  });
});

describe('a mask that a layer does not understand', () => {
  let warn: ReturnType<typeof vi.spyOn>;
  beforeEach(() => {
    warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  });
  afterEach(() => {
    warn.mockRestore();
  });

  it('ends there, with a warning', async () => {
    const draw = (x: Symbolic) =>
      layers.conv1d({ filters: 2, kernelSize: 1 }).apply<Symbolic>(layers.masking().apply(x));
    expect(await maskBehind(draw, sequences)).not.toEqual(masked);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/\(Conv1D\) does not understand the mask of its input/),
      'LugeWarning',
    );
  });

  it('ends even where the layer hands its input through', async () => {
    const draw = (x: Symbolic) =>
      layers.lambda({ function: (y) => y }).apply<Symbolic>(layers.masking().apply(x));
    expect(await maskBehind(draw, sequences)).not.toEqual(masked);
    const composed = (x: Symbolic) => new Composed().apply<Symbolic>(layers.masking().apply(x));
    expect(await maskBehind(composed, sequences)).toEqual(masked);
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

/** Made of layers that pass masks on. */
class Composed extends layers.Layer {
  private readonly inner = layers.dropout({ rate: 0.5 });
  override call(x: luge.Value): luge.Value {
    return this.inner.apply(x);
  }
}

describe('a mask of predictions', () => {
  const model = () => {
    const made = luge.sequential([
      layers.masking({ inputShape: [3, 2] }),
      layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones' }),
    ]);
    made.compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mae'] });
    return made;
  };
  const y = tensor([[[4], [90], [1]], [[80], [9], [70]]]); // biome-ignore format: rows

  it('leaves masked steps out of loss and metrics', async () => {
    // Errors where it counts: 3 - 4, 3 - 1, 9 - 9.
    expect(await model().evaluate(sequences, y)).toEqual({
      loss: expect.closeTo(5 / 3, 5),
      mae: expect.closeTo(1, 5),
    });
  });

  it('counts beside weights of samples', async () => {
    const sampleWeight = [3, 1];
    const { loss } = await model().testOnBatch(sequences, y, { sampleWeight });
    expect(loss).toBeCloseTo((3 * 5) / 3, 5);
  });

  it('gives a loss of 0 when nothing counts', async () => {
    const nothing = tensor(new Float32Array(12), [2, 3, 2]);
    expect((await model().evaluate(nothing, y)).loss).toBe(0);
  });

  it('must fit the losses', async () => {
    const made = luge.sequential([layers.masking({ inputShape: [3, 2] }), new Summed()]);
    made.compile({ optimizer: 'sgd', loss: 'mse' });
    await expect(
      made.fit(
        sequences,
        tensor([
          [1, 1],
          [2, 2],
        ]),
        { verbose: 0 },
      ),
    ).rejects.toThrow(
      /Loss 'mean_squared_error': the predictions carry a mask of shape \[2, 3\], which does not fit/,
    );
  });
});

class Summed extends layers.Layer {
  override supportsMasking = true;
  override call(x: luge.Value): luge.Value {
    return ops.sum(x, 1);
  }
}
