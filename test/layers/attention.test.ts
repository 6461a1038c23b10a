import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import * as luge from '../../lib/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

const { layers } = luge;
type Score = (query: readonly number[], key: readonly number[]) => number;

const row = (x: Real, b: number, t: number): number[] =>
  Array.from({ length: x.shape[2] as number }, (_, j) => x.at([b, t, j]));

/** Means of values by the softmax of scores, and these weights; -Infinity for what is not seen. */
function means(query: Real, value: Real, key: Real, score: Score, seen = allSeen) {
  const [batch = 0, time = 0] = query.shape;
  const [, source = 0, m = 0] = value.shape;
  const weights = Real.make([batch, time, source], ([b = 0, t = 0, s = 0]) => {
    const scores = Array.from({ length: source }, (_, i) =>
      seen(b, t, i) ? score(row(query, b, t), row(key, b, i)) : Number.NEGATIVE_INFINITY,
    );
    const total = scores.reduce((sum, x) => sum + Math.exp(x), 0);
    return Math.exp(scores[s] as number) / total;
  });
  return Real.make([batch, time, m], ([b = 0, t = 0, j = 0]) => {
    let sum = 0;
    for (let s = 0; s < source; s++) sum += weights.at([b, t, s]) * value.at([b, s, j]);
    return sum;
  });
}

const allSeen = (_b: number, _t: number, _s: number): boolean => true;
const dot: Score = (q, k) => q.reduce((sum, x, j) => sum + x * (k[j] as number), 0);
const length = 64;

describe('attention', () => {
  it('gives means of values by products of query and key', () => {
    checkLayer({
      layer: layers.attention(),
      inputs: [floats([2, 3, 4]), floats([2, 5, 2], { seed: 2 }), floats([2, 5, 4], { seed: 3 })],
      reference: ([q, v, k]) => means(q as Real, v as Real, k as Real, dot),
      length,
      magnitude: 16,
      bad: [
        [[[null, 3, 4]], /expected \[query, value\] or \[query, value, key\]/],
        [
          [
            [null, 3, 4],
            [null, 5, 3],
          ],
          /but got \[null, 3, 4\] and \[null, 5, 3\]/,
        ],
      ],
    });
  });

  it('scales scores, takes tanh of sums, and sees what masks let it', () => {
    const masks = [tensor([[1, 1, 0], [1, 1, 1]]), tensor([[1, 1, 1], [1, 0, 1]])]; // biome-ignore format: rows
    checkLayer({
      layer: layers.attention({ useScale: true, scoreMode: 'concat' }),
      inputs: [floats([2, 3, 2]), floats([2, 3, 2], { seed: 2 })],
      masks,
      reference: ([q, v], [scale, factor]) => {
        const score: Score = (query, key) =>
          (factor as Real).at([]) *
          query.reduce(
            (sum, x, j) => sum + Math.tanh((scale as Real).at([]) * (x + (key[j] as number))),
            0,
          );
        const [queries, values] = masks.map(Real.of) as [Real, Real];
        const seen = (b: number, _: number, s: number) => values.at([b, s]) !== 0;
        const all = means(q as Real, v as Real, v as Real, score, seen);
        return Real.make(all.shape, (at) => (queries.at(at.slice(0, 2)) === 0 ? 0 : all.at(at)));
      },
      length,
      magnitude: 4,
    });
    expect(() => layers.attention({ scoreMode: 'sum' as never })).toThrow(
      /Unknown scoreMode 'sum'/,
    );
  });

  it('gives its weights, of what is not ahead', async () => {
    const x = luge.input({ shape: [3, 2] });
    const outputs = layers.attention().apply<luge.SymbolicTensor, luge.SymbolicTensor[]>([x, x], {
      useCausalMask: true,
      returnAttentionScores: true,
    });
    const model = luge.model({ inputs: x, outputs });
    const [, weights] = (await model.predict(floats([1, 3, 2]))) as [luge.Tensor, luge.Tensor];
    const rows = weights.toArray() as number[][][];
    expect(rows[0]?.[0]).toEqual([1, 0, 0]);
    expect(rows[0]?.[1]?.[2]).toBe(0);
    expect(rows[0]?.[2]?.every((weight) => weight > 0)).toBe(true);
    const copy = luge.modelFromJSON(JSON.stringify(model.toJSON()));
    expect(await copy.predict(floats([1, 3, 2]))).toEqual(await model.predict(floats([1, 3, 2])));
  });
});

describe('additiveAttention', () => {
  it('gives means of values by tanh of sums of query and key', () => {
    checkLayer({
      layer: layers.additiveAttention(),
      inputs: [floats([2, 3, 4]), floats([2, 5, 4], { seed: 2 })],
      reference: ([q, v], [scale]) => {
        const score: Score = (query, key) =>
          query.reduce(
            (sum, x, j) => sum + (scale as Real).at([j]) * Math.tanh(x + (key[j] as number)),
            0,
          );
        return means(q as Real, v as Real, v as Real, score);
      },
      length,
      magnitude: 4,
    });
    const bare = layers.additiveAttention({ useScale: false });
    const [q, v] = [luge.input({ shape: [3, 2] }), luge.input({ shape: [4, 2] })];
    expect(bare.apply([q, v]).shape).toEqual([null, 3, 2]);
    expect(bare.weights).toEqual([]);
  });
});
