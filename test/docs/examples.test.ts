import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { examplesIn } from '../../scripts/docs/docstring.js';
import { libraryFiles, root } from '../../scripts/docs/library.js';
import { runCode, typeErrors } from './example_code.js';
import { difference } from './expected_value.js';
import { useSandbox } from './sandbox.js';

const examples = libraryFiles().flatMap((file) => {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return examplesIn(source).map(({ code, line }) => ({
    title: `${relative(root, file)}:${line}`,
    code,
  }));
});

describe('examples in docstrings', () => {
  useSandbox();

  it('are found at all', () => {
    expect(examples.length).toBeGreaterThan(100);
  });

  it('pass the type checker', () => {
    expect(typeErrors(examples)).toEqual([]);
  }, 120_000);

  it.each(examples)('$title', ({ code }) => runCode(code, () => {}));
});

describe('a value that an example shows', () => {
  it.each([
    [[1, 2.5], '[1, 2.5]'],
    [0.7310585, '0.731'],
    [1.0000001, '1'],
    [{ loss: 0.25 }, '{ loss: 0.25 }'],
    ['relu', "'relu'"],
    [[Number.NaN, -Number.POSITIVE_INFINITY], '[NaN, -Infinity]'],
    [true, 'true'],
    [1.2e-7, '1.2e-7'],
    [undefined, 'undefined'],
  ])('%j is %s', (value, shown) => {
    expect(difference(value, shown)).toBeUndefined();
  });

  it.each([
    [[1, 2], '[1, 3]'],
    [[1, 2], '[1]'],
    [0.7310585, '0.732'],
    [1.01, '1'],
    [{ loss: 0.25, accuracy: 1 }, '{ loss: 0.25 }'],
    [1, "'1'"],
    ['1', '1'],
    [0, 'false'],
    [null, '0'],
    [1, 'about one'],
  ])('%j is not %s', (value, shown) => {
    expect(difference(value, shown)).toBeDefined();
  });
});
