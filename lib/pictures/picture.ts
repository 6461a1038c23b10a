import { LugeError } from '../core/errors.js';
import { checkRange } from '../core/options.js';
import { writeFileAtomic } from '../core/write_file.js';
import { rasterize } from './rasterize.js';
import { colors, element, escapeXml } from './svg.js';

/**
 * A drawing on white paper, so that it reads well on dark pages too: SVG, or PNG when asked. All of
 * `plots` give one.
 *
 * @example
 * ```ts
 * const picture = plots.lines({ loss: [0.9, 0.5, 0.3] }, { title: 'Training' });
 * [picture.width, picture.height]; // => [470, 320]
 * `${picture}`.startsWith('<svg'); // => true
 * ```
 */
export class Picture {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** The whole picture as SVG text. */
  readonly svg: string;

  /**
   * @param title what screen readers say.
   * @param parts SVG elements, the first at the back.
   */
  constructor(width: number, height: number, title: string, parts: readonly string[]) {
    this.width = Math.ceil(width);
    this.height = Math.ceil(height);
    const content = [
      element('title', {}, escapeXml(title)),
      element('rect', { width: this.width, height: this.height, fill: colors.paper }),
      ...parts,
    ];
    const svg = element(
      'svg',
      {
        xmlns: 'http://www.w3.org/2000/svg',
        width: this.width,
        height: this.height,
        viewBox: `0 0 ${this.width} ${this.height}`,
        role: 'img',
        // Without quotes, behind which some rasterizers do not look.
        'font-family': 'Helvetica Neue, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif',
        'font-size': 12,
        fill: colors.ink,
      },
      ...content.map((part) => `\n${part}`),
      '\n',
    );
    this.svg = `${svg}\n`;
  }

  /** The SVG text. */
  toString(): string {
    return this.svg;
  }

  /**
   * The picture as a PNG file's bytes, for which `@resvg/resvg-js` must be installed. Letters are
   * drawn with the system's fonts and left out where it has none: install one, such as DejaVu Sans.
   *
   * @param scale dots for each pixel. Default 2, which is sharp on screen and in print.
   * @throws LugeError UNSUPPORTED, with the command that installs it, when it is not;
   *   BAD_ARGUMENT for a scale that is not in [0.1, 20].
   * @example
   * ```ts
   * const png = plots.lines({ loss: [0.9, 0.5, 0.3] }).toPng({ scale: 1 });
   * String.fromCharCode(...png.subarray(1, 4)); // => 'PNG'
   * ```
   */
  toPng({ scale = 2 }: { scale?: number } = {}): Uint8Array {
    return rasterize(this.svg, checkRange('toPng: scale', scale, 0.1, 20, true));
  }

  /**
   * Writes the picture to a file, whole or not at all: SVG or PNG, by its ending.
   *
   * @param file ends in '.svg', or in '.png' when `@resvg/resvg-js` is installed.
   * @returns the picture itself.
   * @throws LugeError BAD_ARGUMENT for another ending or a file that cannot be written; as `toPng`.
   * @example
   * ```ts
   * const picture = plots.confusionMatrix([[3, 1], [0, 4]], { labels: ['cat', 'dog'] });
   * picture.save('confusion.svg');
   * ```
   */
  save(file: string, options: { scale?: number } = {}): this {
    const ending = typeof file === 'string' ? /\.(svg|png)$/i.exec(file)?.[1]?.toLowerCase() : '';
    if (!ending) {
      throw new LugeError(
        'BAD_ARGUMENT',
        "Pictures are saved as SVG or PNG: expected a file name that ends in '.svg' or '.png', " +
          `but got '${file}'.`,
      );
    }
    writeFileAtomic(file, ending === 'svg' ? this.svg : this.toPng(options));
    return this;
  }
}
