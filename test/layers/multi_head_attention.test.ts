import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import * as luge from '../../lib/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

const { layers } = luge;
type Seen = (b: number, t: number, s: number) => boolean;

/** x [batch, steps, n] times kernel [n, heads, size], plus bias, as [batch, heads, steps, size]. */
function projected(x: Real, kernel: Real, bias: Real | undefined): Real {
  const [batch = 0, steps = 0, n = 0] = x.shape;
  const [, heads = 0, size = 0] = kernel.shape;
  return Real.make([batch, heads, steps, size], ([b = 0, h = 0, t = 0, j = 0]) => {
    let sum = bias?.at([h, j]) ?? 0;
    for (let p = 0; p < n; p++) sum += x.at([b, t, p]) * kernel.at([p, h, j]);
    return sum;
  });
}

function reference(
  query: Real,
  value: Real,
  key: Real,
  weights: readonly Real[],
  seen: Seen,
): Real {
  const bias = (i: number) => (weights.length === 8 ? weights[2 * i + 1] : undefined);
  const kernels = weights.length === 8 ? weights.filter((_, i) => i % 2 === 0) : weights;
  const [qKernel, kKernel, vKernel, out] = kernels as [Real, Real, Real, Real];
  const q = projected(query, qKernel, bias(0));
  const k = projected(key, kKernel, bias(1));
  const v = projected(value, vKernel, bias(2));
  const [batch = 0, heads = 0, time = 0, keyDim = 0] = q.shape;
  const [, , source = 0, valueDim = 0] = v.shape;
  const mean = Real.make([batch, heads, time, valueDim], ([b = 0, h = 0, t = 0, j = 0]) => {
    const scores = Array.from({ length: source }, (_, s) => {
      let sum = 0;
      for (let p = 0; p < keyDim; p++) sum += q.at([b, h, t, p]) * k.at([b, h, s, p]);
      return seen(b, t, s) ? Math.exp(sum / Math.sqrt(keyDim)) : 0;
    });
    const total = scores.reduce((a, x) => a + x, 0);
    return scores.reduce((sum, x, s) => sum + (x / total) * v.at([b, h, s, j]), 0);
  });
  const size = out.shape[2] as number;
  return Real.make([batch, time, size], ([b = 0, t = 0, e = 0]) => {
    let sum = bias(3)?.at([e]) ?? 0;
    for (let h = 0; h < heads; h++) {
      for (let j = 0; j < valueDim; j++) sum += mean.at([b, h, t, j]) * out.at([h, j, e]);
    }
    return sum;
  });
}

const length = 96;

describe('multiHeadAttention', () => {
  it('gives means of values for each head', () => {
    checkLayer({
      layer: layers.multiHeadAttention({ numHeads: 2, keyDim: 3, valueDim: 2 }),
      inputs: [floats([2, 3, 4]), floats([2, 4, 2], { seed: 2 }), floats([2, 4, 3], { seed: 3 })],
      reference: ([q, v, k], weights) =>
        reference(q as Real, v as Real, k as Real, weights, () => true),
      length,
      magnitude: 16,
      bad: [
        [[[null, 3, 4]], /expected \[query, value\] or \[query, value, key\]/],
        [
          [
            [null, 3, 4],
            [null, 5, 2],
            [null, 4, 3],
          ],
          /but got \[null, 3, 4\] and \[null, 5, 2\] and \[null, 4, 3\]/,
        ],
      ],
    });
  });

  it('sees what masks and a window let it, without a bias', () => {
    const mask = tensor([[1, 1, 1, 0], [1, 0, 1, 1]]); // biome-ignore format: rows
    checkLayer({
      layer: layers.multiHeadAttention({
        numHeads: 2,
        keyDim: 2,
        useBias: false,
        outputShape: 3,
        slidingWindow: 3,
      }),
      inputs: [floats([2, 3, 3]), floats([2, 4, 3], { seed: 2 })],
      masks: [undefined, mask],
      reference: ([q, v], weights) =>
        reference(
          q as Real,
          v as Real,
          v as Real,
          weights,
          (b, t, s) => Real.of(mask).at([b, s]) !== 0 && Math.abs(t - s) < 3,
        ),
      length,
      magnitude: 16,
    });
  });

  it('has weights as in Keras, and announces its outputs', () => {
    const layer = layers.multiHeadAttention({ numHeads: 2, keyDim: 3, valueDim: 4, name: 'mha' });
    const [q, v] = [luge.input({ shape: [null, 5] }), luge.input({ shape: [7, 6] })];
    const options = { returnAttentionScores: true };
    const outputs = layer.apply<luge.SymbolicTensor, luge.SymbolicTensor[]>([q, v], options);
    expect(outputs.map(({ shape }) => shape)).toEqual([
      [null, null, 5],
      [null, 2, null, 7],
    ]);
    expect(layer.weights.map(({ name, shape }) => [name, shape])).toEqual([
      ['mha/query/kernel', [5, 2, 3]],
      ['mha/query/bias', [2, 3]],
      ['mha/key/kernel', [6, 2, 3]],
      ['mha/key/bias', [2, 3]],
      ['mha/value/kernel', [6, 2, 4]],
      ['mha/value/bias', [2, 4]],
      ['mha/attention_output/kernel', [2, 4, 5]],
      ['mha/attention_output/bias', [5]],
    ]);
  });

  it('takes a mask of pairs, also a constant one, and does not look ahead', async () => {
    const x = luge.input({ shape: [3, 4] });
    const layer = layers.multiHeadAttention({ numHeads: 1, keyDim: 2 });
    const lower = tensor([[1, 0, 0], [1, 1, 0], [1, 1, 1]]); // biome-ignore format: rows
    const outputs = [
      layer.apply<luge.SymbolicTensor>([x, x], { useCausalMask: true }),
      layer.apply<luge.SymbolicTensor>([x, x], { attentionMask: lower }),
    ];
    const model = luge.model({ inputs: x, outputs });
    const [causal, given] = (await model.predict(floats([2, 3, 4]))) as luge.Tensor[];
    expect(causal).toEqual(given);
    expect(() => model.toJSON()).toThrow(
      /applied with a constant tensor, which a file cannot hold/,
    );
    expect(() => layer.apply([x, x], { attentionMask: tensor([[1, 0]]) })).toThrow(
      /expected an attentionMask \[batch, time, source\] of shape \[null, 3, 3\], but got \[null, 2\]/,
    );
  });

  it('takes queries and values of several axes', async () => {
    const x = luge.input({ shape: [2, 3, 4] });
    const layer = layers.multiHeadAttention({ numHeads: 2, keyDim: 2 });
    const flat = luge.input({ shape: [6, 4] });
    const grid = luge.model({ inputs: x, outputs: layer.apply<luge.SymbolicTensor>([x, x]) });
    const line = luge.model({
      inputs: flat,
      outputs: layer.apply<luge.SymbolicTensor>([flat, flat]),
    });
    const data = floats([2, 2, 3, 4]);
    const found = (await grid.predict(data)) as luge.Tensor;
    expect(found.shape).toEqual([2, 2, 3, 4]);
    expect(found.data).toEqual(((await line.predict(data.reshape([2, 6, 4]))) as luge.Tensor).data);
  });

  it.each([1, -3])('looks along axis %s alone, as often as the other is long', (attentionAxes) => {
    const mask = tensor([[[1, 0], [1, 1], [0, 1], [1, 1]], [[1, 1], [0, 1], [1, 1], [1, 0]]]); // biome-ignore format: rows
    const along = (x: Real, c: number) =>
      Real.make([x.shape[0] ?? 0, x.shape[1] ?? 0, x.shape[3] ?? 0], ([b = 0, t = 0, f = 0]) =>
        x.at([b, t, c, f]),
      );
    checkLayer({
      layer: layers.multiHeadAttention({ numHeads: 2, keyDim: 3, attentionAxes }),
      inputs: [floats([2, 3, 2, 4]), floats([2, 4, 2, 3], { seed: 2 })],
      masks: [undefined, mask],
      reference: ([q, v], weights) => {
        const columns = [0, 1].map((c) => {
          const value = along(v as Real, c);
          const seen: Seen = (b, _, s) => Real.of(mask).at([b, s, c]) !== 0;
          return reference(along(q as Real, c), value, value, weights, seen);
        });
        return Real.make([2, 3, 2, 4], ([b = 0, t = 0, c = 0, f = 0]) =>
          (columns[c] as Real).at([b, t, f]),
        );
      },
      length,
      magnitude: 16,
      bad: [
        [
          [
            [null, 3, 2, 4],
            [null, 4, 5, 3],
          ],
          /of the same size on axes that means are not over, \[2\], but got \[null, 3, 2, 4\] and \[null, 4, 5, 3\]/,
        ],
      ],
    });
  });

  it('takes masks of pairs along some axes, and gives the scores of each', async () => {
    const x = luge.input({ shape: [2, 3, 4] });
    const layer = layers.multiHeadAttention({ numHeads: 2, keyDim: 2, attentionAxes: 2 });
    const apply = (options: object) =>
      layer.apply<luge.SymbolicTensor, luge.SymbolicTensor[]>([x, x], {
        returnAttentionScores: true,
        ...options,
      });
    const lower = tensor([[1, 0, 0], [1, 1, 0], [1, 1, 1]]); // biome-ignore format: rows
    const outputs = [{ useCausalMask: true }, { attentionMask: lower }].flatMap(apply);
    expect(outputs.map(({ shape }) => shape)).toEqual([
      [null, 2, 3, 4],
      [null, 2, 2, 3, 3],
      [null, 2, 3, 4],
      [null, 2, 2, 3, 3],
    ]);
    const found = (await luge
      .model({ inputs: x, outputs })
      .predict(floats([2, 2, 3, 4]))) as luge.Tensor[];
    expect(found.slice(2)).toEqual(found.slice(0, 2));
    expect((found[1] as luge.Tensor).data.slice(0, 3)).toEqual(Float32Array.of(1, 0, 0));
    expect(() => apply({ attentionMask: tensor([[1, 0]]) })).toThrow(
      /attentionMask \[batch, time, source\] of shape \[null, 2, 3, 3\], but got \[null, 2\]/,
    );
    const skipped = luge.input({ shape: [5] });
    expect(() => apply({ queryMask: skipped })).toThrow(
      /expected a mask of shape \[null, 2, 3\], or \[null, 3\] along the axes that means are over, but got \[null, 5\]/,
    );
  });

  it.each([[[0]], [[3]], [[1, 1]], [[]], [[7]], [[1.5]]])('refuses %j as axes', (attentionAxes) => {
    const x = luge.input({ shape: [2, 3, 4] });
    const layer = layers.multiHeadAttention({ numHeads: 2, keyDim: 2, attentionAxes });
    expect(() => layer.apply([x, x])).toThrow(
      /attentionAxes must be one or more of the axes between batch and features, \[1, 2\], each once/,
    );
  });

  it('drops weights of its means in training alone', async () => {
    const model = luge.sequential([new SelfAttention()]);
    model.compile({ optimizer: 'sgd', loss: 'mse', seed: 1 });
    const x = floats([4, 3, 4]);
    const first = await model.predict(x);
    expect(await model.predict(x)).toEqual(first);
    const { loss } = await model.testOnBatch(x, first as luge.Tensor);
    expect(loss).toBeCloseTo(0, 10);
    expect((await model.trainOnBatch(x, first as luge.Tensor)).loss).toBeGreaterThan(1e-4);
  });

  it('refuses options that make no sense', () => {
    const make = (options: object) => () => layers.multiHeadAttention(options as never);
    expect(make({ keyDim: 2 })).toThrow(/numHeads must be a whole number of at least 1/);
    expect(make({ numHeads: 2, keyDim: 2, dropout: 1 })).toThrow(
      /dropout must be a number in \[0, 1\)/,
    );
    expect(make({ numHeads: 2, keydim: 2 })).toThrow(/Did you mean 'keyDim'\?/);
  });
});

class SelfAttention extends luge.Layer {
  private readonly inner = layers.multiHeadAttention({ numHeads: 2, keyDim: 2, dropout: 0.5 });
  override call(x: luge.Value): luge.Value {
    return this.inner.apply([x, x]);
  }
}
