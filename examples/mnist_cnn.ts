// The convolutional network of the notes: npm start, or npx tsx examples/mnist_cnn.ts --epochs 3
import { backendInfo, layers, optimizers, sequential } from 'luge';
import { loadDigits } from './digits.js';
import { readOptions } from './options.js';
import { overSeeds, printTest, savePicture } from './results.js';

const { epochs, seeds, samples } = readOptions({ epochs: 12 });
const { name, labels, train, test } = await loadDigits(samples);
const { blas, simd, threads } = backendInfo();
console.log(`${name} on ${threads} thread(s), ${simd}, ${blas}`);

await overSeeds('CNN', seeds, async () => {
  const model = sequential([
    layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] }),
    layers.conv2d({ filters: 20, kernelSize: 5, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 100, activation: 'relu' }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);
  model.compile({
    optimizer: optimizers.adadelta({ learningRate: 1, rho: 0.95 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  model.summary({ batchSize: 128 });

  let trainingMilliseconds = 0;
  let began = 0;
  const history = await model.fit(train.x, train.y, {
    batchSize: 128,
    epochs,
    validationData: test,
    callbacks: {
      onEpochBegin: () => {
        began = performance.now();
      },
      onTrainChunkEnd: () => {
        const now = performance.now();
        trainingMilliseconds += now - began;
        began = now;
      },
    },
  });

  const accuracy = await printTest(model, test, labels);
  const images = train.y.size * epochs;
  console.log(`Training: ${Math.round((1000 * images) / trainingMilliseconds)} images per second`);
  savePicture(history, 'mnist_cnn');
  return accuracy;
});
