import { LugeError } from '../core/errors.js';
import { lines } from '../pictures/lines.js';
import type { Picture } from '../pictures/picture.js';

/** How much of the mean loss is kept from step to step. */
const kKept = 0.9;

/**
 * The loss at growing learning rates, as `findLearningRate` measured it.
 *
 * @example
 * ```ts
 * const net = sequential([layers.dense({ units: 1, inputShape: [1] })]);
 * net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const found = await findLearningRate(net, [[1], [2]], [[3], [5]], { verbose: 0 });
 * found.rates.length === found.losses.length; // => true
 * net.optimizer.learningRate = found.suggested;
 * found.plot().svg.includes('Smoothed loss'); // => true
 * ```
 */
export class LearningRateSweep {
  /** The rate of each step. */
  readonly rates: number[] = [];
  /** The loss of each step's batch before the step. */
  readonly batchLosses: number[] = [];
  /**
   * The same, smoothed: the mean m = 0.9 m + 0.1 loss, divided by 1 - 0.9^steps, so that it does not
   * lean to its beginning at 0.
   */
  readonly losses: number[] = [];
  /** Whether the loss grew so large that the sweep ended early. */
  diverged = false;
  private readonly limit: number;
  private mean = 0;
  private best = Number.POSITIVE_INFINITY;

  /** @param limit a smoothed loss so many times the best one has diverged. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Takes the next step's loss, unless it diverged before. */
  add(rate: number, loss: number): void {
    if (this.diverged) return;
    this.mean = kKept * this.mean + (1 - kKept) * loss;
    const smooth = this.mean / (1 - kKept ** (this.losses.length + 1));
    this.diverged = !(smooth <= this.limit * Math.max(this.best, 0)) && this.losses.length > 0;
    if (!Number.isFinite(smooth)) {
      this.diverged = true;
      return;
    }
    this.best = Math.min(this.best, smooth);
    this.rates.push(rate);
    this.batchLosses.push(loss);
    this.losses.push(smooth);
  }

  /**
   * A rate to train with: the one at which the smoothed loss falls most steeply over the logarithm of
   * the rate, before it is lowest.
   *
   * @throws LugeError BAD_DATA when the loss never fell.
   */
  get suggested(): number {
    const steepest = steepestFall(this.losses);
    if (steepest !== undefined) return this.rates[steepest] as number;
    throw new LugeError(
      'BAD_DATA',
      'findLearningRate: no rate can be suggested, because the loss did not fall at any. Look at plot(), try ' +
        'smaller rates or more steps, and check that the data and labels belong together.',
    );
  }

  /**
   * A picture of the smoothed loss over the rates, with the suggested one.
   *
   * @param file where to save it too; ends in '.svg', or in '.png' as `Picture.save` tells.
   */
  plot(file?: string): Picture {
    const steepest = steepestFall(this.losses);
    const rate = this.rates[steepest ?? -1];
    const marks =
      rate === undefined ? [] : [{ x: rate, label: `suggested ${Number(rate.toPrecision(2))}` }];
    const shown = readable(this.losses);
    const picture = lines(
      { loss: { x: this.rates.slice(0, shown), y: this.losses.slice(0, shown) } },
      {
        title: 'Loss by learning rate',
        xTitle: 'Learning rate',
        yTitle: 'Smoothed loss',
        xScale: 'log',
        marks,
      },
    );
    return file === undefined ? picture : picture.save(file);
  }
}

function lowestOf(values: readonly number[]): number {
  return values.indexOf(Math.min(...values));
}

/**
 * Where the values fall most steeply before the lowest one; undefined where they never do. The first
 * ones, means of few losses, do not count, and the fall is that over some steps, since batches differ.
 */
function steepestFall(values: readonly number[]): number | undefined {
  const reach = Math.max(1, Math.round(values.length / 50));
  const begin = Math.max(reach, Math.min(10, Math.floor(values.length / 4)));
  const end = Math.min(lowestOf(values), values.length - reach);
  let steepest: number | undefined;
  let most = 0;
  for (let i = begin; i < end; i++) {
    const fall = (values[i - reach] as number) - (values[i + reach] as number);
    if (fall > most) [steepest, most] = [i, fall];
  }
  return steepest;
}

/** How many values to draw: up to where they rise so far that the fall before could not be seen. */
function readable(values: readonly number[]): number {
  const lowest = lowestOf(values);
  const highest = Math.max(...values.slice(0, lowest + 1));
  const limit = highest + 0.5 * (highest - (values[lowest] as number));
  const end = values.findIndex((value, i) => i > lowest && value > limit);
  return end < 0 ? values.length : end;
}
