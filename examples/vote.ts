import type { Tensor } from 'luge';

/** The class that most networks choose for each sample; among equals, the one they are surest of. */
export function vote(probabilities: readonly Tensor[]): number[] {
  const [count = 0, classes = 0] = probabilities[0]?.shape ?? [];
  return Array.from({ length: count }, (_, sample) => {
    const scores = new Array<number>(classes).fill(0);
    for (const { data } of probabilities) {
      const row = Array.from(data.subarray(sample * classes, (sample + 1) * classes));
      row.forEach((share, label) => {
        scores[label] = (scores[label] as number) + share / (probabilities.length + 1);
      });
      const chosen = largest(row);
      scores[chosen] = (scores[chosen] as number) + 1;
    }
    return largest(scores);
  });
}

/** Prints accuracy, and which samples are wrong: number, truth and prediction. */
export function printErrors(who: string, truth: Tensor, predicted: readonly number[]): void {
  const wrong = predicted.flatMap((label, i) => (label === truth.data[i] ? [] : [i]));
  const accuracy = 100 * (1 - wrong.length / predicted.length);
  console.log(`${who}: ${accuracy.toFixed(2)}%, ${wrong.length} errors`);
  console.log(wrong.map((i) => `#${i} ${truth.data[i]} as ${predicted[i]}`).join(', '));
}

function largest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
