import { Tensor } from 'luge';
import ts from 'typescript';

/**
 * Why a value is not the one that documentation shows, such as `[0.5, 1]` or `{ loss: 0.69 }`;
 * undefined when it is. Numbers are compared to the digits shown, tensors as nested arrays.
 */
export function difference(value: unknown, shown: string): string | undefined {
  const source = ts.createSourceFile('shown.ts', `(${shown})`, ts.ScriptTarget.Latest, true);
  const statement = source.statements[0];
  if (source.statements.length !== 1 || !statement || !ts.isExpressionStatement(statement)) {
    return `'${shown}' is not a value`;
  }
  return compare(plain(value), statement.expression, 'it');
}

/** A value as JSON has it, but with NaN and infinities. */
function plain(value: unknown): unknown {
  if (value instanceof Tensor) return value.toArray();
  if (ArrayBuffer.isView(value)) return [...(value as Float32Array)];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('toJSON' in value) return plain((value as { toJSON(): unknown }).toJSON());
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function compare(value: unknown, shown: ts.Expression, path: string): string | undefined {
  const differs = () => `${path} is ${show(value)}, not ${shown.getText()}`;
  if (ts.isParenthesizedExpression(shown)) return compare(value, shown.expression, path);
  if (ts.isStringLiteralLike(shown)) return value === shown.text ? undefined : differs();
  if (shown.kind === ts.SyntaxKind.NullKeyword) return value === null ? undefined : differs();
  if (['true', 'false', 'undefined'].includes(shown.getText())) {
    return String(value) === shown.getText() ? undefined : differs();
  }
  if (ts.isArrayLiteralExpression(shown)) {
    if (!Array.isArray(value) || value.length !== shown.elements.length) return differs();
    return firstOf(shown.elements.map((item, i) => compare(value[i], item, `${path}[${i}]`)));
  }
  if (ts.isObjectLiteralExpression(shown)) {
    const wanted = shown.properties.filter(ts.isPropertyAssignment);
    const nameOf = ({ name }: ts.PropertyAssignment) =>
      ts.isStringLiteralLike(name) ? name.text : name.getText();
    const keys = Object.keys((value ?? {}) as object).sort();
    if (keys.join() !== wanted.map(nameOf).sort().join()) return differs();
    return firstOf(
      wanted.map((item) => {
        const key = nameOf(item);
        return compare((value as Record<string, unknown>)[key], item.initializer, `${path}.${key}`);
      }),
    );
  }
  return sameNumber(value, shown.getText()) ? undefined : differs();
}

function sameNumber(value: unknown, shown: string): boolean {
  const wanted = Number(shown);
  if (typeof value !== 'number') return false;
  if (!Number.isFinite(wanted)) return Object.is(value, wanted);
  const [, decimals, exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(shown) ?? [];
  // Without a decimal point the number is meant as it is, but for the rounding of floats.
  const tolerance =
    decimals === undefined
      ? 1e-6 * Math.max(Math.abs(wanted), exponent === '0' ? 1 : 0)
      : 0.501 * 10 ** (Number(exponent) - decimals.length);
  return Math.abs(value - wanted) <= tolerance;
}

function firstOf(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
}
