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

/** Colors of things side by side, told apart by color-blind readers too, at least the first few. */
export const palette = [
  colors.blue,
  colors.orange,
  '#2f855a',
  '#8b5fbf',
  '#b7791f',
  '#0e7490',
  '#be185d',
  '#4a5568',
] as const;

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

/** Text as it may stand in XML, without the control characters that XML forbids. */
export function escapeXml(content: string): string {
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
