import { LugeError } from '../core/errors.js';
import { checkChoice, checkOptions } from '../core/options.js';
import { extent, linearAxis, logAxis } from './axis.js';
import type { LegendEntry } from './legend.js';
import {
  drawLinePanel,
  kPanelWidth,
  type Line,
  type LinePanel,
  panelHeight,
} from './line_panel.js';
import { Picture } from './picture.js';
import { colors, type Point, palette } from './svg.js';

type Values = Readonly<Record<string, readonly number[]>>;

/** Values of each metric, one an epoch; what `fit` returns can be passed as it is. */
export type HistoryLike = Values | { readonly history: Values; readonly epoch?: readonly number[] };

export interface HistoryOptions {
  /** Names of the runs when several are compared. Default 'run 1', 'run 2', ... */
  labels?: readonly string[] | undefined;
  /** Metrics to show, in that order, without 'val_'. Default: all, the loss first. */
  metrics?: readonly string[] | undefined;
  /** 'log' spreads out small values, such as those of a loss. Default 'linear'. */
  yScale?: 'linear' | 'log' | undefined;
}

/** A run with its name, empty when it is the only one. */
interface Run {
  readonly label: string;
  readonly firstEpoch: number;
  readonly values: Values;
}

interface HistoryLine extends Line {
  readonly run: Run;
  readonly isValidation: boolean;
}

/**
 * Draws how training went: a panel for each metric, with a line for the training data and one for
 * the validation data (`val_...`), over the epochs. Of several runs each has a color of its own, and
 * validation is dashed.
 *
 * A value that is not finite leaves a gap and is named below the lines.
 *
 * @param from what `fit` returns, or a list of such runs to compare.
 * @throws LugeError BAD_ARGUMENT when there is nothing to draw, or labels do not fit the runs;
 *   UNKNOWN_NAME for a metric that no run has.
 * @example
 * ```ts
 * const picture = plots.history({ loss: [0.9, 0.4, 0.2], val_loss: [0.8, 0.5, 0.4] });
 * picture.width; // => 470
 * ```
 */
export function history(
  from: HistoryLike | readonly HistoryLike[],
  options: HistoryOptions = {},
): Picture {
  checkOptions('plots.history', options, ['labels', 'metrics', 'yScale']);
  const yScale = checkChoice('yScale', options.yScale ?? 'linear', ['linear', 'log']);
  const runs = runsOf(from, options.labels);
  const panels = metricsOf(runs, options.metrics).map((metric) =>
    panelOf(metric, runs, yScale === 'log'),
  );
  const columns = Math.min(2, panels.length);
  const height = Math.max(...panels.map(panelHeight));
  const parts = panels.map((panel, i) => {
    const at: Point = [(i % columns) * kPanelWidth, Math.floor(i / columns) * height];
    return drawLinePanel(panel, at, height);
  });
  const rows = Math.ceil(panels.length / columns);
  return new Picture(columns * kPanelWidth, rows * height, 'Training history', parts);
}

function runsOf(
  from: HistoryLike | readonly HistoryLike[],
  labels: readonly string[] | undefined,
): Run[] {
  const list = (Array.isArray(from) ? from : [from]) as HistoryLike[];
  if (labels !== undefined && labels.length !== list.length) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `plots.history: labels must name the ${list.length} runs, but there are ${labels.length}.`,
    );
  }
  return list.map((run, i) => {
    const { values, epoch } = isRun(run)
      ? { values: run.history, epoch: run.epoch }
      : { values: run, epoch: undefined };
    if (Object.values(values ?? {}).some((column) => !Array.isArray(column))) {
      throw new LugeError(
        'BAD_ARGUMENT',
        'plots.history takes what fit returns, or a record of arrays such as { loss: [0.9, 0.5] }.',
      );
    }
    const label = labels?.[i] ?? (list.length > 1 ? `run ${i + 1}` : '');
    return { label, values: values ?? {}, firstEpoch: (epoch?.[0] ?? 0) + 1 };
  });
}

function isRun(from: HistoryLike): from is Exclude<HistoryLike, Values> {
  return (
    typeof from === 'object' && from !== null && 'history' in from && !Array.isArray(from.history)
  );
}

/** What there is to show, 'val_accuracy' under 'accuracy'; the loss comes first. */
function metricsOf(runs: readonly Run[], wanted: readonly string[] | undefined): string[] {
  const keys = runs.flatMap(({ values }) =>
    Object.entries(values)
      .filter(([, column]) => column.length > 0)
      .map(([key]) => key),
  );
  const found = [...new Set(keys.map((key) => key.replace(/^val_/, '')))];
  if (found.length === 0) {
    throw new LugeError(
      'BAD_ARGUMENT',
      'plots.history needs at least one epoch, but the history is empty. Call fit first.',
    );
  }
  const missing = wanted?.find((metric) => !found.includes(metric));
  if (missing !== undefined) {
    throw new LugeError(
      'UNKNOWN_NAME',
      `plots.history: there is no metric '${missing}' in the history; it has ${found.join(', ')}.`,
    );
  }
  return wanted?.length
    ? [...wanted]
    : found.sort((a, b) => Number(b === 'loss') - Number(a === 'loss'));
}

function panelOf(metric: string, runs: readonly Run[], isLog: boolean): LinePanel {
  const lines = runs.flatMap((run, i) => linesOf(metric, run, i, runs.length === 1));
  const points = lines.flatMap((line) => line.points);
  const [first, last] = extent(points.map(([epoch]) => epoch));
  const shown = points.map(([, y]) => y).filter((y) => Number.isFinite(y) && (!isLog || y > 0));
  const [low, high] = shown.length > 0 ? extent(shown) : ([0.1, 1] as const);
  return {
    title: titleOf(metric),
    lines,
    legend: runs.length === 1 ? legendOfRun(lines) : legendOfRuns(runs, lines),
    // Whole epochs only, and none before the first.
    x: linearAxis(first, last, {
      count: 8,
      smallestStep: 1,
      margin: Math.max(0.5, (last - first) * 0.02),
    }),
    y: isLog ? logAxis(low, high, true) : linearAxis(low, high),
    xTitle: 'Epoch',
  };
}

/** A line for training and one for validation, as far as there are values. */
function linesOf(metric: string, run: Run, place: number, isOnly: boolean): HistoryLine[] {
  const kinds = [
    { isValidation: false, values: run.values[metric] ?? [] },
    { isValidation: true, values: run.values[`val_${metric}`] ?? [] },
  ];
  return kinds
    .filter(({ values }) => values.length > 0)
    .map(({ isValidation, values }) => ({
      run,
      isValidation,
      name: `${run.label} ${isValidation ? 'validation' : 'training'}`.trim(),
      color: isOnly
        ? colors[isValidation ? 'orange' : 'blue']
        : (palette[place % palette.length] as string),
      dashed: !isOnly && isValidation,
      points: values.map((value, i): Point => [run.firstEpoch + i, value]),
    }));
}

/** Each line with its last value. */
function legendOfRun(lines: readonly HistoryLine[]): LegendEntry[] {
  return lines.map((line) => ({ ...line, label: `${line.name} ${lastValue(line)}` }));
}

/** Each run with its last values, and which lines are validation. */
function legendOfRuns(runs: readonly Run[], lines: readonly HistoryLine[]): LegendEntry[] {
  const entries = runs.flatMap((run) => {
    const own = lines.filter((line) => line.run === run);
    const values = own.map(lastValue).join(' / ');
    return own.slice(0, 1).map(({ color }) => ({ color, label: `${run.label} ${values}` }));
  });
  const kinds = new Set(lines.map(({ isValidation }) => isValidation));
  if (!kinds.has(true)) return entries;
  const key = { color: colors.muted };
  return [
    ...entries,
    ...(kinds.has(false) ? [{ ...key, label: 'training' }] : []),
    { ...key, label: 'validation', dashed: true },
  ];
}

function lastValue({ points }: Line): string {
  const [, value] = points.at(-1) as Point;
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(2);
  return `${Number(value.toPrecision(4))}`;
}

/** 'mean_absolute_error' and 'meanAbsoluteError' -> 'Mean absolute error'. */
function titleOf(metric: string): string {
  const words = metric
    .replace(/(?<=[a-z])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])/g, (letter) => ` ${letter.toLowerCase()}`)
    .replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
