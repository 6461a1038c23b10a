import { LugeError } from '../core/errors.js';
import { checkChoice, checkOptions } from '../core/options.js';
import { type Axis, extent, linearAxis, logAxis } from './axis.js';
import { drawLinePanel, kPanelWidth, type Line, type Mark, panelHeight } from './line_panel.js';
import { Picture } from './picture.js';
import { type Point, palette } from './svg.js';

/** Values one behind the other, or each at a place. */
export type Series =
  | readonly number[]
  | { readonly x: readonly number[]; readonly y: readonly number[] };

export interface LinesOptions {
  /** Default: none. */
  title?: string | undefined;
  /** What stands along the x axis. Default 'x'. */
  xTitle?: string | undefined;
  /** What stands along the y axis. Default: nothing. */
  yTitle?: string | undefined;
  /** 'log' for values above 0 that differ by factors. Default 'linear'. */
  xScale?: 'linear' | 'log' | undefined;
  /** The same for the y axis. */
  yScale?: 'linear' | 'log' | undefined;
  /** Places on the x axis to point out. */
  marks?: readonly Mark[] | undefined;
}

/**
 * Draws lines, such as a metric over the values of a setting that was tried out.
 *
 * A value that is not finite leaves a gap and is named below the lines.
 *
 * @param series by name: values over 0, 1, 2, ..., or `{ x, y }` of as many numbers each.
 * @throws LugeError BAD_ARGUMENT when there is nothing to draw, or x and y differ in length.
 * @example
 * ```ts
 * const accuracy = { x: [0.001, 0.01, 0.1], y: [0.91, 0.97, 0.95] };
 * const picture = plots.lines({ accuracy }, { xScale: 'log', xTitle: 'Learning rate' });
 * picture.svg.includes('Learning rate'); // => true
 * ```
 */
export function lines(
  series: Readonly<Record<string, Series>>,
  options: LinesOptions = {},
): Picture {
  const what = 'plots.lines';
  checkOptions(what, options, ['title', 'xTitle', 'yTitle', 'xScale', 'yScale', 'marks']);
  const { title = '', xTitle = 'x', yTitle, marks = [] } = options;
  const entries = Object.entries(series ?? {});
  const drawn = entries.map(
    ([name, values], i): Line => ({
      name,
      color: palette[i % palette.length] as string,
      points: pointsOf(what, name, values),
    }),
  );
  const points = drawn.flatMap((line) => line.points);
  if (points.length === 0) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what} needs at least one series with values, such as { accuracy: [0.9, 0.95] }, but there is nothing to draw.`,
    );
  }
  const xValues = [...points.map(([x]) => x), ...marks.map(({ x }) => x)];
  const panel = {
    title,
    lines: drawn,
    legend:
      drawn.length === 1 && title ? [] : drawn.map(({ name, color }) => ({ label: name, color })),
    x: axisOf(`${what} xScale`, options.xScale, xValues, 0.02),
    y: axisOf(
      `${what} yScale`,
      options.yScale,
      points.map(([, y]) => y),
    ),
    xTitle,
    yTitle,
    marks,
  };
  const height = panelHeight(panel);
  const parts = [drawLinePanel(panel, [0, 0], height)];
  return new Picture(kPanelWidth, height, title || entries.map(([name]) => name).join(', '), parts);
}

function pointsOf(what: string, name: string, values: Series): Point[] {
  const isPair = typeof values === 'object' && values !== null && 'x' in values;
  const y = isPair ? values.y : values;
  const x = isPair ? values.x : undefined;
  if (Array.isArray(y) && (x === undefined || (Array.isArray(x) && x.length === y.length))) {
    return y.map((value: number, i): Point => [x?.[i] ?? i, value]);
  }
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what}: '${name}' must be an array of numbers, or { x, y } with as many numbers each.`,
  );
}

/** @param margin share of the length that stays free at both ends; by default it ends at ticks. */
function axisOf(
  what: string,
  scale: 'linear' | 'log' = 'linear',
  values: readonly number[],
  margin?: number,
): Axis {
  const isLog = checkChoice(what, scale, ['linear', 'log']) === 'log';
  const shown = values.filter((value) => Number.isFinite(value) && (!isLog || value > 0));
  const [low, high] = shown.length > 0 ? extent(shown) : ([0.1, 1] as const);
  if (isLog) return logAxis(low, high, margin === undefined);
  return linearAxis(low, high, {
    count: 8,
    ...(margin === undefined ? {} : { margin: margin * (high - low || 1) }),
  });
}
