import type { TensorLike } from '../core/tensor.js';
import type { ConfusionMatrixOptions } from './confusion_matrix.js';
import { confusionTable, percent, summarize } from './confusion_table.js';

/**
 * A confusion matrix as plain text for a terminal: rows are the truth, columns the prediction, a dot
 * stands for 0, and each row ends with the class's recall.
 *
 *     Confusion matrix: 7 of 8 correct (87.50%)
 *     true \ predicted  cat  dog  recall
 *                  cat    3    1   75.0%
 *                  dog    .    4  100.0%
 *
 * Names of more than 5 letters stand in the rows only; the columns then carry numbers.
 *
 * @throws as `confusionMatrix` does.
 * @example
 * ```ts
 * const counts = confusionMatrix([0, 1, 1, 1], [0, 1, 1, 0]);
 * const lines = plots.confusionMatrixText(counts, { labels: ['cat', 'dog'] }).split('\n');
 * lines[0]; // => 'Confusion matrix: 3 of 4 correct (75.00%)'
 * lines.length; // => 4
 * ```
 */
export function confusionMatrixText(
  matrix: TensorLike,
  options: ConfusionMatrixOptions = {},
): string {
  const table = confusionTable('plots.confusionMatrixText', matrix, options.labels);
  const short = table.labels.every((label) => label.length <= 5);
  const heads = short ? table.labels : table.labels.map((_, i) => `${i}`);
  const names = short ? table.labels : table.labels.map((label, i) => `${label} (${i})`);
  const rows = [
    ['true \\ predicted', ...heads, 'recall'],
    ...table.counts.map((counts, i) => [
      names[i] as string,
      ...counts.map((count) => (count === 0 ? '.' : `${count}`)),
      percent(table.recall[i] as number),
    ]),
  ];
  const widths = (rows[0] as string[]).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  const lines = rows.map((row) =>
    row.map((content, column) => content.padStart(widths[column] as number)).join('  '),
  );
  return [`${options.title ?? 'Confusion matrix'}: ${summarize(table)}`, ...lines].join('\n');
}
