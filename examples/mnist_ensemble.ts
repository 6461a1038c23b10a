// Five large convolutional networks that vote: npx tsx examples/mnist_ensemble.ts --seeds 1,2,3,4,5
// Hours of work. It saves each network after each epoch, and goes on where it was when started again.
import { existsSync, mkdirSync } from 'node:fs';
import {
  callbacks,
  data,
  layers,
  loadModel,
  optimizers,
  plots,
  schedules,
  sequential,
  setSeed,
  type Tensor,
} from 'luge';
import { loadDigits } from './digits.js';
import { readOptions } from './options.js';
import { printErrors, vote } from './vote.js';

const { epochs, seeds, samples, names } = readOptions({ epochs: 40, seeds: '1,2,3,4,5' });
const [folder = 'build/mnist_ensemble'] = names;
mkdirSync(folder, { recursive: true });
const { name, train, test } = await loadDigits(samples);
const { x, y } = await data.expandByShifts(train);
console.log(`${name}, ${y.size} images with those shifted by a pixel`);

const batchSize = 128;
const steps = Math.ceil(y.size / batchSize);

function newNetwork() {
  const model = sequential([
    layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] }),
    layers.conv2d({ filters: 20, kernelSize: 5, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 40, kernelSize: 5, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 1000, activation: 'relu' }),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 1000, activation: 'relu' }),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);
  const learningRate = schedules.cosineDecay({
    initialLearningRate: 0.05,
    decaySteps: steps * epochs,
  });
  model.compile({
    optimizer: optimizers.sgd({ learningRate, momentum: 0.9, nesterov: true }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  return model;
}

const votes = [];
for (const seed of seeds) {
  setSeed(seed);
  const filepath = `${folder}/network_${seed}.h5`;
  const model = existsSync(filepath) ? await loadModel(filepath) : newNetwork();
  const initialEpoch = Math.round(model.optimizer.iterations / steps);
  console.log(`\nNetwork ${seed}: ${model.countParams()} parameters, ${filepath}`);
  if (initialEpoch < epochs) {
    await model.fit(x, y, {
      batchSize,
      epochs,
      initialEpoch,
      validationData: test,
      validationBatchSize: 500,
      callbacks: callbacks.modelCheckpoint({ filepath }),
    });
  }
  votes.push((await model.predict(test.x, { batchSize: 500 })) as Tensor);
  printErrors(`Network ${seed}`, test.y, vote(votes.slice(-1)));
}
const predicted = vote(votes);
printErrors(`The vote of ${votes.length}`, test.y, predicted);
plots.misclassified(test.x, test.y, predicted).save(`${folder}/errors.svg`);
console.log(`Picture of the errors: ${folder}/errors.svg`);
