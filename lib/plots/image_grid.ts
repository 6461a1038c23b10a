import { checkCount, checkRange } from '../core/options.js';
import { Picture } from '../pictures/picture.js';
import { colors, element, type Point, text, textWidth } from '../pictures/svg.js';
import { encodePng, enlarge, type Pixels } from './png.js';

export interface GridOptions {
  /** Images of a row. Default: so many that the grid is full and about square, or wider. */
  columns?: number | undefined;
  /** Size of a pixel of the images in the picture. Default: so that an image is easily seen. */
  scale?: number | undefined;
  /** Stands above the images. Default: what the picture shows, or none. */
  title?: string | undefined;
}

/** A line of text at an image. */
export interface Caption {
  readonly content: string;
  readonly color: string;
}

export interface Cell {
  readonly pixels: Pixels;
  /** Below the image, one under the other. */
  readonly below?: readonly Caption[];
  /** To the right of it, short: at the top and at the bottom. */
  readonly beside?: readonly [top: Caption, bottom: Caption];
}

export const gridOptionNames = ['columns', 'scale', 'title'] as const;

const kMargin = 16;
const kGap = 6;
const kFontSize = 12;
const kCaptionLine = 15;
const kBesideWidth = 16;

/** Images of one size in rows, under a title and a line that tells more. */
export function imageGrid(
  what: string,
  cells: readonly Cell[],
  options: GridOptions,
  subtitle?: string,
): Picture {
  const { title } = options;
  const first = (cells[0] as Cell).pixels;
  const scale = checkRange(`${what}: scale`, options.scale ?? defaultScale(first), 0.01);
  const columns = Math.min(
    cells.length,
    checkCount(`${what}: columns`, options.columns ?? defaultColumns(cells.length)),
  );
  const [width, height] = [first.width * scale, first.height * scale];
  const step = stepOf(cells, width, height);
  const top = kMargin + (title ? 24 : 0) + (subtitle ? 20 : 0);
  const heading = [
    ...(title ? [text([kMargin, 32], title, { 'font-size': 15, 'font-weight': 'bold' })] : []),
    ...(subtitle ? [text([kMargin, title ? 52 : 28], subtitle, { fill: colors.muted })] : []),
  ];
  const drawn = cells.map((cell, i) => {
    const at: Point = [
      kMargin + (i % columns) * step[0] + (step[0] - kGap - widthOf(cell, width)) / 2,
      top + 4 + Math.floor(i / columns) * step[1],
    ];
    return drawCell(cell, at, width, height);
  });
  const grid = [columns * step[0] - kGap, Math.ceil(cells.length / columns) * step[1] - kGap];
  const texts = Math.max(textWidth(title ?? '', 16), textWidth(subtitle ?? '', kFontSize));
  return new Picture(
    2 * kMargin + Math.max(grid[0] as number, texts),
    top + 4 + (grid[1] as number) + kMargin,
    title ?? `${cells.length} images`,
    [...heading, ...drawn],
  );
}

/** A pixel's size that makes an image some 72 pixels large; a large one is shrunk to 144. */
function defaultScale({ width, height }: Pixels): number {
  const size = Math.max(width, height);
  return size <= 72 ? Math.round(72 / size) : Math.min(1, 144 / size);
}

/** The first number from the square root on that leaves no gap, up to twice as wide as high. */
export function defaultColumns(count: number): number {
  const root = Math.ceil(Math.sqrt(count));
  for (let columns = root; columns <= Math.min(2 * root, 20); columns++) {
    if (count % columns === 0) return columns;
  }
  return count <= 5 ? count : Math.ceil(root * 1.25);
}

/** From one cell to the next. */
function stepOf(cells: readonly Cell[], width: number, height: number): Point {
  const captions = cells.flatMap(({ below = [] }) => below);
  const widest = Math.max(0, ...captions.map(({ content }) => textWidth(content, kFontSize)));
  const lines = Math.max(...cells.map(({ below = [] }) => below.length));
  const image = widthOf(cells[0] as Cell, width);
  return [Math.max(image, widest) + kGap, height + lines * kCaptionLine + (lines && 4) + kGap];
}

function widthOf({ beside }: Cell, width: number): number {
  return width + (beside ? kBesideWidth : 0);
}

function drawCell(cell: Cell, [left, top]: Point, width: number, height: number): string {
  const { pixels, below = [], beside } = cell;
  // Sharp squares rather than a blur, also where viewers smooth what they enlarge.
  const sharp = enlarge(pixels, Math.max(1, Math.round(width / pixels.width)));
  const image = element('image', {
    x: left,
    y: top,
    width,
    height,
    preserveAspectRatio: 'none',
    style: 'image-rendering:pixelated',
    href: `data:image/png;base64,${encodePng(sharp).toString('base64')}`,
  });
  const middle = left + width / 2;
  const captions = below.map(({ content, color }, line) =>
    text([middle, top + height + 14 + line * kCaptionLine], content, {
      'text-anchor': 'middle',
      fill: color,
    }),
  );
  const sides = (beside ?? []).map(({ content, color }, i) =>
    text([left + width + 4, i === 0 ? top + 12 : top + height - 4], content, { fill: color }),
  );
  const frame = element('rect', {
    x: left,
    y: top,
    width: width + kBesideWidth,
    height,
    fill: 'none',
    stroke: colors.grid,
  });
  return element('g', {}, image, ...captions, ...(beside ? [frame, ...sides] : []));
}
