import { type Axis, drawXAxis, drawYAxis, type Frame } from './axis.js';
import {
  dashes,
  drawLegend,
  kLegendLine,
  type LegendEntry,
  legendRows,
  legendWidth,
} from './legend.js';
import { colors, element, type Point, polyline, text, textWidth } from './svg.js';

/** A line through points, in the units of the axes. */
export interface Line {
  /** What warnings call it. */
  readonly name: string;
  readonly color: string;
  readonly dashed?: boolean | undefined;
  readonly points: readonly Point[];
}

/** A place on the x axis that is pointed out. */
export interface Mark {
  /** In the unit of the axis. */
  readonly x: number;
  /** What stands beside it. */
  readonly label: string;
}

/** Lines over common axes. */
export interface LinePanel {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly legend: readonly LegendEntry[];
  readonly x: Axis;
  readonly y: Axis;
  readonly xTitle: string;
  readonly yTitle?: string | undefined;
  readonly marks?: readonly Mark[] | undefined;
}

export const kPanelWidth = 470;
const kPlotHeight = 216;
const kTop = 48;
const kBottom = 56;
const kRight = 24;
const kMostDots = 30;
/** A rim of paper around letters, where a line may pass behind. */
const kRim = { stroke: colors.paper, 'stroke-width': 4, 'paint-order': 'stroke' } as const;

/** The height of a panel, which depends on its legend. */
export function panelHeight(panel: LinePanel): number {
  const rows = legendOf(panel);
  return kTop + kPlotHeight + kBottom + (rows.beside ? 0 : rows.rows.length * kLegendLine);
}

/**
 * Draws lines with their legend. A value that is not finite leaves a gap and is named below the
 * lines, so that a run that diverged is not taken for a short one.
 *
 * @param height at least that of `panelHeight`; what is more goes to the plot.
 */
export function drawLinePanel(panel: LinePanel, [left, top]: Point, height: number): string {
  const legend = legendOf(panel);
  const begin = kTop + (legend.beside ? 0 : legend.rows.length * kLegendLine);
  const inset = leftOf(panel);
  const frame: Frame = {
    left: left + inset,
    top: top + begin,
    width: kPanelWidth - inset - kRight,
    height: height - begin - kBottom,
  };
  const right = frame.left + frame.width;
  const [first = []] = legend.rows;
  const legendAt: Point = legend.beside
    ? [right - legendWidth(first), top + 28]
    : [frame.left, top + 28 + kLegendLine];
  return element(
    'g',
    {},
    text([frame.left, top + 28], panel.title, { 'font-size': 15, 'font-weight': 'bold' }),
    drawLegend(legend.rows, legendAt),
    drawYAxis(frame, panel.y, panel.yTitle),
    drawXAxis(frame, panel.x, panel.xTitle),
    ...panel.lines.map((line) => drawLine(line, panel, frame)),
    ...(panel.marks ?? []).map((mark) => drawMark(mark, panel, frame)),
    ...drawWarnings(panel, frame),
  );
}

/** Room for the numbers of the y axis and its title. */
function leftOf({ y, yTitle }: LinePanel): number {
  const widest = Math.max(...y.ticks.map(({ label }) => textWidth(label, 12)), 38);
  return widest + 16 + (yTitle ? 24 : 8);
}

/** The legend beside the title when there is room, otherwise in rows below. */
function legendOf(panel: LinePanel): { rows: (readonly LegendEntry[])[]; beside: boolean } {
  const width = kPanelWidth - leftOf(panel) - kRight;
  const { legend: entries } = panel;
  const room = width - textWidth(panel.title, 15) - 20;
  if (legendWidth(entries) <= room) return { rows: [entries], beside: true };
  return { rows: legendRows(entries, width), beside: false };
}

/** A line through each run of finite values, with dots where they are few enough to be told apart. */
function drawLine({ points, color, dashed }: Line, { x, y }: LinePanel, frame: Frame): string {
  const place = placing(x, y, frame);
  const runs: Point[][] = [[]];
  for (const point of points) {
    if (isShown(point, x, y)) runs.at(-1)?.push(place(point));
    else runs.push([]);
  }
  const dotted = points.length <= kMostDots;
  const parts = runs.flatMap((run) => [
    ...(run.length > 1
      ? [
          polyline(run, {
            stroke: color,
            'stroke-width': 2,
            'stroke-dasharray': dashes(dashed),
            'stroke-linejoin': 'round',
            'stroke-linecap': 'round',
          }),
        ]
      : []),
    ...(dotted || run.length === 1 ? run : []).map(([cx, cy]) =>
      element('circle', { cx, cy, r: 3, fill: color, stroke: colors.paper }),
    ),
  ]);
  return element('g', {}, ...parts);
}

function placing(x: Axis, y: Axis, { left, top, width, height }: Frame) {
  return ([a, b]: Point): Point => [left + width * x.share(a), top + height * (1 - y.share(b))];
}

/** Whether both numbers have a place: on a logarithmic axis only those above 0 have one. */
function isShown([a, b]: Point, x: Axis, y: Axis): boolean {
  return Number.isFinite(x.share(a)) && Number.isFinite(y.share(b));
}

function drawMark({ x, label }: Mark, panel: LinePanel, frame: Frame): string {
  const at = frame.left + frame.width * panel.x.share(x);
  const isRight = at > frame.left + frame.width / 2;
  return element(
    'g',
    { fill: colors.muted },
    element('line', {
      x1: at,
      x2: at,
      y1: frame.top,
      y2: frame.top + frame.height,
      stroke: colors.muted,
      'stroke-dasharray': dashes(true),
    }),
    text([at + (isRight ? -6 : 6), frame.top + 12], label, {
      'text-anchor': isRight ? 'end' : 'start',
      ...kRim,
    }),
  );
}

function drawWarnings({ lines, x, y, xTitle }: LinePanel, frame: Frame): string[] {
  const broken = lines.flatMap(({ name, points }) => {
    const first = points.find((point) => !isShown(point, x, y));
    return first === undefined ? [] : [{ name, first }];
  });
  return broken.map(({ name, first: [at, value] }, i) => {
    const baseline = frame.top + frame.height - 10 - 16 * (broken.length - 1 - i);
    const message = `${name}: ${value} at ${xTitle.toLowerCase()} ${at}`;
    return text([frame.left + 8, baseline], message, { fill: colors.red, ...kRim });
  });
}
