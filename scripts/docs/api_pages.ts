import { relative } from 'node:path';
import ts from 'typescript';
import { type Docstring, docstringOf } from './docstring.js';
import { escapeHtml, highlight } from './highlight.js';
import { root } from './library.js';
import { type Links, markdown } from './markdown.js';
import { membersOf, type PublicName } from './public_names.js';
import { basesOf, defaultsOf, memberSignatures, optionsOf, signaturesOf } from './signatures.js';

/** The public names of a namespace, or those without one. */
export interface Area {
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** A name, other names for the same, and the place on its page. */
export interface Entry {
  readonly name: PublicName;
  readonly aliases: readonly string[];
  readonly id: string;
}

/** The names by area, in alphabetical order, types last. */
export function areasOf(names: readonly PublicName[]): Area[] {
  const titleOf = ({ path }: PublicName) =>
    path.includes('.') ? (path.split('.')[0] ?? '') : 'luge';
  const titles = [...new Set(names.map(titleOf))].sort();
  const order = ['luge', 'layers', 'losses', 'metrics', 'optimizers', 'schedules', 'callbacks'];
  const rank = (title: string) => (order.indexOf(title) + order.length + 1) % (order.length + 1);
  return titles
    .toSorted((a, b) => rank(a) - rank(b))
    .map((title) => ({
      title,
      entries: entriesOf(names.filter((name) => titleOf(name) === title)),
    }));
}

function entriesOf(names: readonly PublicName[]): Entry[] {
  const last = ({ path }: PublicName) => path.split('.').at(-1) as string;
  const groups = new Map<ts.Symbol, PublicName[]>();
  for (const name of names) groups.set(name.symbol, [...(groups.get(name.symbol) ?? []), name]);
  return [...groups.values()]
    .map((same) => {
      const main = same.find((name) => last(name) === name.symbol.name) ?? (same[0] as PublicName);
      const aliases = same.filter((name) => name !== main).map(({ path }) => path);
      return { name: main, aliases, id: last(main) };
    })
    .sort((a, b) => {
      const types = Number(a.name.kind === 'type') - Number(b.name.kind === 'type');
      return types || a.id.localeCompare(b.id, 'en');
    });
}

/** What an area's page needs besides its names. */
export interface Context {
  readonly checker: ts.TypeChecker;
  readonly links: Links;
  /** The address of a line of a file. */
  source(path: string, line: number): string;
  /** The address of a type by its name alone. */
  type(name: string): string | undefined;
}

/** A page's content. */
export function areaPage(area: Area, context: Context): string {
  const own = area.entries.map((entry) => section(entry, context));
  const title = area.title === 'luge' ? 'Models, tensors, settings' : `${area.title}.*`;
  return `<h1>${title}</h1>\n${own.join('\n')}`;
}

function section({ name, aliases, id }: Entry, context: Context): string {
  const { checker, links } = context;
  const made = name.makes && docstringOf(name.makes);
  // Where the class tells more than its factory, it tells all that the factory does.
  const own = made && made.text.length > name.docs.text.length ? '' : name.docs.text;
  const texts = [own, made?.text ?? ''].filter((text) => text !== '');
  const declaration = name.makes ?? name.declaration;
  const file = declaration.getSourceFile();
  const line = file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1;
  const parts = [
    `<h2 id="${id}"><a href="#${id}">${escapeHtml(name.path)}</a></h2>`,
    code(signaturesOf(name, checker), context),
    ...(aliases.length > 0 ? [`<p class="note">Also: ${aliases.map(inCode).join(', ')}</p>`] : []),
    ...texts.map((text) => markdown(text, links)),
    parameters(name, context),
    ...(name.kind === 'function' ? optionsOf(name, checker) : []).map((one) =>
      optionsOrLink(one, context),
    ),
    ...facts(name.docs, context),
    ...(made ? facts(made, context) : []),
    ...(name.docs.examples.length > 0 ? name.docs : (made ?? name.docs)).examples.map(example),
    members(name, context),
    `<p class="source"><a href="${context.source(relative(root, file.fileName), line)}">source</a></p>`,
  ];
  return `<section>${parts.filter((part) => part !== '').join('\n')}</section>`;
}

function inCode(text: string): string {
  return `<code>${escapeHtml(text)}</code>`;
}

function example({ code: text }: { code: string }): string {
  return `<pre class="example"><code>${highlight(text, 'ts')}</code></pre>`;
}

/** Lines of TypeScript in which the names of public types are links. */
function code(lines: readonly string[], context: Context): string {
  return `<pre class="signature"><code>${lines.map((line) => withTypes(line, context)).join('\n')}</code></pre>`;
}

function withTypes(text: string, { type }: Context): string {
  return escapeHtml(text).replace(/\b[A-Z]\w*/g, (name) => {
    const to = type(name);
    return to === undefined ? name : `<a href="${to}">${name}</a>`;
  });
}

function parameters(name: PublicName, { links }: Context): string {
  if (name.kind !== 'function') return '';
  const defaults = defaultsOf(name.declaration);
  const all = new Set([...name.docs.params.keys(), ...defaults.keys()]);
  const rows = [...all].map((one) => {
    const value = defaults.get(one);
    const text = name.docs.params.get(one) ?? '';
    const said =
      value === undefined || /default/i.test(text)
        ? ''
        : ` Default <code>${escapeHtml(value)}</code>.`;
    return `<dt><code>${escapeHtml(one)}</code></dt><dd>${inline(text, links)}${said}</dd>`;
  });
  return rows.length === 0 ? '' : `<dl>${rows.join('\n')}</dl>`;
}

/** Options that many take, such as those of every layer, are said in one place. */
function optionsOrLink(declaration: ts.InterfaceDeclaration, context: Context): string {
  const to = linkOf(declaration, context);
  return to === undefined ? options(declaration, context) : `<p class="note">Takes ${to}.</p>`;
}

function linkOf(declaration: ts.InterfaceDeclaration, { type }: Context): string | undefined {
  const to = docstringOf(declaration).text === '' ? undefined : type(declaration.name.text);
  return to && `<a href="${to}">${declaration.name.text}</a>`;
}

/** A list of options. Of the interfaces that it extends, those with a text of their own are named. */
function options(declaration: ts.InterfaceDeclaration, context: Context): string {
  const shown = [declaration];
  const named: string[] = [];
  for (const one of shown) {
    for (const base of basesOf(one, context.checker)) {
      const to = linkOf(base, context);
      if (to === undefined) shown.push(base);
      else named.push(to);
    }
  }
  const rows = shown.flatMap((one) => membersOf(one)).map((member) => row(member, context));
  const note = named.length > 0 ? `<p class="note">And ${named.join(', ')}.</p>` : '';
  return `${rows.length > 0 ? `<dl>${rows.join('\n')}</dl>` : ''}${note}`;
}

function row(member: ReturnType<typeof membersOf>[number], context: Context): string {
  const [signature = member.name] = memberSignatures(
    member.declaration,
    member.name,
    context.checker,
  );
  const text = inline(member.docs.text, context.links);
  return `<dt><code>${withTypes(signature, context)}</code></dt><dd>${text}</dd>`;
}

function inline(text: string, links: Links): string {
  return markdown(text, links)
    .trim()
    .replace(/^<p>(.*)<\/p>$/s, '$1');
}

/** What is returned and thrown. */
function facts({ returns, throws }: Docstring, { links }: Context): string[] {
  const list: [string, string][] = [
    ['Returns', returns],
    ...throws.map((text): [string, string] => ['Throws', text]),
  ];
  return list
    .filter(([, text]) => text !== '')
    .map(([label, text]) => `<p class="fact"><b>${label}</b> ${inline(text, links)}</p>`);
}

/** Methods and properties of a class, or the members of an interface. */
function members({ declaration, kind }: PublicName, context: Context): string {
  if (ts.isInterfaceDeclaration(declaration)) return options(declaration, context);
  if (kind !== 'class' || !ts.isClassDeclaration(declaration)) return '';
  const all = membersOf(declaration);
  const owner = declaration.name?.text ?? '';
  const properties = all.filter(({ isMethod }) => !isMethod).map((member) => row(member, context));
  const methods = all.filter(({ isMethod }) => isMethod);
  const shown = methods.map(({ name, docs, declaration: method }) =>
    [
      `<h3 id="${owner}.${name}"><a href="#${owner}.${name}">${name}</a></h3>`,
      code(memberSignatures(method, name, context.checker), context),
      markdown(docs.text, context.links),
      ...[...docs.params].map(
        ([one, text]) => `<p class="fact">${inCode(one)} ${inline(text, context.links)}</p>`,
      ),
      ...facts(docs, context),
      ...docs.examples.map(example),
    ].join('\n'),
  );
  return `${properties.length > 0 ? `<dl>${properties.join('\n')}</dl>` : ''}${shown.join('\n')}`;
}
