import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { MachineLimits } from '../lib/runtime/limits.js';
import { withoutOpenblas } from './environment.js';
import { script } from './script.js';

export type Limits = MachineLimits & { threads: number };

/** What the machine reaches on so many threads, and on one, in a process of its own. */
export async function measureLimits(threads: number): Promise<Limits[]> {
  const { command, args } = script('limits');
  const env = { ...process.env, ...withoutOpenblas() };
  const { stdout } = await promisify(execFile)(command, [...args, String(threads)], { env });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Limits);
}

/** The higher of several measurements: whatever comes in between only ever lowers one. */
export function highest(all: readonly Limits[]): Limits[] {
  return [...new Set(all.map(({ threads }) => threads))].map((threads) => {
    const same = all.filter((limits) => limits.threads === threads);
    const most = (name: 'fma' | 'blas') => Math.max(...same.map((limits) => limits[name]));
    return { threads, fma: most('fma'), blas: most('blas') };
  });
}
