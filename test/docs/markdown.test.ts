import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lexer, type Tokens } from 'marked';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/docs/library.js';
import { runCode, typeErrors } from './example_code.js';
import { useSandbox } from './sandbox.js';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const sections = pages.flatMap(sectionsOf);

interface Section {
  readonly title: string;
  readonly heading: string;
  readonly code: string;
}

/**
 * The TypeScript of each section of a page: its blocks are one program, at the end of which stands
 * all code of its tables' columns named 'luge'. Every line of code is on the line that it has in the page.
 */
function sectionsOf(page: string): Section[] {
  const found: { heading: string; lines: string[] }[] = [];
  let lines: string[] = [];
  let at = 0;
  const put = (line: number, text: string) => {
    while (lines.length <= line) lines.push('');
    lines[line] += text;
  };
  for (const token of lexer(readFileSync(join(root, page), 'utf8'))) {
    if (token.type === 'heading' && token.depth <= 2) {
      lines = [];
      found.push({ heading: token.text, lines });
    }
    if (token.type === 'code' && token.lang === 'ts') {
      (token.text as string).split('\n').forEach((line, i) => {
        put(at + 1 + i, line);
      });
    }
    if (token.type === 'table') {
      cellsOf(token as Tokens.Table).forEach((codes, i) => {
        for (const code of codes) put(at + 2 + i, `{ ${code}; }`);
      });
    }
    at += token.raw.split('\n').length - 1;
  }
  return found
    .map(({ heading, lines: own }) => ({ title: `${page}:1`, heading, code: own.join('\n') }))
    .filter(({ code }) => code.trim() !== '');
}

/** What stands as code in the column 'luge', by row. */
function cellsOf({ header, rows }: Tokens.Table): string[][] {
  const column = header.findIndex(({ text }) => text === 'luge');
  return rows.map((row) =>
    (row[column]?.tokens ?? [])
      .filter((token): token is Tokens.Codespan => token.type === 'codespan')
      .map(({ text }) => text),
  );
}

describe('TypeScript in Markdown', () => {
  useSandbox();

  it('is found, in blocks and in tables', () => {
    const all = sections.map(({ code }) => code).join('\n');
    expect(all).toContain('{ layers.dropout({ rate: 0.3 }); }');
    expect(all).toContain("model.compile({ optimizer: 'adam'");
  });

  it('passes the type checker', () => {
    expect(typeErrors(sections)).toEqual([]);
  }, 120_000);

  it.each(sections)('$title, $heading', ({ code }) => runCode(code, () => {}), 60_000);
});
