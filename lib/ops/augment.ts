import { LugeError } from '../core/errors.js';
import { showShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import {
  type Affine,
  aboutCentre,
  inTurn,
  rotate,
  scale,
  shear,
  shift,
  times,
  transformsOf,
} from './affine.js';
import {
  type AugmentOptions,
  type AugmentSettings,
  augmentSettings,
  usualRange,
} from './augment_options.js';
import { add, greaterEqual, multiply, subtract } from './binary.js';
import { cast } from './cast.js';
import { clip } from './clip.js';
import { defineOp } from './define.js';
import { Draws } from './draws.js';
import { elasticDisplacements } from './elastic.js';
import { randomNormal } from './random.js';
import { mean } from './reduce.js';
import { reshape } from './reshape.js';
import { round } from './unary.js';
import { warpImages } from './warp_images.js';

/**
 * Random copies of images, each changed in its own way: mirrored, turned, slanted, zoomed and moved
 * about its centre, elastically distorted, all in one interpolation; then contrast, brightness and
 * noise. What is not named in the options stays as it is.
 *
 * In a program every step draws other numbers. They depend on the seed, the step and the image's
 * place, never on the number of threads.
 *
 * @param x [n, rows, columns, channels], float32 or uint8; the result is of the same kind.
 * @throws LugeError BAD_SHAPE, BAD_ARGUMENT, UNKNOWN_NAME.
 *
 * @example
 * ```ts
 * const digits = ops.randomUniform([2, 28, 28, 1]);
 * const copies = ops.augment(digits, { rotation: 15, translation: 0.1, elastic: true, seed: 1 });
 * copies.shape; // => [2, 28, 28, 1]
 * ```
 */
export const augment = defineOp('augment', 1, (x: Value, options: AugmentOptions = {}): Value => {
  if (x.rank !== 4) {
    throw new LugeError(
      'BAD_SHAPE',
      `augment: images must be [n, rows, columns, channels], but got ${showShape(x.shape)}. Grey ` +
        'images take an axis of size 1 for the channel.',
    );
  }
  const settings = augmentSettings('augment', options);
  const draws = new Draws(x.shape[0] as number, settings.seed);
  const { contrast, brightness, noise } = settings;
  const colors = contrast !== undefined || brightness !== undefined || noise !== 0;
  const bytes = x.dtype === 'uint8';
  const warped = warp(x, settings, draws, bytes && !colors ? 'uint8' : 'float32');
  if (!colors) return bytes ? warped : cast(warped, 'float32');
  const changed = recolor(cast(warped, 'float32'), settings, draws, usualRange(x.dtype));
  return bytes ? cast(round(changed), 'uint8') : changed;
});

/** x through a random map and displacements, or as it is when neither is asked for. */
function warp(
  x: Value,
  { elastic, sampling, ...settings }: AugmentSettings,
  draws: Draws,
  dtype: 'float32' | 'uint8',
): Value {
  const [n, h, w] = x.shape as [number, number, number];
  const map = randomMap(settings, draws, h, w);
  if (map.length === 0 && elastic === undefined) return x;
  const displacements =
    elastic === undefined
      ? {}
      : { displacements: elasticDisplacements([n, h, w], elastic, draws.next()) };
  const whole = aboutCentre(inTurn(...map), h, w);
  return warpImages(x, transformsOf(x.node.graph, whole, n), {
    ...sampling,
    ...displacements,
    dtype,
  });
}

/** Maps from a changed image back to the original, about the centre, in turn. */
function randomMap(
  settings: Omit<AugmentSettings, 'elastic' | 'sampling'>,
  draws: Draws,
  h: number,
  w: number,
): Affine[] {
  const { rows, columns, zoom, rotation, horizontalFlip, verticalFlip } = settings;
  const maps: Affine[] = [];
  if (rows !== undefined || columns !== undefined) {
    const by = (bounds: readonly [number, number] | undefined, size: number) =>
      times(draws.between(bounds ?? [0, 0]), -size);
    maps.push(shift(by(columns, w), by(rows, h)));
  }
  if (zoom !== undefined) {
    const factor = draws.between([1 + zoom[0], 1 + zoom[1]]);
    maps.push(scale(factor, factor));
  }
  if (settings.shear !== undefined) maps.push(shear(draws.between(settings.shear)));
  if (rotation !== undefined) {
    const radians = Math.PI / 180;
    maps.push(rotate(draws.between([rotation[0] * radians, rotation[1] * radians])));
  }
  if (horizontalFlip || verticalFlip) {
    maps.push(scale(horizontalFlip ? coin(draws) : 1, verticalFlip ? coin(draws) : 1));
  }
  return maps;
}

/** 1 or -1. */
export function coin(draws: Draws): Value {
  const heads = greaterEqual(draws.between([-1, 1]) as Value, 0);
  return subtract(multiply(cast(heads, 'float32'), 2), 1);
}

function recolor(
  x: Value,
  { contrast, brightness, noise, valueRange }: AugmentSettings,
  draws: Draws,
  usual: readonly [number, number],
): Value {
  const [low, high] = valueRange ?? usual;
  let y = x;
  if (contrast !== undefined) y = changeContrast(y, draws, contrast);
  if (brightness !== undefined) {
    y = add(y, perImage(draws, [brightness[0] * (high - low), brightness[1] * (high - low)]));
  }
  if (noise !== 0) {
    const stddev = noise * (high - low);
    y = add(y, randomNormal<Value>(y.shape, { stddev, ...draws.next() }));
  }
  return clip(y, low, high);
}

/** (x - mean) factor + mean, with the mean of each channel of each image. */
export function changeContrast(x: Value, draws: Draws, factors: readonly [number, number]): Value {
  const means = mean(x, [1, 2], true);
  return add(multiply(subtract(x, means), perImage(draws, factors)), means);
}

/** A number in [low, high) for each image, as [n, 1, 1, 1]. */
export function perImage(draws: Draws, bounds: readonly [number, number]): number | Value {
  const drawn = draws.between(bounds);
  return typeof drawn === 'number' ? drawn : reshape(drawn, [-1, 1, 1, 1]);
}
