import type { Logs } from '../callbacks/index.js';
import { history as drawHistory, type HistoryOptions } from '../pictures/history.js';
import type { Picture } from '../pictures/picture.js';

/**
 * How training went.
 *
 * @example
 * ```ts
 * const network = sequential([layers.dense({ units: 1, inputShape: [1] })]);
 * network.compile({ optimizer: 'sgd', loss: 'mse' });
 * const run = await network.fit([[0], [1]], [0, 1], { epochs: 3, verbose: 0 });
 * run.epoch; // => [0, 1, 2]
 * Object.keys(run.history); // => ['loss']
 * ```
 */
export class History {
  /** The epochs, counted from 0. */
  readonly epoch: number[] = [];
  /** For each key, such as 'loss', 'accuracy', 'val_loss' and 'val_accuracy', its value per epoch. */
  readonly history: Record<string, number[]> = {};

  /** Adds an epoch. */
  add(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [key, value] of Object.entries(logs)) {
      this.history[key] ??= [];
      this.history[key].push(value);
    }
  }

  /**
   * A picture of all values over the epochs, training beside validation, as `plots.history` draws it.
   *
   * @param file where to save it too; ends in '.svg', or in '.png' as `Picture.save` tells.
   * @throws LugeError BAD_ARGUMENT when there is no epoch yet or the file cannot be written.
   * @example
   * ```ts
   * const network = sequential([layers.dense({ units: 1, inputShape: [1] })]);
   * network.compile({ optimizer: 'sgd', loss: 'mse' });
   * const run = await network.fit([[0], [1]], [0, 1], { epochs: 3, verbose: 0 });
   * run.plot('history.svg').svg.startsWith('<svg'); // => true
   * ```
   */
  plot(file?: string, options: HistoryOptions = {}): Picture {
    const picture = drawHistory(this, options);
    return file === undefined ? picture : picture.save(file);
  }
}
