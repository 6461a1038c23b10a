import type { LayerRow } from './workloads.js';

/**
 * Multiplications and additions for one sample, for comparison with the machine's peak: those of
 * products and convolutions. Training takes each three times (forward, gradient of the weights,
 * gradient of the input), but for the first, whose input has none.
 */
export function flopsOf(
  kind: 'train' | 'predict',
  input: readonly number[],
  layers: readonly LayerRow[],
): number {
  let shape = input;
  const products: number[] = [];
  for (const [name, options] of layers) {
    const [h = 1, w = 1, c = 1] = shape;
    if (name === 'conv2d') {
      const { filters, kernelSize: k, padding = 'valid' } = options;
      const cut = padding === 'same' ? 0 : k - 1;
      shape = [h - cut, w - cut, filters];
      products.push((h - cut) * (w - cut) * filters * k * k * c);
    } else if (name === 'maxPooling2d') {
      shape = [Math.floor(h / options.poolSize), Math.floor(w / options.poolSize), c];
    } else if (name === 'flatten') {
      shape = [h * w * c];
    } else if (name === 'dense') {
      products.push(h * options.units);
      shape = [options.units];
    }
  }
  const forward = products.reduce((sum, product) => sum + product, 0);
  const [first = 0] = products;
  return 2 * (kind === 'predict' ? forward : 3 * forward - first);
}
