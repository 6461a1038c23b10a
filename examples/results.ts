import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { confusionMatrix, type History, plots, type Sequential, type Tensor } from 'luge';

/** Prints how well a model does on test data. */
export async function printTest(
  model: Sequential,
  { x, y }: { x: Tensor; y: Tensor },
  labels: readonly string[] | undefined,
): Promise<void> {
  const { loss, accuracy } = await model.evaluate(x, y, { batchSize: 500 });
  const classes = (await model.predictClasses(x, { batchSize: 500 })) as Tensor;
  console.log(
    `\n${plots.confusionMatrixText(confusionMatrix(y, classes), labels && { labels })}\n`,
  );
  console.log(`Test accuracy: ${percent(accuracy)} (loss ${loss?.toFixed(4)})`);
}

/** Draws the history into build/NAME.svg. */
export function savePicture(history: History, name: string): void {
  const folder = fileURLToPath(new URL('../build/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  history.plot(`${folder}${name}.svg`);
  console.log(`Picture of the history: ${folder}${name}.svg`);
}

function percent(share = Number.NaN): string {
  return `${(100 * share).toFixed(2)}%`;
}
