import * as luge from 'luge';
import ts from 'typescript';
import { libraryProgram, root } from '../../scripts/docs/library.js';
import { difference } from './expected_value.js';

/** Code of the documentation, in which luge's names are known without an import. */
export interface DocumentedCode {
  /** Where it stands, as 'file:line' of its first line. */
  readonly title: string;
  readonly code: string;
}

/**
 * The code as the body of an async function: imports become awaited ones, luge's names are there
 * already, and a line `expression; // => value` becomes a check. Lines stay where they are.
 */
export function asBody(code: string): string {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true);
  const changes: { start: number; end: number; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      changes.push({ start: node.getStart(), end: node.end, text: awaited(node) });
    }
    if (ts.isExpressionStatement(node)) {
      const shown = /^[ \t]*\/\/ => (.*)/.exec(code.slice(node.end))?.[1];
      if (shown !== undefined) {
        const value = node.expression.getText();
        const line = source.getLineAndCharacterOfPosition(node.end).line + 1;
        const text = `$expect(${value}, ${JSON.stringify(shown.trim())}, ${line});`;
        changes.push({ start: node.getStart(), end: node.end, text });
        return;
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return changes.reduceRight(
    (text, change) => text.slice(0, change.start) + change.text + text.slice(change.end),
    code,
  );
}

function awaited(node: ts.ImportDeclaration): string {
  const from = node.moduleSpecifier.getText();
  const names = node.importClause?.namedBindings;
  const lines = '\n'.repeat(node.getText().split('\n').length - 1);
  if (from === "'luge'") {
    const known = names !== undefined && ts.isNamedImports(names) ? names.elements : [];
    // The type checker then sees a name that luge does not have.
    return (
      known.map(({ name, isTypeOnly }) => (isTypeOnly ? '' : `${name.text};`)).join('') + lines
    );
  }
  if (names === undefined || ts.isNamespaceImport(names)) {
    const name = names?.name.getText() ?? node.importClause?.name?.getText();
    return `const ${name} = await import(${from});${lines}`;
  }
  const list = names.elements.map(({ name, propertyName }) =>
    propertyName ? `${propertyName.getText()}: ${name.text}` : name.text,
  );
  return `const { ${list.join(', ')} } = await import(${from});${lines}`;
}

const valueNames = Object.keys(luge);

/**
 * Runs the code; `print` is its console.log.
 *
 * @throws an error that names the line when a value is not the one shown, and what the code throws.
 */
export async function runCode(code: string, print: (...args: unknown[]) => void): Promise<void> {
  const body = ts.transpile(`export default async () => {${asBody(code)}\n}`, {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ES2022,
    verbatimModuleSyntax: false,
  });
  const wrong: string[] = [];
  const check = (value: unknown, shown: string, line: number) => {
    const problem = difference(value, shown);
    if (problem !== undefined) wrong.push(`line ${line}, // => ${shown}: ${problem}`);
  };
  const make = new Function(
    ...[...valueNames, '$expect', 'console', '$import'],
    body.replace(/export default/, 'return').replaceAll('await import(', 'await $import('),
  );
  const run = make(
    ...Object.values(luge),
    check,
    { log: print },
    (name: string) => import(name),
  ) as () => Promise<void>;
  await run();
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

/** What the type checker has against the code, as 'file:line: message'. */
export function typeErrors(codes: readonly DocumentedCode[]): string[] {
  const file = `${root}/documented.ts`;
  const names = publicNames();
  const head = [
    `import { ${names.join(', ')} } from 'luge';`,
    'declare function $expect(value: unknown, shown: string, line: number): void;',
  ];
  const starts: number[] = [];
  const lines = [...head];
  codes.forEach(({ code }, i) => {
    lines.push(`export async function documented${i}() {`);
    starts.push(lines.length);
    lines.push(...asBody(code).split('\n'), '}');
  });
  const program = libraryProgram(new Map([[file, lines.join('\n')]]));
  const source = program.getSourceFile(file);
  const found = [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ];
  return found.map(({ start = 0, messageText }) => {
    const at = source?.getLineAndCharacterOfPosition(start).line ?? 0;
    const index = starts.findLastIndex((first) => first <= at);
    const [path, line] = (codes[index]?.title ?? 'documentation:1').split(':');
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    return `${path}:${Number(line) + at - (starts[index] ?? 0)}: ${message}`;
  });
}

/** Values and types that luge exports. */
function publicNames(): string[] {
  const source = ts.createSourceFile(
    'index.ts',
    ts.sys.readFile(`${root}/lib/index.ts`) ?? '',
    ts.ScriptTarget.Latest,
  );
  const named = source.statements.filter(ts.isExportDeclaration).flatMap(({ exportClause }) => {
    if (exportClause === undefined) return [];
    if (ts.isNamespaceExport(exportClause)) return [exportClause.name.getText(source)];
    return exportClause.elements.map(({ name }) => name.text);
  });
  return [...new Set([...named, ...valueNames])];
}
