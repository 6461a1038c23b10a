import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const target = (path: string) => join(root, dirname(page), path);

  it('links to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, to]) => to);
    expect(links.filter((to) => !existsSync(target(to as string)))).toEqual([]);
  });

  it('quotes the lines of code that it links to', () => {
    const quotes = text.matchAll(/\]\(([^)#]+)#L(\d+)\): `([^`]+)`/g);
    const wrong = [...quotes].flatMap(([, path, line, code]) => {
      const lines = readFileSync(target(path as string), 'utf8').split('\n');
      if (lines[Number(line) - 1]?.includes(code as string)) return [];
      const now = lines.findIndex((found) => found.includes(code as string)) + 1;
      return [`${path}#L${line} is not \`${code}\`; it is on line ${now || 'none'}`];
    });
    expect(wrong).toEqual([]);
  });
});
