import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { slice } from '../ops/slice.js';
import { checkInput, showBatched } from './check_input.js';
import {
  checkDataFormat,
  type ImageOptions,
  imageAxes,
  type Pair,
  sequenceAxes,
} from './image_options.js';
import { Layer, type LayerOptions } from './layer.js';
import { checkSides, checkTwo } from './sides.js';

/** x without what lies `sides` from the ends of its axes; throws BAD_SHAPE when nothing is left. */
function crop(layer: Layer, x: Value, sides: readonly (readonly [number, number])[]): Value {
  const size = x.shape.map((dim, i) => dim - (sides[i]?.[0] ?? 0) - (sides[i]?.[1] ?? 0));
  if (size.every((dim) => dim >= 1)) {
    return slice(
      x,
      sides.map(([before]) => before),
      size,
    );
  }
  throw layer.error(
    'BAD_SHAPE',
    `cropping of ${JSON.stringify(sides.slice(1))} leaves nothing of an input of shape ` +
      `${showBatched(x.shape)}.`,
  );
}

export interface Cropping1DOptions extends LayerOptions {
  /** How many steps are cut off: a number for both ends, or [first, last]. Default 1. */
  cropping?: Pair;
}

/**
 * A sequence without its ends: [batch, time, channels] to [batch, time - first - last, channels].
 *
 * @example
 * ```ts
 * const model = sequential([layers.cropping1d({ cropping: [1, 0], inputShape: [3, 1] })]);
 * await model.predict([[[1], [2], [3]]]); // => [[[2], [3]]]
 * ```
 */
export class Cropping1D extends Layer {
  static override className = 'Cropping1D';
  private readonly cropping: [number, number];

  constructor(options: Cropping1DOptions = {}) {
    super(options, ['cropping']);
    this.cropping = this.named(() =>
      checkSides('cropping', options.cropping ?? 1, '[first, last]'),
    );
  }

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: sequenceAxes, rank: 3 });
    return crop(this, x, [[0, 0], this.cropping]);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), cropping: this.cropping };
  }
}

export interface Cropping2DOptions extends LayerOptions, Pick<ImageOptions, 'dataFormat'> {
  /**
   * How many rows and columns are cut off: a number for all four sides, [rows, columns] for both sides
   * of each, or [[top, bottom], [left, right]]. Default 0, as in Keras.
   */
  cropping?: number | readonly [rows: Pair, columns: Pair];
}

/**
 * Images without their edges: [batch, rows, columns, channels] to
 * [batch, rows - top - bottom, columns - left - right, channels].
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.cropping2d({ cropping: [[1, 0], [0, 1]], inputShape: [2, 2, 1] }),
 * ]);
 * await model.predict(tensor([1, 2, 3, 4], [1, 2, 2, 1])); // => [[[[3]]]]
 * ```
 */
export class Cropping2D extends Layer {
  static override className = 'Cropping2D';
  private readonly cropping: [rows: [number, number], columns: [number, number]];

  constructor(options: Cropping2DOptions = {}) {
    super(options, ['cropping', 'dataFormat']);
    this.cropping = this.named(() => {
      const form = '[rows, columns] or [[top, bottom], [left, right]]';
      const [rows, columns] = checkTwo('cropping', options.cropping ?? 0, form);
      return [checkSides('cropping', rows, form), checkSides('cropping', columns, form)];
    });
    this.named(() => checkDataFormat(options.dataFormat));
  }

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: imageAxes, rank: 4 });
    return crop(this, x, [[0, 0], ...this.cropping]);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), cropping: this.cropping, data_format: 'channels_last' };
  }
}
