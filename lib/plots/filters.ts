import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import type { Value } from '../graph/ir.js';
import { Activation, type ActivationLike } from '../layers/activations.js';
import type { Layer } from '../layers/layer.js';
import { transpose } from '../ops/transpose.js';
import type { Picture } from '../pictures/picture.js';
import { imageGrid } from './image_grid.js';
import { type ImageStyle, imageStyleNames } from './images.js';
import { imagesOf, pixelsOf } from './pixels.js';
import { checkLayer } from './subjects.js';

export interface FiltersOptions extends ImageStyle {
  /** What the weights go through first, such as 'sigmoid'. Default: nothing. */
  activation?: ActivationLike | undefined;
}

/**
 * Draws the filters of a convolution, the smallest weight of all black and the largest white (`range`
 * sets others). Filters for 1 or 3 channels are gray and RGB images; those for other numbers of
 * channels are a row of gray images each, one a channel.
 *
 * @param layer one whose first weight is a kernel [rows, columns, channels, filters], or
 *   [size, channels, filters] of a convolution in 1-D, which is drawn as one row.
 * @throws LugeError NOT_BUILT, UNSUPPORTED for a layer without such a kernel, BAD_ARGUMENT when there
 *   are more than 2000 images.
 * @example
 * ```ts
 * const layer = layers.conv2d({ filters: 20, kernelSize: 5, inputShape: [28, 28, 1] });
 * sequential([layer]); // builds it
 * const picture = plots.filters(layer, { activation: 'sigmoid', columns: 5 });
 * picture.svg.split('<image').length - 1; // => 20
 * ```
 */
export function filters(layer: Layer, options: FiltersOptions = {}): Picture {
  const what = 'plots.filters';
  checkOptions(what, options, [...imageStyleNames, 'activation']);
  const kernel = kernelOf(checkLayer(what, layer));
  const [rows, columns, channels, count] = kernel.shape as [number, number, number, number];
  const activation = new Activation(options.activation);
  // Activations are written for values of a graph, and run on tensors at once just as well.
  const seen = activation.apply(kernel as unknown as Value) as unknown as Tensor;
  const isColor = channels === 3;
  const apart = transpose(seen, isColor ? [3, 0, 1, 2] : [3, 2, 0, 1]);
  const images = isColor ? apart : apart.reshape([count * channels, rows, columns, 1]);
  const range = options.range ?? 'shared';
  const cells = pixelsOf(what, imagesOf(what, images), { ...options, range }).map((pixels) => ({
    pixels,
  }));
  const columnsOption = isColor || channels === 1 ? options.columns : (options.columns ?? channels);
  const title =
    options.title ?? `${layer.name}: ${count} filters of ${rows} x ${columns}${of(channels)}`;
  return imageGrid(what, cells, { ...options, title, columns: columnsOption });
}

const of = (channels: number) => (channels === 1 ? '' : ` x ${channels}`);

/** The kernel as [rows, columns, channels, filters]. */
function kernelOf(layer: Layer): Tensor {
  const [kernel] = layer.getWeights();
  const shape = kernel?.shape ?? [];
  if (kernel !== undefined && shape.length === 4) return kernel;
  if (kernel !== undefined && shape.length === 3 && /Conv1D/.test(layer.className)) {
    return kernel.reshape([1, ...shape]);
  }
  throw layer.error(
    'UNSUPPORTED',
    'plots.filters draws the kernel of a convolution, [rows, columns, channels, filters], and this ' +
      `layer has ${kernel === undefined ? 'no weights' : `one of shape [${shape.join(', ')}]`}.`,
  );
}
