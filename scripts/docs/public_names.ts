import { join } from 'node:path';
import ts from 'typescript';
import { type Docstring, docstringOf } from './docstring.js';
import { root } from './library.js';

export type Kind = 'namespace' | 'class' | 'function' | 'constant' | 'type';

/** A name that the library exports, such as `layers.dense`. */
export interface PublicName {
  readonly path: string;
  readonly kind: Kind;
  readonly declaration: ts.Declaration;
  readonly symbol: ts.Symbol;
  readonly docs: Docstring;
  /** The class that a factory is named after, such as `Dense` of `layers.dense`. */
  readonly makes: ts.ClassDeclaration | undefined;
}

/** A public method, property or option. */
export interface Member {
  readonly name: string;
  readonly isMethod: boolean;
  readonly declaration: ts.Declaration;
  readonly docs: Docstring;
}

/** Every public name, those of namespaces with their namespace in front. */
export function publicNames(program: ts.Program): PublicName[] {
  const checker = program.getTypeChecker();
  const index = program.getSourceFile(join(root, 'lib/index.ts')) as ts.SourceFile;
  const walk = (module: ts.Symbol, prefix: string): PublicName[] =>
    checker.getExportsOfModule(module).flatMap((exported) => {
      const symbol =
        exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const path = `${prefix}${exported.name}`;
      if (symbol.flags & ts.SymbolFlags.ValueModule) return walk(symbol, `${path}.`);
      const declaration = symbol.declarations?.[0];
      if (declaration === undefined) return [];
      const kind = kindOf(symbol, checker);
      const isFactory = kind === 'function' && prefix !== '';
      const makes = isFactory ? namesake(exported.name, declaration, checker) : undefined;
      return [{ path, kind, declaration, symbol, docs: docstringOf(declaration), makes }];
    });
  return walk(checker.getSymbolAtLocation(index) as ts.Symbol, '');
}

function kindOf(symbol: ts.Symbol, checker: ts.TypeChecker): Kind {
  if (symbol.flags & ts.SymbolFlags.Class) return 'class';
  if (!(symbol.flags & ts.SymbolFlags.Value)) return 'type';
  return checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0 ? 'function' : 'constant';
}

/** The class of that name in other letters that a factory's body makes an object of. */
function namesake(name: string, declaration: ts.Node, checker: ts.TypeChecker) {
  let found: ts.ClassDeclaration | undefined;
  // `layers.activation` makes an ActivationLayer, but `layers.input` gives a tensor.
  const names = name === 'input' ? [] : [name.toLowerCase(), `${name.toLowerCase()}layer`];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && names.includes(node.expression.getText().toLowerCase())) {
      const symbol = checker.getSymbolAtLocation(node.expression);
      const made =
        symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      found ??= made?.declarations?.find(ts.isClassDeclaration);
    }
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return found;
}

/** The public members that a class or interface declares itself, in order; overrides are left out. */
export function membersOf(declaration: ts.ClassDeclaration | ts.InterfaceDeclaration): Member[] {
  const seen = new Set<string>();
  return [...(declaration.members as ts.NodeArray<ts.ClassElement | ts.TypeElement>)].flatMap(
    (member) => {
      const name = member.name && ts.isIdentifier(member.name) ? member.name.text : undefined;
      const hidden =
        ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Override;
      if (name === undefined || seen.has(name)) return [];
      if (ts.getCombinedModifierFlags(member) & hidden) return [];
      seen.add(name);
      const isMethod = ts.isMethodDeclaration(member) || ts.isMethodSignature(member);
      return [{ name, isMethod, declaration: member, docs: docstringOf(member) }];
    },
  );
}
