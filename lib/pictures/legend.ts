import { colors, element, type Point, text, textWidth } from './svg.js';

export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly dashed?: boolean | undefined;
}

export const kLegendLine = 18;
const kSample = 24;
const kGap = 14;

/** How a line is dashed, if it is. */
export const dashes = (dashed: boolean | undefined) => (dashed ? '5 4' : undefined);

/** The width of some entries side by side. */
export function legendWidth(entries: readonly LegendEntry[]): number {
  return entries.reduce((sum, entry) => sum + entryWidth(entry), -kGap);
}

/** The entries in as few rows as the width allows. */
export function legendRows(entries: readonly LegendEntry[], width: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  for (const entry of entries) {
    const row = rows.at(-1);
    if (row !== undefined && legendWidth([...row, entry]) <= width) row.push(entry);
    else rows.push([entry]);
  }
  return rows;
}

/** Rows of line samples with their labels; `at` is the left end of the first row's baseline. */
export function drawLegend(rows: readonly (readonly LegendEntry[])[], [left, top]: Point): string {
  const parts = rows.flatMap((row, i) => {
    let x = left;
    const baseline = top + i * kLegendLine;
    return row.flatMap((entry) => {
      const begin = x;
      x += entryWidth(entry);
      return [
        element('line', {
          x1: begin,
          x2: begin + kSample - 6,
          y1: baseline - 4,
          y2: baseline - 4,
          stroke: entry.color,
          'stroke-width': 2.5,
          'stroke-dasharray': dashes(entry.dashed),
        }),
        text([begin + kSample, baseline], entry.label, { fill: colors.ink }),
      ];
    });
  });
  return element('g', {}, ...parts);
}

function entryWidth({ label }: LegendEntry): number {
  return kSample + textWidth(label, 12) * 0.92 + kGap;
}
