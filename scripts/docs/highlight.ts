import ts from 'typescript';

/** Text as HTML shows it. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

/** Code as HTML, with classes for comments, strings, numbers and keywords of TypeScript. */
export function highlight(code: string, language = ''): string {
  if (!['ts', 'js', 'typescript'].includes(language)) return escapeHtml(code);
  const source = ts.createSourceFile('code.ts', code, ts.ScriptTarget.Latest, true);
  let html = '';
  const visit = (node: ts.Node): void => {
    if (node.kind >= ts.SyntaxKind.FirstJSDocNode && node.kind <= ts.SyntaxKind.LastJSDocNode)
      return;
    const children = node.getChildren(source);
    for (const child of children) visit(child);
    if (children.length > 0 || node.kind === ts.SyntaxKind.SyntaxList) return;
    html += comments(code.slice(node.getFullStart(), node.getStart(source)));
    html += marked(classOf(node.kind), code.slice(node.getStart(source), node.end));
  };
  visit(source);
  return html;
}

function classOf(kind: ts.SyntaxKind): string | undefined {
  if (kind >= ts.SyntaxKind.FirstKeyword && kind <= ts.SyntaxKind.LastKeyword) return 'keyword';
  if (kind === ts.SyntaxKind.NumericLiteral) return 'number';
  if (kind === ts.SyntaxKind.RegularExpressionLiteral) return 'string';
  const isText = kind === ts.SyntaxKind.StringLiteral;
  const isTemplate =
    kind >= ts.SyntaxKind.FirstTemplateToken && kind <= ts.SyntaxKind.LastTemplateToken;
  return isText || isTemplate ? 'string' : undefined;
}

/** White space between tokens, and what is said in it. */
function comments(trivia: string): string {
  return trivia.replace(/\/\/[^\n]*|\/\*.*?\*\//gs, (comment) => marked('comment', comment));
}

function marked(name: string | undefined, text: string): string {
  return name === undefined ? escapeHtml(text) : `<span class="${name}">${escapeHtml(text)}</span>`;
}
