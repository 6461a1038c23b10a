import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setSeed } from 'luge';
import { afterAll, beforeAll, beforeEach, vi } from 'vitest';
import { writeSmallMnist } from './small_mnist.js';

/** Runs the tests of a file in an empty folder, with small data sets, silent and with one seed. */
export function useSandbox(): void {
  const home = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'luge-docs-'));

  beforeAll(() => {
    for (const name of ['mnist', 'fashion-mnist']) writeSmallMnist(join(folder, 'data', name));
    process.chdir(folder);
  });
  beforeEach(() => {
    vi.stubEnv('LUGE_DATA', join(folder, 'data'));
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    vi.spyOn(console, 'log').mockReturnValue();
    setSeed(1);
    return () => vi.restoreAllMocks();
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  });
}
