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
  const products: number[] = [];
  shapeAfter(layers, input, products);
  const forward = products.reduce((sum, product) => sum + product, 0);
  const [first = 0] = products;
  return 2 * (kind === 'predict' ? forward : 3 * forward - first);
}

/** The shape that comes out of the rows. Multiplications are added to `products`, in order. */
function shapeAfter(
  layers: readonly LayerRow[],
  input: readonly number[],
  products: number[],
): readonly number[] {
  return layers.reduce((shape, row) => shapeAfterRow(row, shape, products), input);
}

function shapeAfterRow(
  [name, options]: LayerRow,
  shape: readonly number[],
  products: number[],
): readonly number[] {
  const [h = 1, w = 1, c = 1] = shape;
  const size = shape.reduce((product, dim) => product * dim, 1);
  switch (name) {
    case 'conv2d':
    case 'depthwiseConv2d': {
      const { kernelSize: k, strides = 1, padding } = options;
      const along = (dim: number) => Math.ceil((padding === 'same' ? dim : dim - k + 1) / strides);
      const out = [along(h), along(w), name === 'conv2d' ? options.filters : c] as const;
      products.push(out[0] * out[1] * out[2] * k * k * (name === 'conv2d' ? c : 1));
      return out;
    }
    case 'maxPooling2d':
      return [Math.floor(h / options.poolSize), Math.floor(w / options.poolSize), c];
    case 'globalAveragePooling2d':
      return [c];
    case 'flatten':
      return [size];
    case 'dense':
      products.push(size * options.units);
      return [options.units];
    case 'lstm':
    case 'gru': {
      // [steps, features]: each gate takes a product with the input and one with the state.
      const gates = name === 'lstm' ? 4 : 3;
      products.push(h * w * gates * options.units, h * options.units * gates * options.units);
      return [options.units];
    }
    case 'residual': {
      const out = shapeAfter(options.body, shape, products);
      shapeAfter(options.shortcut, shape, products);
      return out;
    }
    default: // batchNormalization, activation and dropout keep the shape and multiply no matrices
      return shape;
  }
}
