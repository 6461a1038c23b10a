import { escapeHtml } from './highlight.js';

/** A link of the sidebar, and what stands below it on the page that it leads to. */
export interface Item {
  readonly title: string;
  readonly href: string;
  readonly inner?: readonly { readonly title: string; readonly href: string }[];
}

/** A group of the sidebar. */
export interface Group {
  readonly title: string;
  readonly items: readonly Item[];
}

/** A whole page; `up` leads from it to the folder of the site. */
export function page(
  title: string,
  href: string,
  content: string,
  groups: readonly Group[],
  up = '',
) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${up}style.css">
</head>
<body>
<header>
<button id="menu" aria-label="Contents" aria-expanded="false">&#9776;</button>
<a class="brand" href="${up}index.html">luge</a>
<input id="search" type="search" placeholder="Search names ( / )" aria-label="Search names" autocomplete="off">
<ul id="found" data-up="${up}"></ul>
</header>
<nav>${groups.map((group) => sidebar(group, href, up)).join('\n')}</nav>
<main>${content}</main>
<script src="${up}names.js"></script>
<script src="${up}search.js"></script>
</body>
</html>
`;
}

function sidebar({ title, items }: Group, current: string, up: string): string {
  const link = (to: string, text: string, isCurrent = false) =>
    `<li><a href="${up}${to}"${isCurrent ? ' aria-current="page"' : ''}>${escapeHtml(text)}</a>`;
  const lines = items.map((item) => {
    const isCurrent = item.href === current;
    const inner = isCurrent
      ? (item.inner ?? []).map((one) => `${link(one.href, one.title)}</li>`)
      : [];
    const list = inner.length > 0 ? `<ul>${inner.join('')}</ul>` : '';
    return `${link(item.href, item.title, isCurrent)}${list}</li>`;
  });
  return `<h2>${escapeHtml(title)}</h2><ul>${lines.join('\n')}</ul>`;
}
