// Resident memory over many epochs of a small model: npm run bench:memory
import { callbacks, layers, sequential, setSeed, tensor } from 'luge';

const samples = 2000;
const features = 20;
const milestones = [10, 50, 100, 200];
setSeed(1);

const x = tensor(
  new Float32Array(samples * features).map((_, i) => Math.sin(i)),
  [samples, features],
);
const y = tensor(Int32Array.from({ length: samples }, (_, i) => i % 2));
const model = sequential([
  layers.dense({ units: 16, activation: 'relu', inputShape: [features] }),
  layers.dense({ units: 2, activation: 'softmax' }),
]);
model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });

const report = (epoch: number) => {
  if (!milestones.includes(epoch + 1)) return;
  // Without a collection the figure tells mostly how lazy the garbage collector is.
  globalThis.gc?.();
  const { rss } = process.memoryUsage();
  console.log(`after ${epoch + 1} epochs: ${(rss / 2 ** 20).toFixed(1)} MiB`);
};
await model.fit(x, y, {
  epochs: 200,
  verbose: 0,
  callbacks: [callbacks.lambdaCallback({ onEpochEnd: report })],
});
