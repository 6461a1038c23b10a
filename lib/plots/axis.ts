import { colors, element, type Point, text } from './svg.js';

/** Values that are easily read, evenly spaced. */
export interface Ticks {
  readonly values: readonly number[];
  readonly step: number;
}

/** A rectangle in a picture, in pixels. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type Scale = (value: number) => number;

/** Multiples of 1, 2 or 5 times a power of ten that span [low, high], about `count` of them. */
export function niceTicks(low: number, high: number, count: number, smallest = 0): Ticks {
  // A flat line gets room above and below it.
  const span = high - low || Math.abs(high) * 0.2 || 1;
  const [from, to] = high > low ? [low, high] : [low - span / 2, high + span / 2];
  const step = Math.max(niceStep(span / Math.max(1, count - 1)), smallest);
  const first = Math.floor(from / step + 1e-9);
  const last = Math.ceil(to / step - 1e-9);
  const values = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return { values, step };
}

/** The smallest of 1, 2, 5 times a power of ten that is at least `size`. */
function niceStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= size * (1 - 1e-9));
  return (factor ?? 10) * power;
}

/** A tick with as many decimals as its neighbours need. */
export function formatTick(value: number, step: number): string {
  const size = Math.max(Math.abs(value), step);
  if (size >= 1e6 || step < 1e-5) {
    const digits = Math.max(0, Math.floor(Math.log10(size)) - Math.floor(Math.log10(step) + 1e-9));
    return value === 0 ? '0' : value.toExponential(digits).replace('e+', 'e');
  }
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  // + 0 turns -0 into 0.
  return (Number(value.toFixed(decimals)) + 0).toFixed(decimals);
}

/** The straight line that takes one interval to another. */
export function linearScale(domain: readonly [number, number], range: Point): Scale {
  const slope = (range[1] - range[0]) / (domain[1] - domain[0]);
  return (value) => range[0] + (value - domain[0]) * slope;
}

/** The left axis: a grid line and a number for each tick. */
export function drawYAxis(frame: Frame, ticks: Ticks, y: Scale): string {
  const right = frame.left + frame.width;
  const parts = ticks.values.flatMap((value) => {
    const at = y(value);
    return [
      element('line', { x1: frame.left, x2: right, y1: at, y2: at, stroke: colors.grid }),
      text([frame.left - 8, at + 4], formatTick(value, ticks.step), { 'text-anchor': 'end' }),
    ];
  });
  return element('g', { fill: colors.muted }, ...parts);
}

/** The bottom axis: a line, a mark and a number for each tick, and a title. */
export function drawXAxis(frame: Frame, ticks: Ticks, x: Scale, title: string): string {
  const bottom = frame.top + frame.height;
  const right = frame.left + frame.width;
  const parts = ticks.values.flatMap((value) => {
    const at = x(value);
    return [
      element('line', { x1: at, x2: at, y1: bottom, y2: bottom + 4, stroke: colors.muted }),
      text([at, bottom + 18], formatTick(value, ticks.step), { 'text-anchor': 'middle' }),
    ];
  });
  return element(
    'g',
    { fill: colors.muted },
    element('line', { x1: frame.left, x2: right, y1: bottom, y2: bottom, stroke: colors.muted }),
    ...parts,
    text([frame.left + frame.width / 2, bottom + 36], title, { 'text-anchor': 'middle' }),
  );
}
