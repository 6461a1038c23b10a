import { checkOptions } from '../core/options.js';
import type { TensorLike } from '../core/tensor.js';
import { Picture } from '../pictures/picture.js';
import { colors, element, mix, type Point, text, textWidth } from '../pictures/svg.js';
import {
  type ConfusionTable,
  confusionTable,
  group,
  percent,
  summarize,
} from './confusion_table.js';

export interface ConfusionMatrixOptions {
  /** Names of the classes. Default: their numbers. */
  labels?: readonly string[] | undefined;
  /** Default 'Confusion matrix'. */
  title?: string | undefined;
}

const kWidestCell = 52;
const kNarrowestCell = 5;
const kSmallestCellWithText = 18;
/** Cell colors from a share of 0 to one of 1. */
const kRight = ['#dbe8fa', colors.blue] as const;
const kWrong = ['#fdecdc', colors.orange] as const;
const kEmpty = '#f3f4f6';

/**
 * Draws a confusion matrix as a heat map with the counts: right answers in blue, by their share of
 * the row; mistakes in orange, by the square root of theirs, so that rare ones show. Recall stands
 * at the end of each row and precision below each column. With many classes the cells become too
 * small for text and only the colors remain.
 *
 * @param matrix counts [classes, classes]; rows are the truth, columns the prediction.
 * @throws LugeError BAD_SHAPE or BAD_DATA for a matrix of another kind, BAD_ARGUMENT for labels that
 *   do not fit.
 * @example
 * ```ts
 * const counts = confusionMatrix([0, 0, 1, 1], [0, 1, 1, 1]);
 * const picture = plots.confusionMatrix(counts, { labels: ['cat', 'dog'] });
 * picture.svg.includes('3 of 4 correct'); // => true
 * ```
 */
export function confusionMatrix(matrix: TensorLike, options: ConfusionMatrixOptions = {}): Picture {
  checkOptions('plots.confusionMatrix', options, ['labels', 'title']);
  const table = confusionTable('plots.confusionMatrix', matrix, options.labels);
  const title = options.title ?? 'Confusion matrix';
  const size = table.labels.length;
  const cell = Math.max(kNarrowestCell, Math.min(kWidestCell, Math.floor(560 / size)));
  const named = cell >= kSmallestCellWithText;
  const fontSize = Math.min(12, cell * 0.5);
  const longest = Math.max(...table.labels.map((label) => textWidth(label, fontSize)));
  const slanted = longest > cell - 4;
  // Room for the names of the rows, or for 'Precision' below them; and for those of the columns.
  const left = 44 + (named ? Math.max(longest, 58) + 10 : 0);
  const top = 88 + (named ? (slanted ? longest * 0.71 + 14 : 18) : 0);
  const end: Point = [left + size * cell, top + size * cell];
  const slant = slanted ? longest * 0.71 : 0;
  const width = Math.max(end[0] + (named ? Math.max(72, slant) : 24), 300);
  const height = end[1] + (named ? 40 : 24);
  const corner: Point = [left, top];
  const parts = [
    text([24, 32], title, { 'font-size': 15, 'font-weight': 'bold' }),
    text([24, 52], summarize(table), { fill: colors.muted }),
    ...drawTitles(corner, end, named, slant),
    ...drawCells(table, corner, cell),
    ...(named ? drawNames(table, corner, cell, fontSize, slanted) : []),
    ...(named ? drawShares(table, corner, end, cell) : []),
  ];
  return new Picture(width, height, `${title}: ${summarize(table)}`, parts);
}

function drawTitles([left, top]: Point, [right, bottom]: Point, named: boolean, slant: number) {
  const middle: Point = [28, (top + bottom) / 2];
  const above = top - 12 - (named ? (slant > 0 ? slant + 10 : 18) : 0);
  return [
    text([(left + right) / 2, above], 'Predicted class', { 'text-anchor': 'middle' }),
    text(middle, 'True class', {
      'text-anchor': 'middle',
      transform: `rotate(-90 ${middle[0]} ${middle[1]})`,
    }),
  ];
}

function drawCells(table: ConfusionTable, [left, top]: Point, cell: number): string[] {
  const longest = Math.max(...table.counts.flat().map((count) => group(count).length));
  const fontSize = Math.min(13, (cell - 4) / (longest * 0.6));
  const gap = cell >= kSmallestCellWithText ? 1 : 0;
  return table.counts.flatMap((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0) || 1;
    return row.flatMap((count, predicted) => {
      const x = left + predicted * cell;
      const y = top + truth * cell;
      const share = count / total;
      const depth = truth === predicted ? share : Math.sqrt(share);
      const [pale, deep] = truth === predicted ? kRight : kWrong;
      const fill = count === 0 ? kEmpty : mix(pale, deep, depth);
      const rect = element('rect', { x, y, width: cell - gap, height: cell - gap, fill });
      if (count === 0 || fontSize < 6) return [rect];
      const label = text([x + (cell - gap) / 2, y + cell / 2 + fontSize * 0.35], group(count), {
        'text-anchor': 'middle',
        'font-size': fontSize,
        fill: depth > 0.55 ? colors.paper : colors.ink,
      });
      return [rect, label];
    });
  });
}

function drawNames(
  table: ConfusionTable,
  [left, top]: Point,
  cell: number,
  fontSize: number,
  slanted: boolean,
): string[] {
  return table.labels.flatMap((label, i) => {
    const middle = (i + 0.5) * cell;
    const above: Point = [left + middle + (slanted ? 3 : 0), top - 8];
    return [
      text([left - 8, top + middle + fontSize * 0.35], label, {
        'text-anchor': 'end',
        'font-size': fontSize,
      }),
      text(above, label, {
        'text-anchor': slanted ? 'start' : 'middle',
        'font-size': fontSize,
        transform: slanted ? `rotate(-45 ${above[0]} ${above[1]})` : undefined,
      }),
    ];
  });
}

/** Recall to the right of the rows, precision below the columns. */
function drawShares(
  table: ConfusionTable,
  [left, top]: Point,
  [right, bottom]: Point,
  cell: number,
) {
  const fontSize = Math.min(11, (cell - 2) / 3.6);
  const style = { fill: colors.muted, 'font-size': fontSize };
  return [
    text([right + 10, top - 8], 'Recall', { fill: colors.muted, 'font-size': 11 }),
    text([left - 8, bottom + 18], 'Precision', {
      fill: colors.muted,
      'font-size': 11,
      'text-anchor': 'end',
    }),
    ...table.recall.map((share, i) =>
      text([right + 10, top + (i + 0.5) * cell + fontSize * 0.35], percent(share), style),
    ),
    ...table.precision.map((share, i) =>
      text([left + (i + 0.5) * cell, bottom + 18], percent(share), {
        ...style,
        'text-anchor': 'middle',
      }),
    ),
  ];
}
