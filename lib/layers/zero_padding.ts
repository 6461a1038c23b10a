import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { pad } from '../ops/pad.js';
import { checkInput } from './check_input.js';
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

type PaddingOptions = LayerOptions & Pick<ImageOptions, 'dataFormat'>;

/** Zeros around each sample. */
abstract class ZeroPadding extends Layer {
  protected readonly padding: readonly (readonly [number, number])[];
  private readonly axes: string;

  constructor(options: PaddingOptions, padding: () => Sides, axes: string) {
    super(options, ['padding', 'dataFormat']);
    this.axes = axes;
    this.padding = this.named(() => checkSides('padding', padding(), axes));
    this.named(() => checkDataFormat(options.dataFormat, axes));
  }

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: this.axes, rank: this.padding.length + 2 });
    return pad(x, [[0, 0], ...this.padding, [0, 0]]);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), padding: this.padding, data_format: 'channels_last' };
  }
}

export interface ZeroPadding1DOptions extends PaddingOptions {
  /** How many steps are added: a number for both ends, or [first, last]. Default 1. */
  padding?: Pair;
}

/** [batch, time, channels] to [batch, first + time + last, channels], as in Keras. */
export class ZeroPadding1D extends ZeroPadding {
  static override className = 'ZeroPadding1D';

  constructor(options: ZeroPadding1DOptions = {}) {
    super(options, () => [options.padding ?? 1], sequenceAxes);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), padding: this.padding[0] };
  }
}

export interface ZeroPadding2DOptions extends PaddingOptions {
  /**
   * How many rows and columns are added: a number for all four sides, [rows, columns] for both sides
   * of each, or [[top, bottom], [left, right]]. Default 1.
   */
  padding?: number | readonly [rows: Pair, columns: Pair];
}

/**
 * [batch, rows, columns, channels] to [batch, top + rows + bottom, left + columns + right, channels],
 * as in Keras.
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.zeroPadding2d({ padding: [[1, 0], [0, 2]], inputShape: [1, 1, 1] }),
 * ]);
 * await model.predict(tensor([7], [1, 1, 1, 1])); // => [[[[0], [0], [0]], [[7], [0], [0]]]]
 * ```
 */
export class ZeroPadding2D extends ZeroPadding {
  static override className = 'ZeroPadding2D';

  constructor(options: ZeroPadding2DOptions = {}) {
    super(options, () => options.padding ?? 1, imageAxes);
  }
}

export interface ZeroPadding3DOptions extends PaddingOptions {
  /**
   * How many slices, rows and columns are added: a number for all six sides, [depth, rows, columns]
   * for both sides of each, or [[front, back], [top, bottom], [left, right]]. Default 1.
   */
  padding?: number | readonly [depth: Pair, rows: Pair, columns: Pair];
}

/**
 * [batch, depth, rows, columns, channels] to [batch, front + depth + back, top + rows + bottom, left +
 * columns + right, channels], as in Keras.
 */
export class ZeroPadding3D extends ZeroPadding {
  static override className = 'ZeroPadding3D';

  constructor(options: ZeroPadding3DOptions = {}) {
    super(options, () => options.padding ?? 1, volumeAxes);
  }
}
