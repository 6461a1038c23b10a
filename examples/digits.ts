import { datasets, LugeError, type Tensor } from 'luge';

/** Images and their labels. */
export interface Digits {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** MNIST, or Fashion-MNIST of the system's package where MNIST can't be had; the first `samples`. */
export async function loadDigits(samples = Number.POSITIVE_INFINITY) {
  const { name, labels, train, test } = await mnistOrFashion();
  return { name, labels, train: first(train, samples), test: first(test, samples) };
}

async function mnistOrFashion() {
  try {
    return { name: 'MNIST', labels: undefined, ...(await datasets.mnist()) };
  } catch (error) {
    if (!(error instanceof LugeError) || error.code !== 'NOT_FOUND') throw error;
    console.log(
      `${error.message.split('\n')[0]} Taking Fashion-MNIST instead: as large, but harder.`,
    );
    const { fashionMnist, fashionMnistLabels } = datasets;
    return { name: 'Fashion-MNIST', labels: fashionMnistLabels, ...(await fashionMnist()) };
  }
}

function first({ x, y }: Digits, samples: number): Digits {
  const count = Math.min(samples, y.size);
  return { x: x.rows(0, count), y: y.rows(0, count) };
}
