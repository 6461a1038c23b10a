import { LugeError } from '../core/errors.js';
import { writeFileAtomic } from '../core/write_file.js';

/** A place in a picture: pixels from its left and top. */
export type Point = readonly [x: number, y: number];

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** The colors that all pictures share. */
export const colors = {
  paper: '#ffffff',
  ink: '#1f2937',
  muted: '#6b7280',
  grid: '#e5e7eb',
  blue: '#1d5fbf',
  orange: '#dd6b20',
  red: '#c53030',
} as const;

/** An element with its children, which are SVG already; attributes are escaped, undefined left out. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        ` ${key}="${typeof value === 'number' ? round(value) : escapeXml(`${value}`)}"`,
    )
    .join('');
  return children.length === 0
    ? `<${name}${written}/>`
    : `<${name}${written}>${children.join('')}</${name}>`;
}

/** A line of text with its baseline at `y`; `text-anchor` says which end `x` is. */
export function text([x, y]: Point, content: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeXml(content));
}

/** A line through points. */
export function polyline(points: readonly Point[], attributes: Attributes): string {
  const list = points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
  return element('polyline', { points: list, fill: 'none', ...attributes });
}

/** A whole picture on white paper. `title` is what screen readers say. */
export function picture(width: number, height: number, title: string, parts: string[]): string {
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${round(width)} ${round(height)}`,
      role: 'img',
      'font-family':
        "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif",
      'font-size': 12,
      fill: colors.ink,
    },
    ...[
      element('title', {}, escapeXml(title)),
      element('rect', { width, height, fill: colors.paper }),
      ...parts,
    ].map((part) => `\n${part}`),
    '\n',
  );
  return `${svg}\n`;
}

/** About how wide a text will be: fonts differ, so a generous mean width of a letter is taken. */
export function textWidth(content: string, fontSize: number): number {
  return [...content].length * fontSize * 0.6;
}

/** The color `share` of the way from one '#rrggbb' to another. */
export function mix(from: string, to: string, share: number): string {
  const channel = (color: string, i: number) =>
    Number.parseInt(color.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mixed = [0, 1, 2].map((i) => {
    const value = channel(from, i) + (channel(to, i) - channel(from, i)) * share;
    return Math.round(value).toString(16).padStart(2, '0');
  });
  return `#${mixed.join('')}`;
}

/** Writes a picture to a file when one is named; throws BAD_ARGUMENT unless its name ends in .svg. */
export function savePicture(svg: string, file: string | undefined): string {
  if (file === undefined) return svg;
  if (typeof file !== 'string' || !/\.svg$/i.test(file)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `Pictures are written as SVG: expected a file name that ends in '.svg', but got '${file}'.`,
    );
  }
  writeFileAtomic(file, svg);
  return svg;
}

/** Text as it may stand in XML, without the control characters that XML forbids. */
function escapeXml(content: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return [...content]
    .filter((letter) => letter >= ' ' || letter === '\t' || letter === '\n')
    .map((letter) => entities[letter] ?? letter)
    .join('');
}

/** Two decimals are finer than a screen shows. */
function round(value: number): string {
  return `${Math.round(value * 100) / 100}`;
}
