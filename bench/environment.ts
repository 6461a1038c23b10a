/**
 * Takes away what is set for one OpenBLAS, such as the kernels of an older processor: it must not
 * hold back the one that another library brings along.
 */
export function withoutOpenblas(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('OPENBLAS_'));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
