import { appendFileSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { diskProblem } from '../core/write_file.js';
import { Callback, type Logs } from './callback.js';

export interface CSVLoggerOptions {
  /** Between the columns. Default ','. */
  separator?: string;
  /** Go on with a file that is there, without another header. Default false: begin anew. */
  append?: boolean;
}

/** Writes a line for each epoch to a file: its number and the logs by name (Keras's CSVLogger). */
export class CSVLogger extends Callback {
  private readonly filename: string;
  private readonly separator: string;
  private readonly append: boolean;
  private keys: string[] | undefined;
  private needsHeader = true;

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
    const goesOn = this.append && existsSync(this.filename);
    this.needsHeader = !goesOn || statSync(this.filename).size === 0;
    if (!goesOn) this.write(() => writeFileSync(this.filename, ''));
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    const keys = this.keys ?? Object.keys(logs).sort();
    const rows = [[epoch, ...keys.map((key) => logs[key] ?? 'NA')]] as (string | number)[][];
    if (this.needsHeader) rows.unshift(['epoch', ...keys]);
    const text = rows.map((row) => `${row.map((cell) => this.cell(cell)).join(this.separator)}\n`);
    this.write(() => appendFileSync(this.filename, text.join('')));
    this.needsHeader = false;
    this.keys = keys;
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
