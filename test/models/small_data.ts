import * as luge from '../../lib/index.js';

/** A generator of numbers in [-1, 1), the same each time. */
export function numbers(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 16807) % 2147483647;
    return (state / 2147483647) * 2 - 1;
  };
}

/** Points of the plane in `classes` clusters around a circle: x [n, 2], y int32 [n]. */
export function clusters(count: number, classes = 3): { x: luge.Tensor; y: luge.Tensor } {
  const next = numbers(count);
  const x = new Float32Array(count * 2);
  const y = Int32Array.from({ length: count }, (_, i) => i % classes);
  y.forEach((label, i) => {
    const angle = (2 * Math.PI * label) / classes;
    x[2 * i] = Math.cos(angle) + 0.3 * next();
    x[2 * i + 1] = Math.sin(angle) + 0.3 * next();
  });
  return { x: luge.tensor(x, [count, 2]), y: luge.tensor(y) };
}

/** A classifier of such points, compiled. */
export function classifier(classes = 3, options: Partial<luge.CompileOptions> = {}) {
  const model = luge.sequential([
    luge.layers.dense({ units: 16, activation: 'relu', inputShape: [2] }),
    luge.layers.dense({ units: classes, activation: 'softmax' }),
  ]);
  model.compile({
    optimizer: luge.optimizers.adam({ learningRate: 0.02 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    ...options,
  });
  return model;
}

/** All weights as plain numbers. */
export function weightsOf(model: luge.Model): number[][] {
  return model.getWeights().map(({ data }) => [...data]);
}

/** What a promise or call fails with. */
export async function failure(run: () => unknown): Promise<luge.LugeError> {
  try {
    await run();
  } catch (error) {
    return error as luge.LugeError;
  }
  throw new Error('it did not fail');
}
