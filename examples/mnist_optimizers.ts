// A multilayer perceptron with each optimizer: npx tsx examples/mnist_optimizers.ts adam lion --seeds 1,2,3
import { layers, optimizers, regularizers, type Sequential, sequential } from 'luge';
import { loadDigits } from './digits.js';
import { readOptions } from './options.js';
import { overSeeds } from './results.js';

const recipes: Record<string, () => Sequential> = {
  sgd: () => perceptron(optimizers.sgd({ learningRate: 0.1 })),
  momentum: () => perceptron(optimizers.sgd({ learningRate: 0.05, momentum: 0.9 })),
  nesterov: () => perceptron(optimizers.sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true })),
  adagrad: () => perceptron(optimizers.adagrad({ learningRate: 0.05 })),
  rmsprop: () => perceptron(optimizers.rmsprop()),
  adadelta: () => perceptron(optimizers.adadelta({ learningRate: 1 })),
  adam: () => perceptron(optimizers.adam()),
  adamw: () => perceptron(optimizers.adamw()),
  adamax: () => perceptron(optimizers.adamax({ learningRate: 0.002 })),
  nadam: () => perceptron(optimizers.nadam()),
  lion: () => perceptron(optimizers.lion({ learningRate: 0.0003 })),
  l2: () => perceptron(optimizers.adam(), 1e-5),
  batchNormalization: () => normalized(optimizers.adam()),
};

function perceptron(optimizer: optimizers.Optimizer, l2?: number): Sequential {
  const kernelRegularizer = l2 === undefined ? undefined : regularizers.l2(l2);
  return compiled(optimizer, [
    layers.dense({ units: 100, activation: 'relu', kernelRegularizer }),
    layers.dropout({ rate: 0.3 }),
  ]);
}

function normalized(optimizer: optimizers.Optimizer): Sequential {
  const hidden = () => [
    layers.dense({ units: 100, useBias: false }),
    layers.batchNormalization(),
    layers.activation({ activation: 'relu' }),
    layers.dropout({ rate: 0.3 }),
  ];
  return compiled(optimizer, [...hidden(), ...hidden()]);
}

function compiled(optimizer: optimizers.Optimizer, hidden: layers.Layer[]): Sequential {
  const model = sequential([
    layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] }),
    layers.flatten(),
    ...hidden,
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

const { epochs, seeds, samples, names } = readOptions({ epochs: 20, names: Object.keys(recipes) });
const { train, test } = await loadDigits(samples);
for (const name of names) {
  await overSeeds(name, seeds, async () => {
    const model = (recipes[name] as () => Sequential)();
    await model.fit(train.x, train.y, { batchSize: 100, epochs, validationSplit: 0.2 });
    const { accuracy = Number.NaN } = await model.evaluate(test.x, test.y, { batchSize: 500 });
    return accuracy;
  });
}
