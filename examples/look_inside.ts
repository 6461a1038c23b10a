// Trains a small convolutional network and draws what is inside: npx tsx examples/look_inside.ts
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { confusionMatrix, layers, model, plots, sequential, setSeed, type Tensor } from 'luge';
import { loadDigits } from './digits.js';

const folder = fileURLToPath(new URL('../build/look_inside/', import.meta.url));
mkdirSync(folder, { recursive: true });
setSeed(1);

const { labels, train, test } = await loadDigits();
const net = sequential([
  layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] }),
  layers.conv2d({ filters: 20, kernelSize: 5, activation: 'relu', name: 'convolution' }),
  layers.maxPooling2d({ poolSize: 2 }),
  layers.flatten(),
  layers.dense({ units: 100, activation: 'relu' }),
  layers.dense({ units: 10, activation: 'softmax' }),
]);
net.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
plots.network(net).save(`${folder}network.svg`);

const history = await net.fit(train.x, train.y, { batchSize: 128, validationData: test });
history.plot(`${folder}history.svg`);

// What the network answers, and where it is wrong.
const guesses = await net.predictClasses(test.x, { batchSize: 500 });
plots
  .confusionMatrix(confusionMatrix(test.y, guesses), { labels })
  .save(`${folder}confusion_matrix.svg`);
plots
  .misclassified(test.x, test.y, guesses, { labels, limit: 60, invert: true })
  .save(`${folder}misclassified.svg`);

// The weights of a layer as pictures, and what they make of an image.
const convolution = net.getLayer('convolution');
plots.filters(convolution, { activation: 'sigmoid', columns: 5 }).save(`${folder}filters.svg`);
const image = test.x.rows(0, 1);
(await plots.featureMaps(net, convolution, image, { columns: 5 })).save(`${folder}maps.svg`);

// The same numbers, to compute with: a model that ends at that layer shares its weights.
const inner = model({ inputs: net.inputs, outputs: convolution.output });
const maps = (await inner.predict(image)) as Tensor;
const [kernel, bias] = convolution.getWeights();
console.log(`Maps: ${maps}; kernel: ${kernel}; bias: ${bias}`);
console.log(`Pictures: ${folder}`);
