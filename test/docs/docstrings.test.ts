import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { docstringOf } from '../../scripts/docs/docstring.js';
import { libraryProgram } from '../../scripts/docs/library.js';
import { membersOf, publicNames } from '../../scripts/docs/public_names.js';
import { optionsOf } from '../../scripts/docs/signatures.js';

const program = libraryProgram();
const names = publicNames(program);

const areas = [
  ...['callbacks', 'constraints', 'initializers', 'layers', 'losses', 'metrics', 'optimizers'],
  ...['regularizers', 'schedules'],
];
/** A class of Keras, a paper by its year, a book or a page. */
const source =
  /\bKeras\b|[A-Z]\w+ (?:et al\. |and [A-Z]\w+ )?\(?(?:19|20)\d\d\b|\bNielsen\b|https?:/;

describe('docstrings', () => {
  it('are looked for at all', () => {
    expect(names.length).toBeGreaterThan(400);
    expect(names.map(({ path }) => path)).toContain('layers.dense');
  });

  it('say in a sentence what every public value is', () => {
    const silent = names.filter(({ kind, docs }) => kind !== 'type' && docs.summary === '');
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it('show every public function and class by an example, of its own or of what it makes', () => {
    const without = names.filter(({ kind, docs, makes }) => {
      const all = [docs, ...(makes ? [docstringOf(makes)] : [])];
      return ['function', 'class'].includes(kind) && all.every((one) => one.examples.length === 0);
    });
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  it('say what every public method does', () => {
    const silent = names.flatMap(({ path, declaration }) => {
      if (!ts.isClassDeclaration(declaration)) return [];
      const methods = membersOf(declaration).filter(({ isMethod }) => isMethod);
      return methods.filter(({ docs }) => docs.text === '').map(({ name }) => `${path}.${name}`);
    });
    expect(silent).toEqual([]);
  });

  it('say what every public property and option is', () => {
    const silent = names.flatMap((name) => {
      const { kind, declaration, makes } = name;
      const options = kind === 'function' ? optionsOf(name, program.getTypeChecker()) : [];
      return [declaration, makes, ...options].flatMap((owner) => {
        if (!owner || !(ts.isClassDeclaration(owner) || ts.isInterfaceDeclaration(owner)))
          return [];
        const properties = membersOf(owner).filter(({ isMethod }) => !isMethod);
        const found = properties.filter(({ docs }) => docs.text === '');
        return found.map((property) => `${owner.name?.text}.${property.name}`);
      });
    });
    expect([...new Set(silent)]).toEqual([]);
  });

  it('say where each class that a factory makes comes from', () => {
    const made = names.filter(
      ({ path, makes }) => makes && areas.includes(path.split('.')[0] ?? ''),
    );
    expect(made.length).toBeGreaterThan(150);
    const without = made.filter(({ docs, makes }) => {
      return !source.test(`${docs.text} ${makes && docstringOf(makes).text}`);
    });
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  it('have the formula of each class that computes one', () => {
    const formula =
      /[\w\])|)] ?(?:=|[-+*/^<>]) ?[\w([|]|\b(?:mean|sum|max|min|exp|log|sqrt)\(|\|\w/;
    // A number or a count of what the name says, distributions by their names, and a choice of others.
    const plain = ['zeros', 'ones', 'constant', 'identity', 'randomNormal', 'truncatedNormal'];
    plain.push('falseNegatives', 'falsePositives', 'trueNegatives', 'truePositives', 'accuracy');
    const made = names.filter(({ path, makes }) => {
      const [area = '', name = ''] = path.split('.');
      const computes = areas.includes(area) && !['callbacks', 'layers'].includes(area);
      return makes && computes && !plain.includes(name);
    });
    expect(made.length).toBeGreaterThan(70);
    const without = made.filter(({ docs, makes }) => {
      const text = `${docs.text} ${makes && docstringOf(makes).text}`;
      return !formula.test(text.replaceAll(/\b[a-z]+-[a-z]+\b/g, '')); // words such as one-hot
    });
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  it('say which shapes each layer takes and gives', () => {
    const shapes =
      /\[[^\]]*\b(?:batch|n)\b[^\]]*\]|\bany shape\b|\bof (?:its|the) (?:same )?shape\b|\bshape of the input\b/i;
    const made = names.filter(({ path, makes }) => makes && path.startsWith('layers.'));
    expect(made.length).toBeGreaterThan(80);
    const without = made.filter(({ docs, makes }) => {
      return !shapes.test(`${docs.text} ${makes && docstringOf(makes).text}`);
    });
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  it.each(['Model', 'Sequential'])('show every method of %s by an example', (path) => {
    const found = names.find((name) => name.path === path);
    const methods = membersOf(found?.declaration as ts.ClassDeclaration).filter(
      ({ isMethod, declaration }) =>
        isMethod && !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Abstract),
    );
    const without = methods.filter(({ docs }) => docs.examples.length === 0);
    expect(without.map(({ name }) => name)).toEqual([]);
  });
});
