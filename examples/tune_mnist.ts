// Looks for good options of a small network on a tenth of MNIST: npx tsx examples/tune_mnist.ts
import { layers, optimizers, regularizers, sequential, tune } from 'luge';
import { loadDigits } from './digits.js';
import { readOptions } from './options.js';

const { epochs, samples } = readOptions({ epochs: 4 });
const { name, train } = await loadDigits(Math.min(samples, 6000));
console.log(`${name}, ${train.y.size} images\n`);

const space = {
  units: tune.integers(20, 120),
  activation: tune.choice('sigmoid', 'relu'),
  learningRate: tune.logUniform(1e-4, 3e-2),
  l2: tune.logUniform(1e-6, 1e-3),
};
const result = await tune(
  ({ units, activation, learningRate, l2 }) => {
    const model = sequential([
      layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] }),
      layers.flatten(),
      layers.dense({ units, activation, kernelRegularizer: regularizers.l2({ l2 }) }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ]);
    model.compile({
      optimizer: optimizers.adam({ learningRate }),
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy'],
    });
    return model;
  },
  {
    ...{ space, data: train, objective: 'val_accuracy', fit: { epochs, batchSize: 50 } },
    ...{ search: 'successiveHalving', trials: 18 },
  },
);
console.log(`\n${result}`);
