import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import { pad } from '../ops/pad.js';
import { checkInput } from './check_input.js';
import { checkDataFormat, type ImageOptions, imageAxes, type Pair } from './image_options.js';
import { Layer, type LayerOptions } from './layer.js';
import { checkSides, checkTwo } from './sides.js';

export interface ZeroPadding2DOptions extends LayerOptions, Pick<ImageOptions, 'dataFormat'> {
  /**
   * How many rows and columns are added: a number for all four sides, [rows, columns] for both sides
   * of each, or [[top, bottom], [left, right]]. Default 1.
   */
  padding?: number | readonly [rows: Pair, columns: Pair];
}

/**
 * Zeros around images, as in Keras: [batch, rows, columns, channels] to
 * [batch, top + rows + bottom, left + columns + right, channels].
 *
 * @example
 * ```ts
 * const model = sequential([
 *   layers.zeroPadding2d({ padding: [[1, 0], [0, 2]], inputShape: [1, 1, 1] }),
 * ]);
 * await model.predict(tensor([7], [1, 1, 1, 1])); // => [[[[0], [0], [0]], [[7], [0], [0]]]]
 * ```
 */
export class ZeroPadding2D extends Layer {
  static override className = 'ZeroPadding2D';
  private readonly padding: [rows: [number, number], columns: [number, number]];

  constructor(options: ZeroPadding2DOptions = {}) {
    super(options, ['padding', 'dataFormat']);
    const { padding = 1 } = options;
    this.padding = this.named(() => {
      const [rows, columns] = checkTwo(
        'padding',
        padding,
        '[rows, columns] or [[top, bottom], [left, right]]',
      );
      return [
        checkSides('padding', rows, '[rows, columns] or [[top, bottom], ...]'),
        checkSides('padding', columns, '[rows, columns] or [..., [left, right]]'),
      ];
    });
    this.named(() => checkDataFormat(options.dataFormat));
  }

  override call(x: Value): Value {
    checkInput(this, x.shape, { axes: imageAxes, rank: 4 });
    return pad(x, [[0, 0], ...this.padding, [0, 0]]);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), padding: this.padding, data_format: 'channels_last' };
  }
}
