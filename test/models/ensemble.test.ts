import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { classifier, clusters, failure } from './small_data.js';

const { layers } = luge;

/** A model whose softmax gives these probabilities to every sample. */
function always(...probabilities: number[]) {
  const model = luge.sequential([
    layers.dense({ units: probabilities.length, activation: 'softmax', inputShape: [2] }),
  ]);
  const kernel = luge.tensor(new Float32Array(2 * probabilities.length), [2, probabilities.length]);
  model.setWeights([kernel, luge.tensor(probabilities.map((p) => Math.log(p)))]);
  return model;
}

describe('an ensemble', () => {
  const { x, y } = clusters(60);

  it('answers with the mean, also of models with the same names', async () => {
    luge.setSeed(1);
    const members = [1, 2, 3].map(() => classifier());
    const copies = members.map((model) => {
      const copy = luge.modelFromJSON({ ...members[0]?.toJSON() } as never);
      copy.setWeights(model.getWeights());
      return copy;
    });
    expect(new Set(copies.map(({ name }) => name)).size).toBe(1);
    const together = luge.ensemble(copies);
    const each = await Promise.all(
      members.map(async (model) => (await model.predict(x)) as luge.Tensor),
    );
    const mean = (await together.predict(x)) as luge.Tensor;
    mean.data.forEach((value, i) => {
      const wanted = each.reduce((sum, { data }) => sum + (data[i] as number), 0) / 3;
      expect(Math.abs(value - wanted)).toBeLessThan(4 * 2 ** -23);
    });
    expect(together.countParams()).toBe(3 * (members[0] as luge.Model).countParams());
    expect(together.summary({ print: false })).toMatch(/Total params: 297/);
  });

  it('votes, by the mean or by the majority', async () => {
    const models = [always(0.9, 0.05, 0.05), always(0.3, 0.4, 0.3), always(0.3, 0.4, 0.3)];
    const together = luge.ensemble(models);
    const classes = async (vote?: 'average' | 'majority') =>
      ((await together.predictClasses(x, vote && { vote })) as luge.Tensor).data;
    expect(new Set(await classes())).toEqual(new Set([0]));
    expect(new Set(await classes('average'))).toEqual(new Set([0]));
    expect(new Set(await classes('majority'))).toEqual(new Set([1]));
    const tied = luge.ensemble([always(0.9, 0.05, 0.05), always(0.2, 0.7, 0.1)]);
    const found = (await tied.predictClasses(x, { vote: 'majority' })) as luge.Tensor;
    expect([found.dtype, found.shape]).toEqual(['int32', [60]]);
    expect(new Set(found.data)).toEqual(new Set([0]));
  });

  it('votes on outputs of size 1', async () => {
    const sure = (p: number) => {
      const model = luge.sequential([
        layers.dense({ units: 1, activation: 'sigmoid', inputShape: [2] }),
      ]);
      model.setWeights([luge.tensor([[0], [0]]), luge.tensor([Math.log(p / (1 - p))])]);
      return model;
    };
    const vote = async (...ps: number[]) => {
      const together = luge.ensemble(ps.map(sure));
      const answer = (await together.predictClasses(x, { vote: 'majority' })) as luge.Tensor;
      return answer.data[0];
    };
    expect(await vote(0.99, 0.4, 0.4)).toBe(0);
    expect(await vote(0.99, 0.4)).toBe(1);
    expect(await vote(0.01, 0.6)).toBe(0);
  });

  it('is measured with the loss and metrics of its first model, and is not worse', async () => {
    luge.setSeed(5);
    const models = [classifier(), classifier(), classifier()];
    const losses = [];
    for (const model of models) {
      await model.fit(x, y, { epochs: 3, verbose: 0 });
      losses.push((await model.evaluate(x, y)).loss as number);
    }
    const together = luge.ensemble(models);
    const { loss, accuracy } = await together.evaluate(luge.data.fromArrays({ x, y }).batch(20));
    // The loss is convex in the output.
    expect(loss).toBeLessThan(losses.reduce((sum, value) => sum + value, 0) / 3);
    expect(accuracy).toBeGreaterThan(0.5);
    // The optimizer is another one, so that training one does not change the other's.
    expect(together.optimizer).not.toBe(models[0]?.optimizer);
    expect(together.optimizer.getConfig()).toEqual(models[0]?.optimizer.getConfig());
    await models[0]?.fit(x, y, { epochs: 5, verbose: 0 });
    expect((await together.evaluate(x, y)).loss).not.toBe(loss);
  });

  it('takes several inputs and outputs', async () => {
    const make = () => {
      const [a, b] = [luge.input({ shape: [2], name: 'a' }), luge.input({ shape: [1], name: 'b' })];
      const both = layers.concatenate().apply([a, b]);
      const outputs = [1, 2].map((units) => layers.dense({ units }).apply(both));
      return luge.model({ inputs: [a, b], outputs: outputs as luge.SymbolicTensor[] });
    };
    const models = [make(), make()];
    const inputs = { a: x, b: luge.tensor(new Float32Array(60).fill(1), [60, 1]) };
    const [one, two] = (await luge.ensemble(models).predict(inputs)) as luge.Tensor[];
    expect([one?.shape, two?.shape]).toEqual([
      [60, 1],
      [60, 2],
    ]);
    const parts = await Promise.all(models.map((model) => model.predict(inputs)));
    const wanted = parts.map(
      (part) => ((part as luge.Tensor[])[1] as luge.Tensor).data[5] as number,
    );
    expect(two?.data[5]).toBeCloseTo(((wanted[0] as number) + (wanted[1] as number)) / 2, 5);
  });

  it('refuses what does not fit together', async () => {
    expect(() => luge.ensemble([])).toThrow(/a list of at least one model/);
    expect(() => luge.ensemble([classifier(3), classifier(4)])).toThrow(
      /models must have outputs of the same shapes, but .* \[null, 3\] and .* \[null, 4\]/,
    );
    expect(() => luge.ensemble([luge.sequential([layers.dense({ units: 1 })])])).toThrow(
      /not known yet/,
    );
    const together = luge.ensemble([always(0.5, 0.5)]);
    expect((await failure(() => together.evaluate(x, y))).code).toBe('NOT_COMPILED');
    expect((await failure(() => together.save())).message).toMatch(/saved model by model/);
    const error = await failure(() => together.predictClasses(x, { vote: 'mean' as never }));
    expect(error.message).toMatch(/vote/);
  });
});
