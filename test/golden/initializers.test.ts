import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { create, largest, readGolden } from './golden.js';

interface GoldenInitializer {
  title: string;
  initializer: string;
  shape: number[];
  options: object;
  deviation: number;
  limit: number | null;
}

/** The kernel that a layer with this initializer starts from, of the golden shape. */
function kernel({ shape, initializer, options }: GoldenInitializer, seed: number): luge.Tensor {
  const kernelInitializer = create(luge.initializers, initializer, { ...options, seed });
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  const layer =
    shape.length === 2
      ? luge.layers.dense({
          units: outputs,
          inputShape: [inputs],
          kernelInitializer,
          name: 'layer',
        })
      : luge.layers.conv2d({
          filters: outputs,
          kernelSize: shape.slice(0, 2) as [number, number],
          inputShape: [8, 8, inputs],
          kernelInitializer,
          name: 'layer',
        });
  return luge.sequential([layer]).getLayer('layer').getWeights()[0] as luge.Tensor;
}

describe('initializers against the formulas of Keras', () => {
  it.each(readGolden<GoldenInitializer[]>('initializers'))('$title', (golden) => {
    const weights = kernel(golden, 3);
    expect(weights.shape).toEqual(golden.shape);
    const values = Array.from(weights.data);
    const n = values.length;
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;

    // Five standard errors each: sqrt(1 / n) for the mean, sqrt(1 / 2n) for the deviation.
    expect(Math.abs(mean) / golden.deviation).toBeLessThan(5 * Math.sqrt(1 / n));
    const ratio = Math.sqrt(variance) / golden.deviation;
    expect(Math.abs(ratio - 1)).toBeLessThan(5 * Math.sqrt(1 / (2 * n)));
    if (golden.limit !== null) {
      expect(largest(weights.data)).toBeLessThanOrEqual(golden.limit * (1 + 2 ** -22));
      expect(largest(weights.data)).toBeGreaterThan(0.9 * golden.limit);
    }
    expect(kernel(golden, 3).data).toEqual(weights.data);
    expect(kernel(golden, 4).data).not.toEqual(weights.data);
  });
});
