import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { beforeAll, describe, expect, it } from 'vitest';
import { highlight } from '../../scripts/docs/highlight.js';
import { root } from '../../scripts/docs/library.js';
import { markdown } from '../../scripts/docs/markdown.js';
import { buildSite } from '../../scripts/docs/site.js';

describe('the documentation as HTML', () => {
  let files: Map<string, string>;
  beforeAll(() => {
    files = buildSite();
  }, 120_000);

  it('has a page for each guide and each area', () => {
    expect([...files.keys()]).toEqual(
      expect.arrayContaining([
        'index.html',
        'architecture.html',
        'api-layers.html',
        'api-ops.html',
      ]),
    );
  });

  it('has no link that leads nowhere', () => {
    const idsOf = new Map<string, Set<string>>();
    const ids = (name: string) => {
      const found = idsOf.get(name) ?? new Set(matches(files.get(name) ?? '', /\sid="([^"]+)"/g));
      idsOf.set(name, found);
      return found;
    };
    const broken = [...files].flatMap(([name, html]) =>
      name.endsWith('.html')
        ? matches(html, /(?:href|src)="([^"]+)"/g).flatMap((href) => {
            if (/^https?:/.test(href)) return [];
            const [path = '', anchor] = href.split('#');
            const target = path === '' ? name : join(dirname(name), path);
            const isThere = files.has(target) && (!anchor || ids(target).has(anchor));
            return isThere ? [] : [`${name}: ${href}`];
          })
        : [],
    );
    expect(broken).toEqual([]);
  });

  it('finds every public name, where its page says so', () => {
    const list = (files.get('names.js') ?? '').replace(/^window\.names = |;\n$/g, '');
    const names = JSON.parse(list) as [string, string, string][];
    expect(names.length).toBeGreaterThan(400);
    const lost = names.filter(([, href]) => {
      const [page = '', id] = href.split('#');
      return !files.get(page)?.includes(`id="${id}"`);
    });
    expect(lost).toEqual([]);
    expect(names.find(([name]) => name === 'layers.dense')?.[2]).toContain('kernel');
  });

  it('shows signature, options with defaults, formula and example of a layer', () => {
    const page = files.get('api-layers.html') ?? '';
    const section = page.slice(page.indexOf('id="dense"'), page.indexOf('id="depthwiseConv2d"'));
    for (const part of [
      'layers.dense(options: ',
      'units: number',
      'activation?:',
      'kernel [n, units]',
    ]) {
      expect(section.replace(/<[^>]*>/g, '')).toContain(part);
    }
    expect(section).toContain('<pre class="example">');
  });
});

describe('Markdown', () => {
  const links = {
    name: () => undefined,
    target: (href: string) => href,
    image: (href: string) => href,
  };

  it.each([
    ['`a < b`', '<p><code>a &#60; b</code></p>\n'],
    ['# The walk', '<h1 id="the-walk">The walk</h1>\n'],
    ['![Two digits](x.svg)', '<p><img src="x.svg" alt="Two digits"></p>\n'],
    ['[here](x.md)', '<p><a href="x.md">here</a></p>\n'],
    ['2 * a * b', '<p>2 * a * b</p>\n'],
  ])('%s', (text, html) => {
    expect(markdown(text, links)).toBe(html);
  });

  it('has formulas in MathML', () => {
    expect(markdown('$x^2$', links)).toMatch(/<math.*<msup>/);
  });
});

describe('highlighting', () => {
  it.each([
    [
      'const a = 1; // one',
      '<span class="keyword">const</span> a = <span class="number">1</span>; <span class="comment">// one</span>',
    ],
    ["f('<')", 'f(<span class="string">\'&#60;\'</span>)'],
  ])('%s', (code, html) => {
    expect(highlight(code, 'ts')).toBe(html);
  });

  it.each(['lib/core/tensor.ts', 'lib/layers/layer.ts'])('leaves nothing of %s out', (path) => {
    const code = readFileSync(join(root, path), 'utf8');
    const plain = highlight(code, 'ts').replace(/<[^>]*>/g, '');
    expect(plain).toBe(highlight(code));
  });
});

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found as string);
}
