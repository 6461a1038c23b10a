import { datasets, LugeError } from 'luge';

/** MNIST, or Fashion-MNIST of the system's package where MNIST can't be had. */
export async function loadDigits() {
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
