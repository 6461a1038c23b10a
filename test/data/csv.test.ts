import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { CsvParser } from '../../lib/data/csv_parser.js';
import * as luge from '../../lib/index.js';
import { failure } from '../models/small_data.js';

const { data } = luge;
const folder = mkdtempSync(join(tmpdir(), 'luge-csv-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Lines and cells, the text given in pieces of a size. */
function parse(text: string, size = text.length) {
  const parser = new CsvParser('a.csv', ',');
  const records = [];
  for (let at = 0; at < text.length; at += size)
    records.push(...parser.push(text.slice(at, at + size)));
  records.push(...parser.end());
  return records.map(({ line, cells }) => [line, ...cells]);
}

async function load(text: string, options?: luge.data.FromCsvOptions) {
  const dataset = data.fromCsv({ text }, options);
  const [all] = await dataset.batch(1e6).toArray();
  return { x: all?.x.toArray(), y: all?.y?.toArray(), ...(await dataset.describe()), all };
}

describe('the parser of CSV', () => {
  const text = 'a,"b",c\r\n1,"2, ""x""",3\n\n"two\nlines",,""\r\n,,\n"""",",",last';
  const records = [
    [1, 'a', 'b', 'c'],
    [2, '1', '2, "x"', '3'],
    [4, 'two\nlines', '', ''],
    [6, '', '', ''],
    [7, '"', ',', 'last'],
  ];

  it.each([1, 2, 3, 5, 7, 11, 1000])('reads it in pieces of %i', (size) => {
    expect(parse(text, size)).toEqual(records);
    expect(parse(`\uFEFF${text}\n`, size)).toEqual(records);
  });

  it.each([
    ['a\n"b', /a\.csv, line 2: a quote is opened and never closed/],
    ['a\n\n"b"c,d\n', /a\.csv, line 3: 'c,d' follows a closing quote/],
    ['a\nb"c"\n', /line 2: a quote stands inside of 'b"c"'/],
  ])('refuses %j by its line', (wrong, message) => {
    expect(() => parse(wrong)).toThrow(message);
  });
});

describe('a CSV file', () => {
  const text = 'width,kind,height,colour\n1,tulip,2.5,red\n3.5,rose,4,blue\n5,tulip,6e1,red\n';

  it('gives features and a target', async () => {
    const options = { target: 'height', features: ['width'] };
    const found = await load(text, options);
    expect(found).toMatchObject({ x: [[1], [3.5], [5]], y: [2.5, 4, 60] });
    expect(found).toMatchObject({ features: ['width'], targets: ['height'], classes: undefined });
    expect((await load(text, { target: -2, features: [0] })).y).toEqual(found.y);
    const both = await load(text, { target: ['height', 'width'], features: ['width'] });
    expect(both.y).toEqual([
      [2.5, 1],
      [4, 3.5],
      [60, 5],
    ]);
  });

  it('knows classes, in alphabetical order', async () => {
    const found = await load(text, { target: 'kind', categorical: ['kind', 'colour'] });
    expect(found.features).toEqual(['width', 'height', 'colour=blue', 'colour=red']);
    expect(found.x).toEqual([
      [1, 2.5, 0, 1],
      [3.5, 4, 1, 0],
      [5, 60, 0, 1],
    ]);
    expect(found).toMatchObject({ y: [1, 0, 1], classes: ['rose', 'tulip'] });
    expect(found.all?.y.dtype).toBe('int32');
  });

  it('may lack a header, use another delimiter, and have no target', async () => {
    const found = await load('1;2\n3;4\n', { header: false, delimiter: ';' });
    expect(found).toMatchObject({
      x: [
        [1, 2],
        [3, 4],
      ],
      y: undefined,
      features: ['0', '1'],
    });
    const named = await load('1,2\n3,4', { header: false, columns: ['a', 'b'], target: 'a' });
    expect(named).toMatchObject({ x: [[2], [4]], y: [1, 3] });
    const renamed = await load('p,q\n1,2', { columns: ['a', 'b'], target: 'a' });
    expect(renamed).toMatchObject({ x: [[2]], y: [1] });
  });

  it('may lack cells', async () => {
    const holes = 'a,b,c\n1,x,5\n,y,6\n3,NA,7\n?,x,8\n';
    const options = { target: 'c', categorical: ['b'] };
    await expect(load(holes, options)).rejects.toThrow(
      "The text, line 3: column 'a' is empty ('').",
    );
    expect(await load(holes, { ...options, missing: 'skip' })).toMatchObject({
      x: [[1, 1]],
      y: [5],
    });
    expect((await load(holes, { ...options, missing: 'mean' })).x).toEqual([
      [1, 1, 0],
      [2, 0, 1],
      [3, 0, 0],
      [2, 1, 0],
    ]);
    expect((await load(holes, { ...options, missing: -1 })).x).toMatchObject([
      {},
      [-1, 0, 1],
      {},
      {},
    ]);
    await expect(load(holes, { target: 'b', categorical: ['b'], missing: 'mean' })).rejects.toThrow(
      /line 4: column 'b' is empty \('NA'\). Only missing: 'skip'/,
    );
  });

  it('is read from disk once, in any number of pieces', async () => {
    const path = join(folder, 'numbers.csv');
    const count = 30_000;
    const lines = Array.from({ length: count }, (_, i) => `${i},"${i % 7}",${-i / 2}`);
    writeFileSync(path, `n,day,half\n${lines.join('\n')}\n`);
    const dataset = data.fromCsv(path, { target: 'half' });
    expect(dataset.size).toBeUndefined();
    const sums = { n: 0, days: 0, halves: 0 };
    for await (const { x, y } of dataset.batch(1000)) {
      for (let i = 0; i < 1000; i++) {
        sums.n += x.data[2 * i] as number;
        sums.days += x.data[2 * i + 1] as number;
        sums.halves += y.data[i] as number;
      }
    }
    const total = (count * (count - 1)) / 2;
    expect(sums.n).toBe(total);
    expect(sums.halves).toBe(-total / 2);
    expect(sums.days).toBe(Array.from({ length: count }, (_, i) => i % 7).reduce((a, b) => a + b));
    expect(dataset.size).toBe(count);
    rmSync(path);
    expect((await dataset.take(1).toArray())[0]?.x.toArray()).toEqual([0, 0]);
  });

  it('can be read once it is there', async () => {
    const path = join(folder, 'later.csv');
    const dataset = data.fromCsv(pathToFileURL(path), { target: 'b' });
    const error = await failure(() => dataset.toArray());
    expect(error.code).toBe('NOT_FOUND');
    expect(error.message).toContain(path);
    writeFileSync(path, 'a,b\n1,2\n');
    expect((await dataset.toArray()).length).toBe(1);
    expect((await failure(() => data.fromCsv(folder).toArray())).code).toBe('IO');
  });

  it('trains a model', async () => {
    const rows = Array.from({ length: 90 }, (_, i) => {
      const angle = (2 * Math.PI * (i % 3)) / 3 + Math.sin(i) / 9;
      return `${Math.cos(angle)},${Math.sin(angle)},${['north', 'west', 'south'][i % 3]}`;
    });
    const dataset = data.fromCsv(
      { text: `x,y,side\n${rows.join('\n')}` },
      { target: 'side', categorical: ['side'] },
    );
    const { classes } = await dataset.describe();
    const model = luge.sequential([
      luge.layers.dense({ units: classes?.length ?? 0, activation: 'softmax', inputShape: [2] }),
    ]);
    const optimizer = luge.optimizers.adam({ learningRate: 0.05 });
    model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const { history } = await model.fit(dataset.shuffle(90, 1).batch(9), {
      epochs: 20,
      verbose: 0,
    });
    expect(history.accuracy?.at(-1)).toBe(1);
  });

  it.each([
    ['a,b\n1,2\n3\n', {}, 'BAD_DATA', /The text, line 3: has 1 cells, but there are 2 columns/],
    [
      'a,b\n1,red\n',
      {},
      'BAD_DATA',
      /line 2: column 'b' must hold numbers, but holds 'red'.*categorical/,
    ],
    ['a,a\n1,2\n', {}, 'BAD_DATA', /two columns are named 'a'/],
    ['a,b\n', {}, 'BAD_DATA', /holds no records but its header/],
    ['', {}, 'BAD_DATA', /holds no records\./],
    [
      'width,b\n1,2',
      { target: 'widht' },
      'UNKNOWN_NAME',
      /column of The text 'widht'. Did you mean 'width'/,
    ],
    ['a,b\n1,2', { target: 2 }, 'UNKNOWN_NAME', /column of The text '2'/],
    ['a,b\n1,2', { target: ['a', 'b'], categorical: ['b'] }, 'UNSUPPORTED', /several targets/],
  ])('of %j with %o is refused', async (wrong, options, code, message) => {
    const error = await failure(() => load(wrong, options));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it.each([
    [() => data.fromCsv('a.csv', { targets: 'b' } as never), /Unknown fromCsv option 'targets'/],
    [() => data.fromCsv('a.csv', { delimiter: '' }), /delimiter must be one character/],
    [() => data.fromCsv('a.csv', { missing: 'median' as never }), /missing must be.*median/],
    [() => data.fromCsv(5 as never), /expected the path of a file, a URL or \{ text \}, but got 5/],
  ])('%s is refused at once', (make, message) => {
    expect(make).toThrow(message);
  });
});
