import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path/posix';
import { type Area, areaPage, areasOf, type Context, type Entry } from './api_pages.js';
import { escapeHtml, highlight } from './highlight.js';
import { libraryProgram, root } from './library.js';
import { type Links, markdown } from './markdown.js';
import { type Group, page } from './page.js';
import { publicNames } from './public_names.js';

interface Guide {
  /** From the repository's folder. */
  readonly path: string;
  readonly href: string;
  readonly title: string;
  readonly text: string;
}

/** The documentation as HTML: the guides and a page for each area of the library, by file name. */
export function buildSite(): Map<string, string> {
  const program = libraryProgram();
  const checker = program.getTypeChecker();
  const areas = areasOf(publicNames(program));
  const guides = guidePaths().map(readGuide);
  const groups = sidebar(guides, areas);
  const hrefs = addresses(areas);
  const sources = new Set<string>();
  const source = (path: string, line: number) => {
    sources.add(path);
    return `source/${path}.html#L${line}`;
  };
  const linksFrom = (path: string, area = ''): Links => ({
    name: (name) => hrefs.get(area === '' ? name : `${area}.${name}`) ?? hrefs.get(name),
    target: (href) => resolve(href, path, guides, source),
    image: (href) => {
      const copy = `images/${basename(href)}`;
      files.set(copy, readFileSync(join(root, dirname(path), href), 'utf8'));
      return copy;
    },
  });

  const files = new Map<string, string>();
  for (const { path, href, title, text } of guides) {
    files.set(href, page(title, href, markdown(text, linksFrom(path)), groups));
  }
  for (const area of areas) {
    const types = new Map(typesOf(areas, area));
    const context: Context = {
      checker,
      links: linksFrom('lib/index.ts', area.title),
      source,
      type: (name) => types.get(name),
    };
    const href = pageOf(area);
    files.set(href, page(`luge: ${area.title}`, href, areaPage(area, context), groups));
  }
  for (const path of sources) files.set(`source/${path}.html`, sourcePage(path, groups));
  files.set('names.js', `window.names = ${JSON.stringify(searchEntries(areas))};\n`);
  for (const name of ['style.css', 'search.js']) {
    files.set(name, readFileSync(join(root, 'scripts/docs/assets', name), 'utf8'));
  }
  return files;
}

/** Where each name is found. Those of the top level come last, so that `Layer` is layers.Layer. */
function addresses(areas: readonly Area[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const area of areas) {
    for (const { name, aliases, id } of area.entries) {
      const made = name.makes?.name && `${area.title}.${name.makes.name.text}`;
      for (const path of [name.path, ...aliases, ...(made ? [made] : [])]) {
        found.set(path, `${pageOf(area)}#${id}`);
      }
    }
  }
  return found;
}

function typesOf(areas: readonly Area[], own: Area): [string, string][] {
  // A name of the page's own area wins over the same name elsewhere.
  return [...areas.filter((area) => area !== own), own].flatMap((area) =>
    area.entries
      .filter(({ name }) => name.kind === 'type' || name.kind === 'class')
      .map(({ id }): [string, string] => [id, `${pageOf(area)}#${id}`]),
  );
}

function pageOf({ title }: Area): string {
  return `api-${title}.html`;
}

function searchEntries(areas: readonly Area[]): [string, string, string][] {
  const plain = (text: string) => text.replace(/[`*]/g, '').replace(/\s+/g, ' ');
  const lines = (area: Area, { name, aliases, id }: Entry) =>
    [name.path, ...aliases].map((path): [string, string, string] => {
      return [path, `${pageOf(area)}#${id}`, plain(name.docs.summary)];
    });
  return areas.flatMap((area) => area.entries.flatMap((entry) => lines(area, entry)));
}

function guidePaths(): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.sort().map((name) => `docs/${name}`), 'CONTRIBUTING.md'].concat(
    ['bench/README.md', 'scripts/golden/README.md'].filter((path) => existsSync(join(root, path))),
  );
}

function readGuide(path: string): Guide {
  const text = readFileSync(join(root, path), 'utf8');
  const title = path === 'README.md' ? 'Start' : (/^# (.*)$/m.exec(text)?.[1] ?? path);
  const name = path
    .replace(/^docs\//, '')
    .replace(/\.md$/, '')
    .replaceAll('/', '-');
  return {
    path,
    title,
    text,
    href: path === 'README.md' ? 'index.html' : `${name.toLowerCase()}.html`,
  };
}

/** The address of what a guide links to: another guide, or a file of the repository. */
function resolve(
  href: string,
  from: string,
  guides: readonly Guide[],
  source: (path: string, line: number) => string,
): string {
  if (/^[a-z]+:|^#/.test(href)) return href;
  const [path = '', anchor] = href.split('#');
  const target = join(dirname(from), path).replace(/\/$/, '');
  const guide = guides.find(
    (one) => [target, `${target}/README.md`].includes(one.path) || one.path === target,
  );
  if (guide !== undefined) return anchor === undefined ? guide.href : `${guide.href}#${anchor}`;
  if (!existsSync(join(root, target)) || statSync(join(root, target)).isDirectory()) {
    throw new Error(`${from} links to ${href}, which is no file.`);
  }
  return source(target, Number(anchor?.replace('L', '') ?? 1));
}

function sidebar(guides: readonly Guide[], areas: readonly Area[]): Group[] {
  const items = areas.map((area) => ({
    title: area.title === 'luge' ? 'Models, tensors, settings' : area.title,
    href: pageOf(area),
    inner: area.entries.map(({ id }) => ({ title: id, href: `${pageOf(area)}#${id}` })),
  }));
  return [
    { title: 'Guides', items: guides },
    { title: 'Reference', items },
  ];
}

function sourcePage(path: string, groups: readonly Group[]): string {
  const href = `source/${path}.html`;
  const text = readFileSync(join(root, path), 'utf8').replace(/\n$/, '');
  const html = highlight(text, path.endsWith('.ts') ? 'ts' : '');
  const lines = splitLines(html).map(
    (line, i) => `<span class="line" id="L${i + 1}">${line}</span>`,
  );
  const up = relative(dirname(href), '.');
  const content = `<h1>${escapeHtml(path)}</h1>\n<pre class="file"><code>${lines.join('\n')}</code></pre>`;
  return page(path, href, content, groups, `${up}/`);
}

/** Highlighted lines, each with its own tags: a comment of several lines is closed and reopened. */
function splitLines(html: string): string[] {
  let open = '';
  return html.split('\n').map((line) => {
    const text = open + line;
    for (const [tag] of line.matchAll(/<\/?span[^>]*>/g)) open = tag === '</span>' ? '' : tag;
    return open === '' ? text : `${text}</span>`;
  });
}
