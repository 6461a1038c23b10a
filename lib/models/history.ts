import type { Logs } from '../callbacks/index.js';
import { history as drawHistory } from '../plots/index.js';

/** How training went. */
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
   * A picture of all values over the epochs, as SVG text.
   *
   * @param file where to write it too; its name ends in '.svg'.
   */
  plot(file?: string): string {
    return drawHistory(this, file);
  }
}
