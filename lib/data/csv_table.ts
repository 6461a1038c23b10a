import { LugeError, unknownName } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import type { CsvRecord } from './csv_parser.js';
import type { Element } from './element.js';

/** A column by its name or place: from 0, or from -1 at the end backwards. */
export type ColumnName = string | number;

export interface CsvOptions {
  /** The column to predict, or several. Without it the data set has x alone. */
  target?: ColumnName | readonly ColumnName[];
  /** The columns of x, in this order. Default: all but the target. */
  features?: readonly ColumnName[];
  /** Columns that hold names of classes: as features one-hot, as a target class numbers (int32). */
  categorical?: readonly ColumnName[];
  /** Whether the first record names the columns. Default true; else they are '0', '1', ... */
  header?: boolean;
  /** Names of the columns, in place of those of the file. */
  columns?: readonly string[];
  /**
   * What to do where a cell is empty, NA, N/A, NaN, null or ?: 'error' (default), 'skip' the record,
   * take the 'mean' of the column, or a number. A class that is missing is 0 in all its columns.
   */
  missing?: 'error' | 'skip' | 'mean' | number;
}

/** What the columns of a data set mean. */
export interface CsvDescription {
  /** The columns of x; 'colour=red' for each class of a categorical one. */
  readonly features: readonly string[];
  /** The columns of y; of a categorical target, its one column. */
  readonly targets: readonly string[];
  /** The classes of a categorical target by number; undefined when there is none. */
  readonly classes: readonly string[] | undefined;
}

interface Column {
  readonly name: string;
  readonly place: number;
  /** Numbers of classes in the order in which they came; undefined for numbers. */
  readonly classes: Map<string, number> | undefined;
  readonly isTarget: boolean;
  readonly numbers: number[];
}

const missingCells = new Set(['', 'na', 'n/a', 'nan', 'null', '?']);

/** The records of a CSV file as columns of numbers. */
export class CsvTable {
  private readonly name: string;
  private readonly options: CsvOptions;
  private names: readonly string[] | undefined;
  private columns: Column[] = [];

  /** @param name of the file, for messages. */
  constructor(name: string, options: CsvOptions) {
    this.name = name;
    this.options = options;
  }

  /** Throws BAD_DATA that names line and column, UNKNOWN_NAME for a column that there is not. */
  add({ line, cells }: CsvRecord): void {
    if (this.names === undefined) {
      const { header = true, columns } = this.options;
      this.nameColumns(
        columns ?? (header ? cells.map((cell) => cell.trim()) : cells.map((_, i) => `${i}`)),
      );
      if (header) return;
    }
    const names = this.names as readonly string[];
    if (cells.length !== names.length) {
      throw this.wrong(line, `has ${cells.length} cells, but there are ${names.length} columns`);
    }
    const skips = this.options.missing === 'skip';
    if (skips && this.columns.some(({ place }) => isMissing(cells[place]))) return;
    const found = this.columns.map((column) => this.number(column, line, cells));
    this.columns.forEach(({ numbers }, i) => {
      numbers.push(found[i] as number);
    });
  }

  /** All records; throws BAD_DATA when there are none. */
  finish(): { element: Element; description: CsvDescription } {
    const count = this.columns[0]?.numbers.length ?? 0;
    if (count === 0) {
      throw new LugeError(
        'BAD_DATA',
        `${this.name} holds no records${this.names ? ' but its header' : ''}.`,
      );
    }
    const features = this.columns
      .filter(({ isTarget }) => !isTarget)
      .map((one) => this.spread(one));
    const targets = this.columns.filter(({ isTarget }) => isTarget);
    const wide = features.flat();
    const x = sideBySide(
      wide.map(({ numbers }) => numbers),
      count,
    );
    const [first] = targets;
    const classes = first?.classes === undefined ? undefined : [...first.classes.keys()].toSorted();
    const description = {
      features: wide.map(({ name }) => name),
      targets: targets.map(({ name }) => name),
      classes,
    };
    if (first === undefined) return { element: { x }, description };
    const filled = targets.map((column) => this.filled(column));
    const y =
      classes === undefined
        ? sideBySide(filled, count).reshape(
            targets.length === 1 ? [count] : [count, targets.length],
          )
        : new Tensor(Int32Array.from(ordered(first, classes)), [count]);
    return { element: { x, y }, description };
  }

  private nameColumns(names: readonly string[]): void {
    this.names = names;
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) {
      throw new LugeError('BAD_DATA', `${this.name}: two columns are named '${twice}'.`);
    }
    const { target = [], features, categorical = [] } = this.options;
    const targets = [target].flat().map((one) => this.place(one));
    const others = names.map((_, i) => i).filter((place) => !targets.includes(place));
    const chosen = features?.map((one) => this.place(one)) ?? others;
    const classes = categorical.map((one) => this.place(one));
    if (targets.length > 1 && targets.some((place) => classes.includes(place))) {
      throw new LugeError(
        'UNSUPPORTED',
        `${this.name}: of several targets none can be categorical.`,
      );
    }
    this.columns = [...chosen, ...targets].map((place, i) => ({
      name: names[place] as string,
      place,
      classes: classes.includes(place) ? new Map<string, number>() : undefined,
      isTarget: i >= chosen.length,
      numbers: [],
    }));
  }

  private place(column: ColumnName): number {
    const names = this.names as readonly string[];
    const place =
      typeof column === 'string'
        ? names.indexOf(column)
        : column < 0
          ? names.length + column
          : column;
    if (names[place] !== undefined) return place;
    throw unknownName(`column of ${this.name}`, String(column), names);
  }

  /** A cell as a number; NaN when it is missing. */
  private number(column: Column, line: number, cells: readonly string[]): number {
    const cell = (cells[column.place] as string).trim();
    if (isMissing(cell)) {
      const { missing = 'error' } = this.options;
      const kept =
        missing === 'skip' || (missing !== 'error' && !(column.isTarget && column.classes));
      if (kept) return Number.NaN;
      const hint =
        missing === 'error'
          ? "Pass missing: 'skip', 'mean' or a number to go on"
          : "Only missing: 'skip' can do without a class to predict";
      throw this.wrong(line, `column '${column.name}' is empty ('${cell}'). ${hint}`);
    }
    const { classes } = column;
    if (classes !== undefined) {
      const known = classes.get(cell) ?? classes.size;
      classes.set(cell, known);
      return known;
    }
    const number = Number(cell);
    if (Number.isFinite(number)) return number;
    throw this.wrong(
      line,
      `column '${column.name}' must hold numbers, but holds '${cell}'. If it names classes, list it in ` +
        'categorical',
    );
  }

  /** A feature as columns of numbers: one, or one for each class. */
  private spread(column: Column): { name: string; numbers: number[] }[] {
    if (column.classes === undefined) return [{ name: column.name, numbers: this.filled(column) }];
    const classes = [...column.classes.keys()].toSorted();
    const labels = ordered(column, classes);
    return classes.map((label, i) => ({
      name: `${column.name}=${label}`,
      numbers: labels.map((found) => Number(found === i)),
    }));
  }

  private filled({ numbers, classes }: Column): number[] {
    const { missing } = this.options;
    if (classes !== undefined || !numbers.some(Number.isNaN)) return numbers;
    const known = numbers.filter((number) => !Number.isNaN(number));
    const mean = known.reduce((sum, number) => sum + number, 0) / known.length;
    const instead = typeof missing === 'number' ? missing : mean;
    return numbers.map((number) => (Number.isNaN(number) ? instead : number));
  }

  private wrong(line: number, problem: string): LugeError {
    return new LugeError('BAD_DATA', `${this.name}, line ${line}: ${problem}.`);
  }
}

function isMissing(cell: string | undefined): boolean {
  return missingCells.has((cell as string).trim().toLowerCase());
}

/** Class numbers in alphabetical order of the classes; NaN where one is missing. */
function ordered({ classes, numbers }: Column, sorted: readonly string[]): number[] {
  const places = new Map(
    [...(classes as Map<string, number>)].map(([name, i]) => [i, sorted.indexOf(name)]),
  );
  return numbers.map((number) => places.get(number) ?? Number.NaN);
}

/** Columns as float32 [count, columns]. */
function sideBySide(columns: readonly number[][], count: number): Tensor {
  const data = new Float32Array(count * columns.length);
  columns.forEach((numbers, column) => {
    for (let row = 0; row < count; row++)
      data[row * columns.length + column] = numbers[row] as number;
  });
  return new Tensor(data, [count, columns.length]);
}
