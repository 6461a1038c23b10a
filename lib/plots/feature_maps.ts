import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { type PartialShape, type Shape, showShape } from '../core/shape.js';
import { Tensor, type TensorLike } from '../core/tensor.js';
import type { SymbolicTensor } from '../graph/symbolic.js';
import type { Layer } from '../layers/layer.js';
import { model as modelOf } from '../models/functional.js';
import type { Model } from '../models/model.js';
import { toTensor } from '../models/model_data.js';
import { transpose } from '../ops/transpose.js';
import type { Picture } from '../pictures/picture.js';
import { imageGrid } from './image_grid.js';
import { type ImageStyle, imageStyleNames } from './images.js';
import { imagesOf, pixelsOf } from './pixels.js';
import { checkModel } from './subjects.js';

/**
 * Draws what a layer makes of an image: all of its maps. The smallest value of all maps is black and
 * the largest white; `range: 'each'` stretches each map by itself, which shows weak ones.
 *
 * @param model one with a single input.
 * @param layer its name, its place (negative: from the end) or itself; its output is
 *   [null, rows, columns, maps].
 * @param image [rows, columns, channels], or [1, rows, columns, channels]; a last axis of 1 may be
 *   missing.
 * @throws LugeError UNKNOWN_NAME for a layer the model does not have, BAD_SHAPE for an image that does
 *   not fit or a layer without maps, NOT_BUILT.
 * @example
 * ```ts
 * const m = sequential([layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 1] })]);
 * const picture = await plots.featureMaps(m, 0, tensor(new Uint8Array(64), [8, 8, 1]));
 * picture.svg.split('<image').length - 1; // => 4
 * ```
 */
export async function featureMaps(
  model: Model,
  layer: string | number | Layer,
  image: TensorLike,
  options: ImageStyle = {},
): Promise<Picture> {
  const what = 'plots.featureMaps';
  checkOptions(what, options, imageStyleNames);
  const { name, maps } = mapsOf(what, checkModel(what, model), layer);
  const inner = modelOf({ inputs: model.inputs, outputs: maps, name: `${model.name}_maps` });
  const found = (await inner.predict(batchOf(what, model, image))) as Tensor;
  const [, rows, columns, count] = found.shape as [number, number, number, number];
  const apart = transpose(found, [3, 1, 2, 0]);
  const range = options.range ?? 'shared';
  const cells = pixelsOf(what, imagesOf(what, apart), { ...options, range }).map((pixels) => ({
    pixels,
  }));
  const title = options.title ?? `${name}: ${count} maps of ${rows} x ${columns}`;
  return imageGrid(what, cells, { ...options, title });
}

/** The layer's output in this model, which may not be the first place where it is applied. */
function mapsOf(
  what: string,
  model: Model,
  wanted: string | number | Layer,
): { name: string; maps: SymbolicTensor } {
  const layer = typeof wanted === 'object' ? wanted : model.getLayer(wanted);
  const { calls } = model.drawing;
  const maps = calls.find((call) => call.layer === layer)?.outputs[0];
  if (maps?.rank === 4) return { name: layer.name, maps };
  const drawable = calls
    .filter((call) => call.layer !== undefined && call.outputs[0]?.rank === 4)
    .map((call) => `'${call.name}'`);
  const problem =
    maps === undefined
      ? `layer '${layer.name}' computes nothing in model '${model.name}'`
      : `layer '${layer.name}' gives ${showShape(maps.shape)}, not maps [null, rows, columns, maps]`;
  throw new LugeError(
    maps === undefined ? 'UNKNOWN_NAME' : 'BAD_SHAPE',
    `${what}: ${problem}. ` +
      (drawable.length > 0
        ? `Layers with maps: ${drawable.join(', ')}.`
        : 'None of its layers gives maps.'),
  );
}

/** The image as a batch of one. */
function batchOf(what: string, model: Model, image: TensorLike): Tensor {
  const [input, ...others] = model.inputs as [SymbolicTensor, ...SymbolicTensor[]];
  if (others.length > 0) {
    throw new LugeError(
      'UNSUPPORTED',
      `${what} takes a model with one input, and '${model.name}' has ${others.length + 1}. Make one of ` +
        'the layer with model({ inputs, outputs: layer.output }), and draw its prediction with plots.images.',
    );
  }
  const found = toTensor(`${what}: image`, image);
  const sample = input.shape.slice(1);
  const fits = (shape: Shape) => fitsSample(sample, shape);
  if (fits(found.shape)) return new Tensor(found.data, [1, ...found.shape]);
  if (found.shape[0] === 1 && fits(found.shape.slice(1))) return found;
  throw new LugeError(
    'BAD_SHAPE',
    `${what}: image must be one image of shape ${showShape(sample)}, but got ${showShape(found.shape)}.` +
      (found.rank === input.rank ? ' Take one with rows(0, 1).' : ''),
  );
}

/** Whether that is a sample, perhaps without its last axis of 1. */
function fitsSample(sample: PartialShape, shape: Shape): boolean {
  const whole = shape.length === sample.length - 1 ? [...shape, 1] : shape;
  return (
    whole.length === sample.length &&
    sample.every((dim, axis) => dim === null || dim === whole[axis])
  );
}
