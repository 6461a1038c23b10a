import type { TypedArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions } from '../core/options.js';
import { showShape } from '../core/shape.js';
import type { Layer } from '../layers/layer.js';
import { drawXAxis, extent, type Frame, linearAxis } from '../pictures/axis.js';
import { Picture } from '../pictures/picture.js';
import { colors, element, type Point, text, textWidth } from '../pictures/svg.js';
import { checkLayer } from './subjects.js';

export interface WeightHistogramOptions {
  /** Bars of each weight. Default 40. */
  bins?: number | undefined;
}

const kWidth = 240;
const kHeight = 172;
const kMostColumns = 4;

/** How many values fall into each of some even parts of [low, high]. */
interface Histogram {
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
}

/**
 * Draws how the numbers of each weight are distributed, with their mean and standard deviation: a
 * histogram each, in the order of `weights`. Numbers that are not finite are counted in red.
 *
 * @param of a model or layer.
 * @throws LugeError NOT_BUILT; UNSUPPORTED when it has no weights.
 * @example
 * ```ts
 * const m = sequential([layers.dense({ units: 8, inputShape: [16], name: 'hidden' })]);
 * plots.weightHistogram(m).svg.includes('hidden/kernel'); // => true
 * ```
 */
export function weightHistogram(of: Layer, options: WeightHistogramOptions = {}): Picture {
  const what = 'plots.weightHistogram';
  checkOptions(what, options, ['bins']);
  const bins = checkCount(`${what}: bins`, options.bins ?? 40);
  const values = checkLayer(what, of).getWeights();
  if (values.length === 0) {
    throw new LugeError('UNSUPPORTED', `${what}: '${of.name}' has no weights to draw.`);
  }
  const columns = Math.min(kMostColumns, Math.ceil(Math.sqrt(values.length)));
  const panels = values.map(({ data, shape }, i) => {
    const at: Point = [(i % columns) * kWidth, 44 + Math.floor(i / columns) * kHeight];
    return drawPanel(`${of.weights[i]?.name} ${showShape(shape)}`, data, bins, at);
  });
  return new Picture(
    Math.max(columns * kWidth, 260),
    44 + Math.ceil(values.length / columns) * kHeight,
    `Weights of ${of.name}`,
    [
      text([20, 32], `Weights of ${of.name}`, { 'font-size': 15, 'font-weight': 'bold' }),
      ...panels,
    ],
  );
}

function drawPanel(name: string, data: TypedArray, bins: number, [left, top]: Point): string {
  const frame: Frame = { left: left + 20, top: top + 44, width: kWidth - 40, height: 88 };
  const finite = [...data].filter(Number.isFinite);
  const { low, high, counts } = histogramOf(finite, bins);
  const axis = linearAxis(low, high, { count: 5, margin: 0 });
  const most = Math.max(...counts, 1);
  const width = frame.width / bins;
  const bars = counts.map((count, i) => {
    const height = (count / most) * frame.height;
    const y = frame.top + frame.height - height;
    const x = frame.left + i * width;
    return element('rect', { x, y, width: width * 0.92, height, fill: colors.blue });
  });
  const broken = data.length - finite.length;
  const fontSize = Math.min(12, (12 * frame.width) / textWidth(name, 12));
  return element(
    'g',
    {},
    text([frame.left, top + 16], name, { 'font-size': fontSize }),
    text([frame.left, top + 32], momentsOf(finite), { fill: colors.muted, 'font-size': 11 }),
    ...bars,
    drawXAxis(frame, axis, ''),
    ...(broken > 0
      ? [text([frame.left, frame.top + 10], `${broken} not finite`, { fill: colors.red })]
      : []),
  );
}

function histogramOf(values: readonly number[], bins: number): Histogram {
  const [least, most] = values.length > 0 ? extent(values) : [0, 0];
  // Numbers that are all the same, such as fresh biases, get room on both sides.
  const room = most > least ? 0 : Math.abs(most) || 1;
  const [low, high] = [least - room, most + room];
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const at = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
    counts[at] = (counts[at] as number) + 1;
  }
  return { low, high, counts };
}

/** 'mean 0.012, deviation 0.34' */
function momentsOf(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const show = (value: number) => `${Number(value.toPrecision(3))}`;
  return `mean ${show(mean)}, deviation ${show(Math.sqrt(variance))}`;
}
