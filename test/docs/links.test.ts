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

  it('quotes code that stands where it says: `line` within the declaration of `name`', () => {
    const quotes = text.matchAll(/`(\w+)` in \[[^\]]+\]\(([^)#]+)\): `([^`]+)`/g);
    const wrong = [...quotes].flatMap(([, name, path, code]) => {
      const found = declarationOf(name as string, readFileSync(target(path as string), 'utf8'));
      if (found?.includes(code as string)) return [];
      return [`${path}: ${found === undefined ? 'no' : 'not in'} ${name}: ${code}`];
    });
    expect(wrong).toEqual([]);
  });

  it('does not point to lines of code by number, which the next change moves', () => {
    expect([...text.matchAll(/\]\((?!https?:)[^)]*#L\d+\)/g)].map(([link]) => link)).toEqual([]);
  });
});

/** From the line that declares a name at the top level, in TypeScript or C++, to the next such line. */
function declarationOf(name: string, source: string): string | undefined {
  const lines = source.split('\n');
  const declares = new RegExp(`^[\\w ]*\\b${name}\\b *[(:=<]`);
  const start = lines.findIndex((line) => declares.test(line));
  if (start < 0) return undefined;
  const rest = lines.slice(start + 1);
  const length = rest.findIndex((line) => /^\w/.test(line));
  return [lines[start], ...(length < 0 ? rest : rest.slice(0, length))].join('\n');
}
