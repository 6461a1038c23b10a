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
  volumeAxes,
} from './image_options.js';
import { Layer, type LayerOptions } from './layer.js';
import { checkSides, type Sides } from './sides.js';

type CroppingOptions = LayerOptions & Pick<ImageOptions, 'dataFormat'>;

/** Each sample without its edges. */
abstract class Cropping extends Layer {
  protected readonly cropping: readonly (readonly [number, number])[];
  private readonly axes: string;

  constructor(options: CroppingOptions, cropping: () => Sides, axes: string) {
    super(options, ['cropping', 'dataFormat']);
    this.axes = axes;
    this.cropping = this.named(() => checkSides('cropping', cropping(), axes));
    this.named(() => checkDataFormat(options.dataFormat, axes));
  }

  override call(x: Value): Value {
    const { axes, cropping } = this;
    checkInput(this, x.shape, { axes, rank: cropping.length + 2 });
    const begin = [0, ...cropping.map(([before]) => before)];
    const size = x.shape.map((dim, axis) => {
      const [before, after] = cropping[axis - 1] ?? [0, 0];
      return dim - before - after;
    });
    if (size.every((dim) => dim >= 1)) return slice(x, begin, size);
    throw this.error(
      'BAD_SHAPE',
      `cropping of ${JSON.stringify(cropping)} leaves nothing of an input of shape ` +
        `${showBatched(x.shape)}.`,
    );
  }

  override getConfig(): Config {
    return { ...super.getConfig(), cropping: this.cropping, data_format: 'channels_last' };
  }
}

export interface Cropping1DOptions extends LayerOptions {
  /** How many steps are cut off: a number for both ends, or [first, last]. Default 1. */
  cropping?: Pair;
}

/**
 * A sequence without its ends: [batch, time, channels] to [batch, time - first - last, channels].
 *
 * Source: Keras's Cropping1D.
 *
 * @example
 * ```ts
 * const model = sequential([layers.cropping1d({ cropping: [1, 0], inputShape: [3, 1] })]);
 * await model.predict([[[1], [2], [3]]]); // => [[[2], [3]]]
 * ```
 */
export class Cropping1D extends Cropping {
  static override className = 'Cropping1D';

  constructor(options: Cropping1DOptions = {}) {
    super(options, () => [options.cropping ?? 1], sequenceAxes);
  }

  override getConfig(): Config {
    const { data_format: _, ...config } = super.getConfig();
    return { ...config, cropping: this.cropping[0] };
  }
}

export interface Cropping2DOptions extends CroppingOptions {
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
 * Source: Keras's Cropping2D.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.cropping2d({ cropping: [[1, 0], [0, 1]], inputShape: [2, 2, 1] }),
 * ]);
 * await model.predict(tensor([1, 2, 3, 4], [1, 2, 2, 1])); // => [[[[3]]]]
 * ```
 */
export class Cropping2D extends Cropping {
  static override className = 'Cropping2D';

  constructor(options: Cropping2DOptions = {}) {
    super(options, () => options.cropping ?? 0, imageAxes);
  }
}

export interface Cropping3DOptions extends CroppingOptions {
  /**
   * How many slices, rows and columns are cut off: a number for all six sides, [depth, rows, columns]
   * for both sides of each, or [[front, back], [top, bottom], [left, right]]. Default 1, as in Keras.
   */
  cropping?: number | readonly [depth: Pair, rows: Pair, columns: Pair];
}

/**
 * Volumes without their edges: [batch, depth, rows, columns, channels] to [batch, depth - front -
 * back, rows - top - bottom, columns - left - right, channels].
 *
 * Source: Keras's Cropping3D.
 */
export class Cropping3D extends Cropping {
  static override className = 'Cropping3D';

  constructor(options: Cropping3DOptions = {}) {
    super(options, () => options.cropping ?? 1, volumeAxes);
  }
}
