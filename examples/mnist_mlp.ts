// The multilayer perceptron of the notes: npx tsx examples/mnist_mlp.ts --epochs 3
import { parseArgs } from 'node:util';
import { layers, optimizers, sequential, setSeed } from 'luge';
import { loadDigits } from './digits.js';
import { printTest, savePicture } from './results.js';

const { values } = parseArgs({
  options: {
    epochs: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});
setSeed(Number(values.seed));

const { name, labels, train, test } = await loadDigits();
console.log(`${name}\n`);

const model = sequential([
  layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] }),
  layers.flatten(),
  layers.dense({ units: 100, activation: 'relu' }),
  layers.dropout({ rate: 0.3 }),
  layers.dense({ units: 10, activation: 'softmax' }),
]);
model.compile({
  optimizer: optimizers.adam(),
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
});
model.summary({ batchSize: 100 });

const history = await model.fit(train.x, train.y, {
  batchSize: 100,
  epochs: Number(values.epochs),
  validationSplit: 0.2,
});

await printTest(model, test, labels);
savePicture(history, 'mnist_mlp');
