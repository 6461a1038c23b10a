// A regression watched by Pearson's correlation: fine contact maps of a chromosome (Hi-C) from coarse,
// shallow ones, on simulated data: npx tsx examples/hic.ts
import { layers, metrics, ops, sequential } from 'luge';
import { coarseSize, contactMaps, factor } from './contact_maps.js';
import { readOptions } from './options.js';
import { overSeeds, savePicture } from './results.js';

const { epochs, seeds, samples } = readOptions({ epochs: 20, seeds: '1,2,3' });
const train = contactMaps(Math.min(samples, 2000), 1);
const test = contactMaps(Math.min(samples, 500), 2);

/** Exact over all elements of an epoch: means add up over batches, as correlations do not. */
const pearsonInEpoch = metrics.fromMeans({
  name: 'pearson',
  terms: (y, p) => [y, p, ops.square(y), ops.square(p), ops.multiply(y, p)],
  result: ([y = 0, p = 0, yy = 0, pp = 0, yp = 0]) =>
    (yp - y * p) / Math.sqrt((yy - y * y) * (pp - p * p)),
});

/** How far one gets by enlarging the coarse map. */
async function enlarged(): Promise<number> {
  const model = sequential([
    layers.upSampling2d({ size: factor, inputShape: [coarseSize, coarseSize, 1] }),
  ]);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: [pearsonInEpoch] });
  return (await model.evaluate(test.coarse, test.fine, { verbose: 0 })).pearson as number;
}

const showCorrelation = (value: number) => value.toFixed(4);
console.log(
  `Pearson's correlation of the coarse maps, enlarged: ${showCorrelation(await enlarged())}`,
);

await overSeeds(
  'Hi-C',
  seeds,
  async () => {
    const model = sequential([
      layers.upSampling2d({
        size: factor,
        interpolation: 'bilinear',
        inputShape: [coarseSize, coarseSize, 1],
      }),
      layers.conv2d({ filters: 16, kernelSize: 9, padding: 'same', activation: 'relu' }),
      layers.conv2d({ filters: 16, kernelSize: 1, activation: 'relu' }),
      layers.conv2d({ filters: 1, kernelSize: 5, padding: 'same' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: [pearsonInEpoch] });
    const history = await model.fit(train.coarse, train.fine, {
      batchSize: 32,
      epochs,
      validationData: { x: test.coarse, y: test.fine },
    });
    savePicture(history, 'hic');
    return history.history.val_pearson?.at(-1) ?? Number.NaN;
  },
  showCorrelation,
);
