import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { confusionMatrix, type History, type Model, plots, setSeed, type Tensor } from 'luge';

/**
 * Trains once for each seed, and prints the mean and the range of the results.
 *
 * @param train gives the result of one run, such as test accuracy.
 */
export async function overSeeds(
  name: string,
  seeds: readonly number[],
  train: () => Promise<number>,
  show: (result: number) => string = percent,
): Promise<void> {
  const results: number[] = [];
  for (const seed of seeds) {
    console.log(`\n${name}, seed ${seed}`);
    setSeed(seed);
    const began = performance.now();
    const result = await train();
    const seconds = (performance.now() - began) / 1000;
    console.log(`${name}, seed ${seed}: ${show(result)} in ${seconds.toFixed(0)} s`);
    results.push(result);
  }
  if (results.length < 2) return;
  const mean = results.reduce((sum, each) => sum + each, 0) / results.length;
  const [low, high] = [Math.min(...results), Math.max(...results)];
  const range = `${show(low)} to ${show(high)}`;
  console.log(`${name}, ${seeds.length} seeds: mean ${show(mean)}, ${range}`);
}

/** Prints how well a model does on test data. */
export async function printTest(
  model: Model<Tensor>,
  { x, y }: { x: Tensor; y: Tensor },
  labels?: readonly string[],
): Promise<number> {
  const { loss, accuracy = Number.NaN } = await model.evaluate(x, y, {
    batchSize: 500,
    verbose: 0,
  });
  const classes = await model.predictClasses(x, { batchSize: 500 });
  console.log(
    `\n${plots.confusionMatrixText(confusionMatrix(y, classes), labels && { labels })}\n`,
  );
  console.log(`Test accuracy: ${percent(accuracy)} (loss ${loss?.toFixed(4)})`);
  return accuracy;
}

/** Draws the history into build/NAME.svg. */
export function savePicture(history: History, name: string): void {
  const folder = fileURLToPath(new URL('../build/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  history.plot(`${folder}${name}.svg`);
  console.log(`Picture of the history: ${folder}${name}.svg`);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}
