// The convolutional networks of Nielsen, Neural Networks and Deep Learning (2015), chapter 6, from
// 98.78% up to 99.43%: npx tsx examples/mnist_nndl.ts relu --seeds 1,2,3
import {
  data,
  layers,
  optimizers,
  regularizers,
  type Sequential,
  schedules,
  sequential,
} from 'luge';
import { loadDigits } from './digits.js';
import { readOptions } from './options.js';
import { overSeeds } from './results.js';

const { conv2d, dense, flatten, maxPooling2d, rescaling } = layers;
const batchSize = 10;

interface Network {
  readonly filters: readonly number[];
  readonly units: readonly number[];
  readonly activation: 'sigmoid' | 'relu';
  /** Whether to train with images shifted by a pixel, too, and a learning rate that decays to 0. */
  readonly expanded?: boolean;
}

const deeper: Network = { filters: [20, 40], units: [100], activation: 'sigmoid' };
const relu: Network = { ...deeper, activation: 'relu' };
const networks: Record<string, Network> = {
  shallow: { ...deeper, filters: [20] },
  deeper,
  relu,
  expanded: { ...relu, expanded: true },
  wider: { ...relu, units: [100, 100], expanded: true },
};

const { epochs, seeds, samples, names } = readOptions({ epochs: 60, names: Object.keys(networks) });

/** @param steps in an epoch */
function newModel(network: Network, steps: number): Sequential {
  const { filters, units, activation, expanded } = network;
  const initialLearningRate = activation === 'relu' ? 0.03 : 0.1;
  const decay = schedules.cosineDecay({ initialLearningRate, decaySteps: steps * epochs });
  // Nielsen's lambda of 0.1 for relu, which he divides by the number of batches.
  const kernelRegularizer = activation === 'relu' ? regularizers.l2(0.1 / 2 / steps) : undefined;
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] }),
    ...filters.flatMap((count) => [
      conv2d({ filters: count, kernelSize: 5, activation, kernelRegularizer }),
      maxPooling2d({ poolSize: 2 }),
    ]),
    flatten(),
    ...units.map((count) => dense({ units: count, activation, kernelRegularizer })),
    dense({ units: 10, activation: 'softmax', kernelRegularizer }),
  ]);
  model.compile({
    optimizer: optimizers.sgd({ learningRate: expanded ? decay : initialLearningRate }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  return model;
}

const { train, test } = await loadDigits(samples);
for (const name of names) {
  const network = networks[name] as Network;
  const { x, y } = network.expanded ? await data.expandByShifts(train) : train;
  await overSeeds(name, seeds, async () => {
    const model = newModel(network, y.size / batchSize);
    console.log(`${model.countParams()} parameters, ${y.size} images`);
    const validation = { validationData: test, validationBatchSize: 500 };
    const { history } = await model.fit(x, y, { batchSize, epochs, ...validation });
    return history.val_accuracy?.at(-1) ?? Number.NaN;
  });
}
