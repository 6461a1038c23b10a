import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { create, readGolden, UNIT } from './golden.js';

interface GoldenLoss {
  title: string;
  loss: string;
  options: object;
  yTrue: number[] | number[][];
  yPred: number[][];
  integer: boolean;
  value: number;
  float32: number;
}

describe('losses against Keras', () => {
  it.each(readGolden<GoldenLoss[]>('losses'))('$title', async (golden) => {
    const x = luge.tensor(golden.yPred);
    const y = luge.tensor(golden.yTrue, undefined, golden.integer ? 'int32' : 'float32');
    const width = x.shape[1] as number;
    const model = luge.sequential([
      luge.layers.activation({ activation: 'linear', inputShape: [width] }),
    ]);
    model.compile({ optimizer: 'sgd', loss: create(luge.losses, golden.loss, golden.options) });
    const results = await model.evaluate(x, y, { batchSize: x.shape[0], verbose: 0 });

    // Probabilities are clipped at 1e-7 from 0 and 1, and 1 - 1e-7 is another number in float32
    // than in float64: anything between Keras's two results is right. On top of that, unit x
    // terms x magnitude, with the terms of a row and of the mean and 8 operations for each.
    const magnitude = Math.max(1, golden.value, ...golden.yPred.flat().map(Math.abs));
    const tolerance = UNIT * (x.size + 8) * magnitude;
    const ends = [golden.value, golden.float32];
    expect(results.loss).toBeGreaterThanOrEqual(Math.min(...ends) - tolerance);
    expect(results.loss).toBeLessThanOrEqual(Math.max(...ends) + tolerance);
  });
});
