import { LugeError } from '../core/errors.js';
import {
  drawXAxis,
  drawYAxis,
  type Frame,
  linearScale,
  niceTicks,
  type Scale,
  type Ticks,
} from './axis.js';
import {
  colors,
  element,
  type Point,
  picture,
  polyline,
  savePicture,
  text,
  textWidth,
} from './svg.js';

/** Values of each metric, one an epoch; what `fit` returns can be passed as it is. */
export type HistoryLike =
  | Readonly<Record<string, readonly number[]>>
  | {
      readonly history: Readonly<Record<string, readonly number[]>>;
      readonly epoch?: readonly number[];
    };

interface Series {
  readonly name: 'training' | 'validation';
  readonly color: string;
  readonly values: readonly number[];
}

interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
}

const kPanelWidth = 470;
const kPanelHeight = 320;

/**
 * Draws how training went: a panel for each metric, with a line for the training data and one for
 * the validation data (`val_...`), over the epochs.
 *
 * A value that is not finite leaves a gap and is named below the lines.
 *
 * @param file where to write it too; its name ends in '.svg'.
 * @returns the picture as SVG text.
 * @throws LugeError BAD_ARGUMENT when there is nothing to draw or the file cannot be written.
 */
export function history(from: HistoryLike, file?: string): string {
  const record = isRun(from) ? from.history : from;
  const firstEpoch = ((isRun(from) ? from.epoch?.[0] : undefined) ?? 0) + 1;
  const panels = panelsOf(record);
  const columns = Math.min(2, panels.length);
  const parts = panels.map((panel, i) => {
    const left = (i % columns) * kPanelWidth;
    const top = Math.floor(i / columns) * kPanelHeight;
    return drawPanel(panel, left, top, firstEpoch);
  });
  const height = Math.ceil(panels.length / columns) * kPanelHeight;
  return savePicture(picture(columns * kPanelWidth, height, 'Training history', parts), file);
}

function isRun(from: HistoryLike): from is Exclude<HistoryLike, Record<string, readonly number[]>> {
  return (
    typeof from === 'object' && from !== null && 'history' in from && !Array.isArray(from.history)
  );
}

/** Pairs 'accuracy' with 'val_accuracy'; the loss comes first. */
function panelsOf(record: Readonly<Record<string, readonly number[]>>): Panel[] {
  const keys = Object.entries(record ?? {})
    .filter(([, values]) => values.length > 0)
    .map(([key]) => key);
  if (keys.length === 0) {
    throw new LugeError(
      'BAD_ARGUMENT',
      'plots.history needs at least one epoch, but the history is empty. Call fit first.',
    );
  }
  const metrics = [...new Set(keys.map((key) => key.replace(/^val_/, '')))];
  metrics.sort((a, b) => Number(b === 'loss') - Number(a === 'loss'));
  return metrics.map((metric) => {
    const series: Series[] = [
      { name: 'training', color: colors.blue, values: record[metric] ?? [] },
      { name: 'validation', color: colors.orange, values: record[`val_${metric}`] ?? [] },
    ];
    return { title: titleOf(metric), series: series.filter(({ values }) => values.length > 0) };
  });
}

/** 'mean_absolute_error' and 'meanAbsoluteError' -> 'Mean absolute error'. */
function titleOf(metric: string): string {
  const words = metric
    .replace(/(?<=[a-z])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])/g, (letter) => ` ${letter.toLowerCase()}`)
    .replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function drawPanel(panel: Panel, left: number, top: number, firstEpoch: number): string {
  const frame: Frame = {
    left: left + 62,
    top: top + 48,
    width: kPanelWidth - 62 - 24,
    height: kPanelHeight - 48 - 56,
  };
  const finite = panel.series.flatMap(({ values }) => values.filter(Number.isFinite));
  const [low, high] = finite.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const yTicks = finite.length > 0 ? niceTicks(low, high, 6) : niceTicks(0, 1, 6);
  const y = linearScale(
    [yTicks.values[0] as number, yTicks.values.at(-1) as number],
    [frame.top + frame.height, frame.top],
  );
  const epochs = Math.max(...panel.series.map(({ values }) => values.length));
  const lastEpoch = firstEpoch + epochs - 1;
  const margin = Math.max(0.5, (epochs - 1) * 0.02);
  const x = linearScale(
    [firstEpoch - margin, lastEpoch + margin],
    [frame.left, frame.left + frame.width],
  );
  return element(
    'g',
    {},
    text([frame.left, top + 28], panel.title, { 'font-size': 15, 'font-weight': 'bold' }),
    drawLegend(panel.series, frame.left + frame.width, top + 28),
    drawYAxis(frame, yTicks, y),
    drawXAxis(frame, epochTicks(firstEpoch, lastEpoch), x, 'Epoch'),
    ...panel.series.map((series) => drawSeries(series, x, y, firstEpoch)),
    ...drawWarnings(panel.series, frame, firstEpoch),
  );
}

/** Whole epochs only, and none before the first. */
function epochTicks(first: number, last: number): Ticks {
  const { values, step } = niceTicks(first, last, 8, 1);
  return { values: values.filter((epoch) => epoch >= first && epoch <= last), step };
}

/** Each line's name and last value, on one line that ends at `right`. */
function drawLegend(series: readonly Series[], right: number, baseline: number): string {
  const parts: string[] = [];
  let end = right;
  for (const { name, color, values } of series.toReversed()) {
    const label = `${name} ${formatValue(values.at(-1) as number)}`;
    const begin = end - textWidth(label, 12) * 0.92;
    parts.push(
      text([begin, baseline], label),
      element('line', {
        x1: begin - 24,
        x2: begin - 6,
        y1: baseline - 4,
        y2: baseline - 4,
        stroke: color,
        'stroke-width': 2.5,
        'stroke-linecap': 'round',
      }),
    );
    end = begin - 24 - 14;
  }
  return element('g', {}, ...parts);
}

function formatValue(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(2);
  return `${Number(value.toPrecision(4))}`;
}

/** A line through each run of finite values, with dots where they are few enough to be told apart. */
function drawSeries(series: Series, x: Scale, y: Scale, firstEpoch: number): string {
  const runs: Point[][] = [[]];
  series.values.forEach((value, i) => {
    if (Number.isFinite(value)) runs.at(-1)?.push([x(firstEpoch + i), y(value)]);
    else runs.push([]);
  });
  const dotted = series.values.length <= 30;
  const parts = runs.flatMap((run) => [
    ...(run.length > 1
      ? [
          polyline(run, {
            stroke: series.color,
            'stroke-width': 2,
            'stroke-linejoin': 'round',
            'stroke-linecap': 'round',
          }),
        ]
      : []),
    ...(dotted || run.length === 1 ? run : []).map(([cx, cy]) =>
      element('circle', { cx, cy, r: 3, fill: series.color, stroke: colors.paper }),
    ),
  ]);
  return element('g', {}, ...parts);
}

/** Names each line that holds NaN or infinity, so that a diverged run is not taken for a short one. */
function drawWarnings(series: readonly Series[], frame: Frame, firstEpoch: number): string[] {
  const broken = series.filter(({ values }) => !values.every(Number.isFinite));
  return broken.map(({ name, values }, i) => {
    const first = values.findIndex((value) => !Number.isFinite(value));
    const baseline = frame.top + frame.height - 10 - 16 * (broken.length - 1 - i);
    return text(
      [frame.left + 8, baseline],
      `${name}: ${values[first]} in epoch ${firstEpoch + first}`,
      { fill: colors.red },
    );
  });
}
