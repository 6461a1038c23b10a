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

/** The smallest and the largest of some numbers. */
export function extent(values: readonly number[]): [number, number] {
  return values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

/** An axis: where a value stands, as a share of its length, and what is written beside it. */
export interface Axis {
  /** 0 at its begin, 1 at its end. */
  share(value: number): number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
}

export interface LinearAxisOptions {
  /** About how many ticks. Default 6. */
  count?: number;
  /** Of neighbouring ticks. Default 0. */
  smallestStep?: number;
  /** Room in front of `low` and behind `high`. By default the axis ends at the ticks around both. */
  margin?: number;
}

/** An even axis for values in [low, high]. */
export function linearAxis(low: number, high: number, options: LinearAxisOptions = {}): Axis {
  const { count = 6, smallestStep = 0, margin } = options;
  const { values, step } = niceTicks(low, high, count, smallestStep);
  const all = values.map((value) => ({ value, label: formatTick(value, step) }));
  const [from, to] =
    margin === undefined
      ? [values[0] as number, values.at(-1) as number]
      : [low - margin, high + margin];
  const slack = step * 1e-9;
  const inside = ({ value }: { value: number }) =>
    margin === undefined || (value >= low - slack && value <= high + slack);
  return { share: (value) => (value - from) / (to - from), ticks: all.filter(inside) };
}

/**
 * An axis on which equal factors are equally far apart, for values in [low, high] above 0.
 *
 * @param toTicks whether it ends at the ticks around both, or at the values themselves.
 */
export function logAxis(low: number, high: number, toTicks = false): Axis {
  const decades = Math.log10(high / low);
  const every = Math.max(1, Math.ceil(decades / 9));
  const factors = decades < 0.9 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : decades < 2.5 ? [1, 2, 5] : [1];
  const first = Math.floor(Math.log10(low) / every) - 1;
  const last = Math.ceil(Math.log10(high) / every) + 1;
  const all = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * every).flatMap(
    (power) => factors.map((factor) => tickOf(factor, power)),
  );
  const [below, above] = low < high ? [low, high] : [low / 1.5, high * 1.5];
  const from = toTicks ? all.findLast(({ value }) => value <= below)?.value : below;
  const to = toTicks ? all.find(({ value }) => value >= above)?.value : above;
  const [begin, end] = [from ?? below, to ?? above];
  return {
    share: (value) => Math.log(value / begin) / Math.log(end / begin),
    ticks: all.filter(({ value }) => value >= begin * (1 - 1e-9) && value <= end * (1 + 1e-9)),
  };
}

function tickOf(factor: number, power: number) {
  const label = `${factor}e${power}`;
  const value = Number(label);
  return { value, label: Math.abs(power) < 4 ? `${value}` : label };
}

/** A grid line and a number for each tick, and the title, if any, turned upwards. */
export function drawYAxis(frame: Frame, axis: Axis, title?: string): string {
  const right = frame.left + frame.width;
  const parts = axis.ticks.flatMap(({ value, label }) => {
    const at = frame.top + frame.height * (1 - axis.share(value));
    return [
      element('line', { x1: frame.left, x2: right, y1: at, y2: at, stroke: colors.grid }),
      text([frame.left - 8, at + 4], label, { 'text-anchor': 'end' }),
    ];
  });
  const beside: Point = [frame.left - 50, frame.top + frame.height / 2];
  if (title) {
    parts.push(
      text(beside, title, {
        'text-anchor': 'middle',
        transform: `rotate(-90 ${beside[0]} ${beside[1]})`,
      }),
    );
  }
  return element('g', { fill: colors.muted }, ...parts);
}

/** The bottom axis: a line, a mark and a number for each tick, and a title. */
export function drawXAxis(frame: Frame, axis: Axis, title: string): string {
  const bottom = frame.top + frame.height;
  const right = frame.left + frame.width;
  const parts = axis.ticks.flatMap(({ value, label }) => {
    const at = frame.left + frame.width * axis.share(value);
    return [
      element('line', { x1: at, x2: at, y1: bottom, y2: bottom + 4, stroke: colors.muted }),
      text([at, bottom + 18], label, { 'text-anchor': 'middle' }),
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
