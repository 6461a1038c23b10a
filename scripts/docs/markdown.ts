import { Marked } from 'marked';
import temml from 'temml';
import { escapeHtml, highlight } from './highlight.js';

/** Where the names and files that a text mentions are found. */
export interface Links {
  /** The address of a public name, such as 'layers.dense'; undefined when there is none. */
  name(name: string): string | undefined;
  /** The address of what a Markdown link leads to. */
  target(href: string): string;
  /** The address of a picture. */
  image(href: string): string;
}

/** Markdown as HTML: code highlighted, formulas in MathML, names of the library linked. */
export function markdown(text: string, links: Links): string {
  const ids = new Map<string, number>();
  const renderer = new Marked({
    renderer: {
      code: ({ text: code, lang }) => `<pre><code>${highlight(code, lang)}</code></pre>\n`,
      codespan: ({ text: code }) => linkedCode(code, links),
      heading({ tokens, depth, text: title }) {
        const inner = this.parser.parseInline(tokens);
        const id = slug(title);
        const count = ids.get(id) ?? 0;
        ids.set(id, count + 1);
        const unique = count === 0 ? id : `${id}-${count}`;
        return `<h${depth} id="${unique}">${inner}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        return `<a href="${escapeHtml(links.target(href))}">${inner}</a>`;
      },
      image: ({ href, text: alt }) =>
        `<img src="${escapeHtml(links.image(href))}" alt="${escapeHtml(alt)}">`,
      table(token) {
        const cell = (tag: string, cells: typeof token.header) =>
          cells.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('');
        const rows = token.rows.map((row) => `<tr>${cell('td', row)}</tr>`).join('\n');
        const head = `<thead><tr>${cell('th', token.header)}</tr></thead>`;
        return `<div class="wide"><table>${head}<tbody>${rows}</tbody></table></div>\n`;
      },
    },
  });
  renderer.use({ extensions: [formula] });
  return renderer.parse(text, { async: false });
}

/** `$...$`, in LaTeX's words. */
const formula = {
  name: 'formula',
  level: 'inline' as const,
  start: (text: string) => text.indexOf('$'),
  tokenizer(text: string) {
    const found = /^\$([^$\n]+)\$/.exec(text);
    return found ? { type: 'formula', raw: found[0], text: found[1] } : undefined;
  },
  renderer: (token: { text?: string }) => temml.renderToString(token.text ?? ''),
};

/** Code in a line of text; a link where it is a public name. */
export function linkedCode(code: string, links: Links): string {
  const to = links.name(code.replace(/^await |\(.*\)$/g, ''));
  const html = `<code>${escapeHtml(code)}</code>`;
  return to === undefined ? html : `<a href="${to}">${html}</a>`;
}

/** The name of a heading in addresses, as GitHub makes it. */
export function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}
