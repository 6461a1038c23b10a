import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { floats } from '../support/check_op.js';

// The effect that examples/saturation.ts shows on images, on random numbers.
const n = 400;
const x = floats([256, n], { low: 0, high: 1 });
// Which half of the numbers is larger: a straight line could tell.
const y = luge.tensor(
  Int32Array.from({ length: 256 }, (_, row) => {
    const { data } = x.rows(row, row + 1);
    const half = (from: number) =>
      Array.from(data.subarray(from, from + n / 2)).reduce((a, b) => a + b);
    return half(0) > half(n / 2) ? 1 : 0;
  }),
);

/** What becomes of a hidden layer of sigmoids whose weights start with that deviation. */
async function startFrom(stddev: number) {
  const kernelInitializer = luge.initializers.randomNormal({ stddev, seed: 1 });
  const numbers = luge.input({ shape: [n] });
  const hidden = luge.layers.dense({ units: 50, kernelInitializer });
  const z = hidden.apply(numbers);
  const sigmoids = luge.layers.activation({ activation: 'sigmoid' }).apply(z);
  const top = { units: 2, kernelInitializer: luge.initializers.glorotUniform({ seed: 2 }) };
  const outputs = luge.layers.dense({ ...top, activation: 'softmax' }).apply(sigmoids);
  const network = luge.model({ inputs: numbers, outputs });
  const loss = 'sparseCategoricalCrossentropy';

  const { data } = (await luge.model({ inputs: numbers, outputs: z }).predict(x)) as luge.Tensor;
  const [before] = hidden.getWeights() as [luge.Tensor];
  network.compile({ optimizer: luge.optimizers.sgd({ learningRate: 1 }), loss });
  await network.trainOnBatch(x, y);
  const [after] = hidden.getWeights() as [luge.Tensor];
  network.compile({ optimizer: luge.optimizers.sgd({ learningRate: 0.5 }), loss, seed: 1 });
  const { history } = await network.fit(x, y, { epochs: 10, verbose: 0 });
  const sizes = Array.from(data, Math.abs);
  const mean = (list: number[]) => list.reduce((sum, a) => sum + a, 0) / list.length;
  return {
    size: mean(sizes),
    saturated: mean(sizes.map((a) => (a > 5 ? 1 : 0))),
    gradient: mean(Array.from(before.data, (w, i) => Math.abs(w - (after.data[i] as number)))),
    loss: history.loss?.at(-1) as number,
  };
}

describe('sigmoids', () => {
  it('are saturated by weights from N(0, 1), and not by those from N(0, 1/n)', async () => {
    const [wide, narrow] = [await startFrom(1), await startFrom(1 / Math.sqrt(n))];
    // Of numbers in [0, 1) a third is the mean square: z has deviation sqrt(n / 3), or 0.58.
    expect(wide.size).toBeGreaterThan(0.5 * Math.sqrt(n / 3));
    expect(narrow.size).toBeLessThan(1);
    expect(wide.saturated).toBeGreaterThan(0.5);
    expect(narrow.saturated).toBe(0);
    expect(narrow.gradient).toBeGreaterThan(3 * wide.gradient);
    expect(narrow.loss).toBeLessThan(wide.loss);
  });
});
