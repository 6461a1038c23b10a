import ts from 'typescript';
import type { PublicName } from './public_names.js';

const flags =
  ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;

/** How a public name is used: a line of TypeScript for each way to call it. */
export function signaturesOf(name: PublicName, checker: ts.TypeChecker): string[] {
  const { path, kind, declaration, symbol } = name;
  const type = checker.getTypeOfSymbol(symbol);
  if (kind === 'class') return [classHead(path, declaration as ts.ClassDeclaration)];
  if (kind === 'function') return callsOf(type, path, checker);
  if (kind === 'constant') return [`${path}: ${checker.typeToString(type, undefined, flags)}`];
  if (ts.isInterfaceDeclaration(declaration)) return [interfaceHead(declaration)];
  return [declaration.getText().replace(/^export /, '')];
}

/** The same for a method or property. */
export function memberSignatures(member: ts.Declaration, name: string, checker: ts.TypeChecker) {
  const type = checker.getTypeAtLocation(member);
  const calls = callsOf(type, name, checker);
  if (calls.length > 0 && (ts.isMethodDeclaration(member) || ts.isMethodSignature(member))) {
    return calls;
  }
  const isOptional = (member as ts.PropertySignature).questionToken !== undefined;
  const written = (member as ts.PropertySignature).type?.getText();
  const shown = written ?? checker.typeToString(type, undefined, flags);
  return [`${name}${isOptional ? '?' : ''}: ${shown.replace(/\s+/g, ' ')}`];
}

function callsOf(type: ts.Type, name: string, checker: ts.TypeChecker): string[] {
  return type
    .getCallSignatures()
    .map((call) => `${name}${checker.signatureToString(call, undefined, flags)}`)
    .map((text) => text.replaceAll(/(\?: [\w.]+) \| undefined/g, '$1'));
}

function classHead(path: string, declaration: ts.ClassDeclaration): string {
  const modifiers = declaration.modifiers?.some(
    ({ kind }) => kind === ts.SyntaxKind.AbstractKeyword,
  );
  const heritage = declaration.heritageClauses?.map((clause) => ` ${clause.getText()}`).join('');
  return `${modifiers ? 'abstract ' : ''}class ${path}${heritage ?? ''}`;
}

function interfaceHead(declaration: ts.InterfaceDeclaration): string {
  const heritage = declaration.heritageClauses?.map((clause) => ` ${clause.getText()}`).join('');
  return `interface ${declaration.name.text}${heritage ?? ''}`;
}

/** The interfaces of a function's options. */
export function optionsOf(name: PublicName, checker: ts.TypeChecker): ts.InterfaceDeclaration[] {
  const [call] = checker.getTypeOfSymbol(name.symbol).getCallSignatures();
  const found = (call?.parameters ?? []).map((parameter) => {
    const type = checker.getNonNullableType(checker.getTypeOfSymbol(parameter));
    const declaration = (type.aliasSymbol ?? type.getSymbol())?.declarations?.[0];
    const isOptions =
      declaration &&
      ts.isInterfaceDeclaration(declaration) &&
      /Options$/.test(declaration.name.text);
    return isOptions ? declaration : undefined;
  });
  return found.filter((declaration) => declaration !== undefined);
}

/** The interfaces that one extends, those first that are nearest. */
export function basesOf(declaration: ts.InterfaceDeclaration, checker: ts.TypeChecker) {
  const bases = (declaration.heritageClauses ?? []).flatMap(({ types }) =>
    types.flatMap((type) => checker.getTypeAtLocation(type).getSymbol()?.declarations ?? []),
  );
  return bases.filter(ts.isInterfaceDeclaration);
}

/** Defaults that the parameters of a function, or of what an operation is defined by, are written with. */
export function defaultsOf(declaration: ts.Declaration): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (node: ts.Node): boolean => {
    if (!ts.isArrowFunction(node) && !ts.isFunctionDeclaration(node)) {
      return ts.forEachChild(node, visit) ?? false;
    }
    for (const { name, initializer } of node.parameters) {
      const text = initializer?.getText() ?? '{}';
      if (text !== '{}') found.set(name.getText(), text);
    }
    return true;
  };
  visit(declaration);
  return found;
}
