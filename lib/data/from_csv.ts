import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { Progress } from '../core/progress.js';
import type { Tensor } from '../core/tensor.js';
import { diskProblem } from '../core/write_file.js';
import { CsvParser } from './csv_parser.js';
import { type CsvDescription, type CsvOptions, CsvTable } from './csv_table.js';
import { Dataset } from './dataset.js';
import { Rows } from './rows.js';

export interface FromCsvOptions extends CsvOptions {
  /** Between cells; one character. Default ','. */
  delimiter?: string;
}

/** A file by its path or URL, or the text itself. */
export type CsvSource = string | URL | { readonly text: string };

const known = [
  ...['target', 'features', 'categorical', 'header', 'columns', 'missing', 'delimiter'],
];
const kPatience = 1000; // milliseconds after which progress is shown

/**
 * The samples of a CSV file; without a target they have x alone.
 *
 * @example
 * ```ts
 * const table = data.fromCsv({ text: 'x,y\n1,2\n3,6\n' }, { target: 'y' });
 * const { features } = await table.describe();
 * features.length; // => 1
 * ```
 */
export class CsvDataset extends Dataset<{ readonly x: Tensor; readonly y: Tensor }> {
  private readonly table: Table;

  constructor(table: Table) {
    super({
      size: () => table.loaded?.rows.count,
      holds: 'samples',
      async *open() {
        yield (await table.load()).rows;
      },
    });
    this.table = table;
  }

  /** The columns of x and y, and the classes to predict; reads the file when it has not been read yet. */
  async describe(): Promise<CsvDescription> {
    return (await this.table.load()).description;
  }
}

interface Loaded {
  readonly rows: Rows;
  readonly description: CsvDescription;
}

/** A file that is read once, when somebody asks for it. */
class Table {
  loaded: Loaded | undefined;
  private readonly read: () => Promise<Loaded>;
  private loading: Promise<Loaded> | undefined;

  constructor(read: () => Promise<Loaded>) {
    this.read = read;
  }

  async load(): Promise<Loaded> {
    this.loading ??= this.read();
    try {
      this.loaded = await this.loading;
      return this.loaded;
    } finally {
      if (this.loaded === undefined) this.loading = undefined;
    }
  }
}

/**
 * A data set of the records of a CSV file (RFC 4180): x float32 [columns], y as `target` says. The file
 * is read once, at the first use, and its numbers are kept in memory.
 *
 * @throws LugeError UNKNOWN_NAME for an option or column that there is not; when the file is read,
 *   NOT_FOUND, and BAD_DATA that names line and column.
 *
 * @example
 * ```ts
 * const text = 'width,height,kind\n1.0,2.5,tulip\n3.5,4.0,rose\n';
 * const flowers = data.fromCsv({ text }, { target: 'kind', categorical: ['kind'] });
 * (await flowers.describe()).classes; // => ["rose", "tulip"]
 * (await flowers.toArray()).map(({ y }) => y.toArray()); // => [1, 0]
 * ```
 */
export function fromCsv(source: CsvSource, options: FromCsvOptions = {}): CsvDataset {
  checkOptions('fromCsv', options, known);
  const { delimiter = ',', missing = 'error', ...rest } = options;
  if (typeof delimiter !== 'string' || delimiter.length !== 1 || /["\r\n]/.test(delimiter)) {
    throw wrong(
      `delimiter must be one character, such as ';', but got ${JSON.stringify(delimiter)}`,
    );
  }
  const words = ['error', 'skip', 'mean'];
  if (typeof missing === 'number' ? !Number.isFinite(missing) : !words.includes(missing)) {
    throw wrong(`missing must be 'error', 'skip', 'mean' or a number, but got ${missing}`);
  }
  const [name, chunks] = open(source);
  return new CsvDataset(
    new Table(async () => {
      const table = new CsvTable(name, { ...rest, missing });
      const parser = new CsvParser(name, delimiter);
      for await (const chunk of chunks())
        for (const record of parser.push(chunk)) table.add(record);
      for (const record of parser.end()) table.add(record);
      const { element, description } = table.finish();
      return { rows: new Rows('fromCsv', element), description };
    }),
  );
}

/** What to call the source, and its text in pieces. */
function open(source: CsvSource): [string, () => AsyncIterable<string> | Iterable<string>] {
  if (typeof source === 'object' && 'text' in source && typeof source.text === 'string') {
    return ['The text', () => [source.text]];
  }
  const path = source instanceof URL ? fileURLToPath(source) : source;
  if (typeof path === 'string' && path !== '') return [basename(path), () => read(path)];
  throw wrong(`expected the path of a file, a URL or { text }, but got ${JSON.stringify(source)}`);
}

async function* read(path: string): AsyncGenerator<string, void, void> {
  try {
    const { size } = await stat(path);
    const began = performance.now();
    const label = `Reading ${basename(path)}`;
    const progress = new Progress({ label, total: size, unit: 'byte', stream: process.stderr });
    const stream = createReadStream(path, 'utf8');
    try {
      for await (const chunk of stream) {
        yield chunk as string;
        if (performance.now() - began > kPatience) progress.update(stream.bytesRead);
      }
    } finally {
      progress.clear();
    }
  } catch (error) {
    if (error instanceof LugeError || (error as NodeJS.ErrnoException).code === undefined)
      throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new LugeError('NOT_FOUND', `There is no file '${path}'.`, { cause: error });
    }
    throw new LugeError('IO', `Cannot read '${path}': ${diskProblem(error)}.`, { cause: error });
  }
}

function wrong(problem: string): LugeError {
  return new LugeError('BAD_ARGUMENT', `fromCsv: ${problem}.`);
}
