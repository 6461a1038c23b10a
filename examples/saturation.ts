// Why weights must start small: npx tsx examples/saturation.ts --epochs 5
//
// A unit of n inputs adds up n weighted numbers, z = w.x + b. Weights from N(0, 1) make z as wide as
// sqrt(n): most sigmoids then stand where they are flat, their slope is almost 0, and so is every
// gradient that passes through them. Weights from N(0, 1/n) keep z of one size, whatever n is.
import { parseArgs } from 'node:util';
import { initializers, input, layers, model, optimizers, setSeed, type Tensor } from 'luge';
import { loadDigits } from './digits.js';

const { values } = parseArgs({ options: { epochs: { type: 'string', default: '3' } } });
const { name, train } = await loadDigits();
const [x, y] = [train.x.rows(0, 10_000), train.y.rows(0, 10_000)];
const n = 28 * 28;

const starts = {
  'N(0, 1)': initializers.randomNormal({ stddev: 1, seed: 1 }),
  'N(0, 1/n)': initializers.randomNormal({ stddev: 1 / Math.sqrt(n), seed: 1 }),
};

console.log(`784-100-10 with sigmoids on 10,000 images of ${name}\n`);
for (const [title, kernelInitializer] of Object.entries(starts)) {
  setSeed(1);
  const images = input({ shape: [28, 28, 1] });
  const pixels = layers.flatten().apply(layers.rescaling({ scale: 1 / 255 }).apply(images));
  const hidden = layers.dense({ units: 100, kernelInitializer });
  const z = hidden.apply(pixels);
  const sigmoids = layers.activation({ activation: 'sigmoid' }).apply(z);
  const digits = layers.dense({ units: 10, activation: 'softmax' }).apply(sigmoids);
  const network = model({ inputs: images, outputs: digits });
  const loss = 'sparseCategoricalCrossentropy';

  // Where the hidden units stand. Beyond |z| = 5 a sigmoid's slope is less than 0.0067 (at most 0.25).
  const sums = await model({ inputs: images, outputs: z }).predict(x);
  const saturated = share(sums, (sum) => Math.abs(sum) > 5);

  // A step of SGD at learning rate 1 takes the gradient off the weights, so their difference is it.
  network.compile({ optimizer: optimizers.sgd({ learningRate: 1 }), loss });
  const [before] = hidden.getWeights() as [Tensor];
  const weights = network.getWeights();
  await network.trainOnBatch(x, y);
  const [after] = hidden.getWeights() as [Tensor];
  const gradient = before.data.map((weight, i) => weight - (after.data[i] as number));
  network.setWeights(weights);

  network.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss, seed: 1 });
  const { history } = await network.fit(x, y, { epochs: Number(values.epochs), verbose: 0 });

  console.log(`Weights from ${title}`);
  console.log(`  mean |z| of the hidden units    ${meanSize(sums.data).toFixed(2)}`);
  console.log(`  saturated, |z| > 5              ${(100 * saturated).toFixed(1)}%`);
  console.log(`  mean |gradient| of a weight     ${meanSize(gradient).toExponential(1)}`);
  console.log(
    `  loss after each epoch           ${history.loss?.map((l) => l.toFixed(3)).join(', ')}\n`,
  );
}

function meanSize(numbers: ArrayLike<number>): number {
  return Array.from(numbers).reduce((sum, x) => sum + Math.abs(x), 0) / numbers.length;
}

function share({ data, size }: Tensor, is: (x: number) => boolean): number {
  return Array.from(data).filter(is).length / size;
}
