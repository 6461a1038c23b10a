import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** The repository's folder. */
export const root = join(import.meta.dirname, '../..');

/** Every TypeScript file of the library. */
export function libraryFiles(): string[] {
  return readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(root, 'lib', name));
}

/** The library for the type checker, together with files that exist only as texts. */
export function libraryProgram(texts: ReadonlyMap<string, string> = new Map()): ts.Program {
  const path = join(root, 'tsconfig.json');
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(path, ts.sys.readFile).config,
    ts.sys,
    root,
  );
  // In documentation a name may be declared just to show how, and types are used like values.
  const relaxed = { ...options, noUnusedLocals: false, verbatimModuleSyntax: false };
  const host = ts.createCompilerHost(relaxed, true);
  host.getCurrentDirectory = () => root;
  const { fileExists, readFile } = host;
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  const rootNames = [join(root, 'lib/index.ts'), ...texts.keys()];
  return ts.createProgram({ rootNames, options: relaxed, host });
}
