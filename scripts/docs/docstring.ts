import ts from 'typescript';

/** A piece of code in a docstring, and where it stands. */
export interface Example {
  readonly code: string;
  readonly file: string;
  readonly line: number;
}

/** What a docstring says, taken apart. Texts are Markdown. */
export interface Docstring {
  /** The first sentence. */
  readonly summary: string;
  /** Everything before the tags. */
  readonly text: string;
  readonly params: ReadonlyMap<string, string>;
  readonly returns: string;
  readonly throws: readonly string[];
  readonly examples: readonly Example[];
}

/** The docstring of a declaration; its texts are empty where there is none. */
export function docstringOf(declaration: ts.Node): Docstring {
  const parts = ts.getJSDocCommentsAndTags(declaration);
  const comment = parts.filter(ts.isJSDoc).at(-1);
  const text = markdown(comment?.comment);
  const tags: readonly ts.JSDocTag[] = comment?.tags ?? [];
  const textsOf = (name: string) =>
    tags.filter(({ tagName }) => tagName.text === name).map((tag) => markdown(tag.comment));
  return {
    summary: text.split(/\n\n|(?<=\.)\s(?=[A-Z`])/, 1)[0] ?? '',
    text,
    params: new Map(
      tags.filter(ts.isJSDocParameterTag).map((tag) => [tag.name.getText(), markdown(tag.comment)]),
    ),
    returns: textsOf('returns').join('\n'),
    throws: textsOf('throws'),
    examples: tags.filter(({ tagName }) => tagName.text === 'example').map(exampleOf),
  };
}

/** Every example of a source file, of whatever its docstring is about. */
export function examplesIn(source: ts.SourceFile): Example[] {
  const found: Example[] = [];
  const visit = (node: ts.Node): void => {
    const own = ts.getJSDocCommentsAndTags(node).filter((part) => part.parent === node);
    for (const comment of own.filter(ts.isJSDoc)) {
      const tags = comment.tags?.filter(({ tagName }) => tagName.text === 'example') ?? [];
      found.push(...tags.map(exampleOf));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function exampleOf(tag: ts.JSDocTag): Example {
  const source = tag.getSourceFile();
  const text = markdown(tag.comment);
  const fenced = /^```ts\n(.*?)\n?```$/s.exec(text)?.[1];
  const { line } = source.getLineAndCharacterOfPosition(tag.getStart());
  // The code begins below the tag, and below the fence if there is one.
  const code = fenced ?? text;
  return { code, file: source.fileName, line: line + (fenced === undefined ? 2 : 3) };
}

function markdown(comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string {
  return (ts.getTextOfJSDocComment(comment) ?? '').trim();
}
