import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Folders in rank order: a file may import from its own folder and from those before it. */
const libRanks = [
  'core',
  'graph',
  'ops',
  'compile',
  'runtime',
  'initializers',
  'regularizers',
  'constraints',
  'activations',
  'layers',
  'losses',
  'metrics',
  'schedules',
  'optimizers',
  'pictures',
  'callbacks',
  'saving',
  'models',
  'plots',
  'data',
  'datasets',
  'tune',
];
const nativeRanks = ['base', 'simd', 'kernels', 'ops', 'program', 'exec', 'addon'];

function files(folder: string, ending: RegExp): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path, ending) : ending.test(name) ? [path] : [];
  });
}

/** Every import of every file: [importing folder, imported folder, description]. */
function edges(top: string, ending: RegExp, imported: (line: string, file: string) => string[]) {
  return files(join(root, top), ending).flatMap((file) => {
    const from = relative(join(root, top), file).split('/');
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => imported(line, file))
      .map((target) => ({ from: from.length > 1 ? (from[0] as string) : '', target, file }));
  });
}

describe('imports in lib', () => {
  const all = edges('lib', /\.ts$/, (line, file) => {
    const path = /(?:from|import) '(\.[^']*)'/.exec(line)?.[1];
    return path === undefined ? [] : [relative(join(root, 'lib'), join(dirname(file), path))];
  });

  it('are found at all', () => {
    expect(all.length).toBeGreaterThan(100);
  });

  it('name only folders that have a rank', () => {
    const folders = new Set(all.map(({ from }) => from).filter((from) => from !== ''));
    expect([...folders].filter((folder) => !libRanks.includes(folder))).toEqual([]);
  });

  it('point only to the same or a lower rank', () => {
    const up = all.filter(({ from, target }) => {
      const [to = ''] = target.split('/');
      return from !== '' && libRanks.indexOf(to) > libRanks.indexOf(from);
    });
    expect(up.map(({ file, target }) => `${relative(root, file)} imports ${target}`)).toEqual([]);
  });

  it('load the binary in one place', () => {
    const loaders = files(join(root, 'lib'), /\.ts$/).filter((file) =>
      /node-gyp-build|dlopen|\.node'/.test(readFileSync(file, 'utf8')),
    );
    expect(loaders.map((file) => relative(root, file))).toEqual(['lib/runtime/addon.ts']);
  });
});

describe('includes in native', () => {
  const all = edges('native', /\.(cc|h|inc)$/, (line) => {
    const path = /^\s*#include [<"]([^>"]+)[>"]/.exec(line)?.[1];
    return path === undefined ? [] : [path];
  });

  it('point only to the same or a lower rank', () => {
    const up = all.filter(({ from, target }) => {
      const to = nativeRanks.indexOf(target.split('/')[0] as string);
      return to > nativeRanks.indexOf(from);
    });
    expect(up.map(({ file, target }) => `${relative(root, file)} includes ${target}`)).toEqual([]);
  });

  it.each([
    ['cblas.h', /cblas|openblas/, /^native\/kernels\/gemm\.cc$/],
    ['Highway and intrinsics', /^hwy\/|intrin\.h$|arm_neon\.h$/, /^native\/simd\//],
    ['napi.h', /^n(ode_)?api\.h$/, /^native\/addon\//],
    ['omp.h', /^omp\.h$/, /^native\/(base\/team\.cc|kernels\/gemm\.cc)$/],
  ])('%s has one owner', (_, header, owner) => {
    const users = all
      .filter(({ target }) => header.test(target))
      .map(({ file }) => relative(root, file));
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter((file) => !owner.test(file))).toEqual([]);
  });
});
