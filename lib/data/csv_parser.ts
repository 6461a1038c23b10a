import { LugeError } from '../core/errors.js';

/** Longer ones come of a stray quote, and would take all memory. */
const kLongestRecord = 2 ** 24;

/** A record of a CSV file. */
export interface CsvRecord {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Takes CSV apart piece by piece, as RFC 4180 has it: cells may stand in quotes and then hold
 * delimiters, line breaks and doubled quotes. Empty lines are skipped.
 */
export class CsvParser {
  private readonly name: string;
  private readonly delimiter: string;
  private rest = '';
  private line = 1;

  /** @param name of the file, for messages. */
  constructor(name: string, delimiter: string) {
    this.name = name;
    this.delimiter = delimiter;
  }

  /** The records that are complete with this text. */
  push(text: string): CsvRecord[] {
    const whole =
      this.rest + (this.line === 1 && this.rest === '' ? text.replace(/^\uFEFF/, '') : text);
    const records: CsvRecord[] = [];
    let begin = 0;
    for (let end = endOfRecord(whole, begin); end >= 0; end = endOfRecord(whole, begin)) {
      this.take(whole.slice(begin, end), records);
      begin = end + 1;
    }
    this.rest = whole.slice(begin);
    if (this.rest.length > kLongestRecord) throw this.wrong('a quote is opened and not closed');
    return records;
  }

  /** The last record, where no line break ends it. Throws BAD_DATA when a quote is still open. */
  end(): CsvRecord[] {
    const records: CsvRecord[] = [];
    if (isOpen(this.rest)) throw this.wrong('a quote is opened and never closed');
    this.take(this.rest, records);
    return records;
  }

  private take(text: string, records: CsvRecord[]): void {
    const record = text.endsWith('\r') ? text.slice(0, -1) : text;
    const quoted = record.includes('"');
    if (record !== '') {
      const cells = quoted ? this.quotedCells(record) : record.split(this.delimiter);
      records.push({ line: this.line, cells });
    }
    this.line += 1 + (quoted ? record.split('\n').length - 1 : 0);
  }

  private quotedCells(record: string): string[] {
    const cells: string[] = [];
    for (let at = 0; at <= record.length; ) {
      if (record[at] === '"') {
        let end = at + 1;
        while (record[end] !== '"' || record[end + 1] === '"') end += record[end] === '"' ? 2 : 1;
        cells.push(record.slice(at + 1, end).replaceAll('""', '"'));
        at = end + 1;
        if (at < record.length && record[at] !== this.delimiter) {
          throw this.wrong(`'${record.slice(at, at + 10)}' follows a closing quote`);
        }
      } else {
        const next = record.indexOf(this.delimiter, at);
        const cell = record.slice(at, next < 0 ? undefined : next);
        if (cell.includes('"')) throw this.wrong(`a quote stands inside of '${cell}'`);
        cells.push(cell);
        at += cell.length;
      }
      at += 1;
    }
    return cells;
  }

  private wrong(problem: string): LugeError {
    const how = 'A cell with quotes in it is written as "..." with each of them doubled.';
    return new LugeError('BAD_DATA', `${this.name}, line ${this.line}: ${problem}. ${how}`);
  }
}

/** The line break that ends the record, or -1: breaks between quotes belong to it. */
function endOfRecord(text: string, begin: number): number {
  let open = false;
  for (let from = begin; ; ) {
    const end = text.indexOf('\n', from);
    if (end < 0) return -1;
    open = isOpen(text.slice(from, end)) !== open;
    if (!open) return end;
    from = end + 1;
  }
}

/** Whether a text of whole lines has an odd number of quotes. */
function isOpen(text: string): boolean {
  return text.includes('"') && text.split('"').length % 2 === 0;
}
