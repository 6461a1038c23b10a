import { appendFileSync, statSync, truncateSync } from 'node:fs';
import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { diskProblem } from '../core/write_file.js';
import { Callback, type CallbackState, type Logs } from './callback.js';

export interface CSVLoggerOptions {
  /** Between the columns. Default ','. */
  separator?: string;
  /** Go on with a file that is there, without another header. Default false: begin anew. */
  append?: boolean;
}

/**
 * Writes a line for each epoch to a file: its number and the logs by name (Keras's CSVLogger).
 *
 * @example
 * ```ts
 * const { readFileSync } = await import('node:fs');
 * const zero = { units: 1, kernelInitializer: 'zeros', inputShape: [1] };
 * const model = sequential([layers.dense(zero)]);
 * model.compile({ optimizer: 'sgd', loss: 'mse' });
 * const log = callbacks.csvLogger('log.csv');
 * await model.fit([[0]], [0], { epochs: 2, callbacks: log, verbose: 0 });
 * readFileSync('log.csv', 'utf8').split('\n')[0]; // => 'epoch,loss'
 * ```
 */
export class CSVLogger extends Callback {
  private readonly filename: string;
  private readonly separator: string;
  private readonly append: boolean;
  private keys: string[] | undefined;
  /** Bytes of the file that stay; what lies behind them goes when the first line is written. */
  private kept = 0;
  private begun = false;

  constructor(filename: string, options: CSVLoggerOptions = {}) {
    super();
    checkOptions('CSVLogger', options, ['separator', 'append']);
    if (typeof filename !== 'string' || filename === '') {
      throw new LugeError('BAD_ARGUMENT', `CSVLogger needs a file's path, but got '${filename}'.`);
    }
    this.filename = filename;
    this.separator = options.separator ?? ',';
    this.append = options.append ?? false;
  }

  override onTrainBegin(): void {
    this.keys = undefined;
    this.begun = false;
    this.write(() => {
      appendFileSync(this.filename, ''); // fails now rather than after an epoch
      this.kept = this.append ? statSync(this.filename).size : 0;
    });
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    const keys = this.keys ?? Object.keys(logs).sort();
    const rows = [[epoch, ...keys.map((key) => logs[key] ?? 'NA')]] as (string | number)[][];
    if (this.kept === 0) rows.unshift(['epoch', ...keys]);
    const lines = rows.map((row) => `${row.map((cell) => this.cell(cell)).join(this.separator)}\n`);
    const text = Buffer.from(lines.join(''));
    this.write(() => {
      if (!this.begun) truncateSync(this.filename, this.kept);
      appendFileSync(this.filename, text);
    });
    this.begun = true;
    this.kept += text.length;
    this.keys = keys;
  }

  override getState(): CallbackState {
    return { kept: this.kept };
  }

  /** Lines behind those that the backup knows of are of epochs that are done again. */
  override setState({ kept }: CallbackState): void {
    this.write(() => {
      this.kept = Math.min(kept as number, statSync(this.filename).size);
    });
  }

  private cell(value: string | number): string {
    const text = String(value);
    const special = text.includes(this.separator) || /["\r\n]/.test(text);
    return special ? `"${text.replaceAll('"', '""')}"` : text;
  }

  private write(body: () => void): void {
    try {
      body();
    } catch (error) {
      throw new LugeError(
        'IO',
        `CSVLogger cannot write '${this.filename}': ${diskProblem(error)}.`,
        { cause: error },
      );
    }
  }
}
