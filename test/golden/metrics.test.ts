import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { create, expectClose, readGolden, UNIT } from './golden.js';

interface GoldenMetric {
  title: string;
  metric: string;
  options: object;
  yTrue: number[] | number[][];
  yPred: number[] | number[][];
  integer: boolean;
  value: number[];
}

describe('metrics against Keras', () => {
  const golden = readGolden<GoldenMetric[]>('metrics');
  it.each(golden)('$title', async ({ metric, options, yTrue, yPred, integer, value }) => {
    const x = luge.tensor(yPred, undefined, 'float32');
    const y = luge.tensor(yTrue, undefined, integer ? 'int32' : 'float32');
    const measure: luge.metrics.Metric = create(luge.metrics, metric, {
      ...options,
      name: 'found',
    });
    const model = luge.sequential([
      luge.layers.activation({ activation: 'linear', inputShape: x.shape.slice(1) }),
    ]);
    const loss = (_: luge.Value, p: luge.Value) => (p.rank === 1 ? p : luge.ops.mean(p, -1));
    model.compile({ optimizer: 'sgd', loss, metrics: [measure] });
    const sizes = [2, 3, x.shape[0] as number];
    for (const batchSize of sizes) {
      const { loss: _, ...logs } = await model.evaluate(x, y, { batchSize, verbose: 0 });
      const found = Object.values(logs);
      expect(Object.keys(logs)).toEqual(
        value.length === 1 ? ['found'] : value.map((_, i) => `found_${i}`),
      );
      // Unit x terms x magnitude: sums of at most as many terms as there are numbers, and 8
      // operations for each. Counts are exact.
      const magnitude = Math.max(1, ...value.map(Math.abs), ...[yPred].flat(2).map(Math.abs));
      const tolerance = UNIT * (x.size + 8) * magnitude ** 2;
      expectClose(found, value, tolerance, `batches of ${batchSize}`);
    }
  });
});
