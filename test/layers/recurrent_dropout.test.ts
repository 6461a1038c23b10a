import { describe, expect, it } from 'vitest';
import { Graph } from '../../lib/graph/ir.js';
import * as luge from '../../lib/index.js';
import { Program } from '../../lib/runtime/program.js';

const { layers } = luge;
const [batch, time, n, units] = [64, 3, 20, 5];

/** What a layer that adds up its inputs gives for ones, in training. */
function sums(options: object): Float32Array[] {
  const layer = layers.simpleRNN({
    units,
    activation: 'linear',
    useBias: false,
    kernelInitializer: 'ones',
    recurrentInitializer: 'zeros',
    returnSequences: true,
    ...options,
  });
  return [true, false].map((training) => {
    const graph = new Graph();
    const x = graph.feed({ shape: [batch, time, n], dtype: 'float32' });
    graph.result(layer.invoke([x], { training })[0] as luge.Value);
    const result = new Float32Array(batch * time * units);
    const feeds = [new Float32Array(batch * time * n).fill(1)];
    new Program(graph).runSync({ steps: 1, feeds, results: [result], seed: 3 });
    return result;
  });
}

describe('dropout of recurrent layers', () => {
  it('drops features of the input, the same at every step, in training only', () => {
    const [trained, not] = sums({ dropout: 0.5 }) as [Float32Array, Float32Array];
    expect(new Set(not)).toEqual(new Set([n]));
    let total = 0;
    for (let b = 0; b < batch; b++) {
      const rows = Array.from({ length: time }, (_, t) =>
        trained.slice((b * time + t) * units, (b * time + t + 1) * units),
      );
      expect(new Set(rows.flatMap((row) => [...row])).size).toBe(1);
      total += rows[0]?.[0] as number;
    }
    // Kept features count twice: the mean of 64 sums of 20 stays at 20, within five deviations.
    expect(Math.abs(total / batch - n)).toBeLessThan((5 * Math.sqrt(n)) / Math.sqrt(batch));
  });

  it.each([
    ['lstm', 4],
    ['gru', 3],
  ] as const)('drops the state of %s on its way to each gate', async (kind, gates) => {
    const layer = layers[kind]({ units, recurrentDropout: 0.5, dropout: 0.25, seed: 7 });
    const graph = new Graph();
    const x = graph.feed({ shape: [batch, time, n], dtype: 'float32' });
    layer.invoke([x], { training: true });
    const drops = graph.nodes.filter(({ op }) => op.name === 'dropout');
    // A mask for each gate and what meets it, none of them the same.
    expect(drops.length).toBe(2 * gates);
    expect(new Set(drops.map(({ attrs }) => attrs.stream)).size).toBe(2 * gates);
    const still = new Graph();
    layer.invoke([still.feed({ shape: [batch, time, n], dtype: 'float32' })], { training: false });
    expect(still.nodes.some(({ op }) => op.name === 'dropout')).toBe(false);
  });

  it('learns with dropout on input and state', async () => {
    const model = luge.sequential([
      layers.gru({ units: 8, dropout: 0.1, recurrentDropout: 0.1, inputShape: [6, 2] }),
      layers.dense({ units: 1 }),
    ]);
    model.compile({
      optimizer: luge.optimizers.adam({ learningRate: 0.02 }),
      loss: 'mse',
      seed: 1,
    });
    const x = luge.ops.randomNormal([64, 6, 2], { seed: 5 });
    const y = luge.ops.mean(x, [1, 2], true).reshape([64, 1]) as luge.Tensor;
    const { history } = await model.fit(x, y, { epochs: 12, verbose: 0 });
    expect(history.loss?.at(-1)).toBeLessThan((history.loss?.[0] as number) / 2);
  });
});
