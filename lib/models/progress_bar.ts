import { Callback, type Logs } from '../callbacks/index.js';
import { Progress } from '../core/progress.js';

/** Draws training on standard output: a bar on a terminal (verbose 1), or a line an epoch (2). */
export class ProgressBar extends Callback {
  private readonly live: boolean;
  private progress: Progress | undefined;

  constructor(verbose: 1 | 2) {
    super();
    this.live = verbose === 1;
  }

  override onEpochBegin(epoch: number): void {
    this.progress = new Progress({
      label: `Epoch ${epoch + 1}/${this.params.epochs}`,
      total: this.params.steps,
      ...(this.live ? {} : { stream: { write: (text) => process.stdout.write(text) } }),
    });
  }

  override onTrainChunkEnd(batch: number, logs: Logs): void {
    this.progress?.update(batch + 1, showLogs(logs));
  }

  override onEpochEnd(_epoch: number, logs: Logs): void {
    this.progress?.finish(showLogs(logs));
    this.progress = undefined;
  }

  /** Wipes a bar that will not be finished. */
  abandon(): void {
    this.progress?.clear();
  }
}

/** 'loss: 0.1234 - accuracy: 0.9612' */
export function showLogs(logs: Logs): string {
  return Object.entries(logs)
    .map(([key, value]) => `${key}: ${showValue(value)}`)
    .join(' - ');
}

function showValue(value: number): string {
  if (!Number.isFinite(value)) return `${value}`;
  return Math.abs(value) >= 1e-3 || value === 0 ? value.toFixed(4) : value.toExponential(3);
}
