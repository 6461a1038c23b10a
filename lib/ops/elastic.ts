import { Tensor } from '../core/tensor.js';
import type { Value } from '../graph/ir.js';
import { matmul } from './matmul.js';
import { randomUniform, type SeedOptions } from './random.js';

export interface ElasticOptions {
  /** How strong: each pixel is pulled by a random number of pixels in [-alpha, alpha), smoothed. Default 34. */
  alpha?: number;
  /** How smooth: the standard deviation, in pixels, of the Gaussian over which pulls are averaged. Default 4. */
  sigma?: number;
}

/**
 * Fields of random displacements [n, 2, h, w], smoothed by a Gaussian with zeros around the image:
 * elastic distortions after Simard, Steinkraus and Platt, "Best practices for convolutional neural
 * networks applied to visual document analysis" (2003), whose alpha and sigma for MNIST are the defaults.
 */
export function elasticDisplacements(
  [n, h, w]: readonly [number, number, number],
  { alpha = 34, sigma = 4 }: ElasticOptions,
  seed: SeedOptions,
): Value {
  const pulls = randomUniform<Value>([n, 2, h, w], { minval: -alpha, maxval: alpha, ...seed });
  return matmul(gaussian(h, sigma), matmul(pulls, gaussian(w, sigma)));
}

/** Averages along an axis as a product: the weight of place j in the average at place i, [size, size]. */
function gaussian(size: number, sigma: number): Tensor {
  const density = (distance: number) => Math.exp(-((distance / sigma) ** 2) / 2);
  let total = 1;
  for (let distance = 1; distance <= Math.ceil(9 * sigma); distance++) {
    total += 2 * density(distance);
  }
  const data = Float32Array.from(
    { length: size * size },
    (_, at) => density(Math.floor(at / size) - (at % size)) / total,
  );
  return new Tensor(data, [size, size]);
}
