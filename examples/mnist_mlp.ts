// The multilayer perceptron of the notes: npx tsx examples/mnist_mlp.ts --epochs 3
import { layers, optimizers, sequential } from 'luge';
import { loadDigits } from './digits.js';
import { readOptions } from './options.js';
import { overSeeds, printTest, savePicture } from './results.js';

const { epochs, seeds, samples } = readOptions({ epochs: 20 });
const { name, labels, train, test } = await loadDigits(samples);

await overSeeds(`MLP, ${name}`, seeds, async () => {
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
    epochs,
    validationSplit: 0.2,
  });
  savePicture(history, 'mnist_mlp');
  return printTest(model, test, labels);
});
