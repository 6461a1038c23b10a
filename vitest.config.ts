import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: { luge: fileURLToPath(new URL('./lib/index.ts', import.meta.url)) },
  },
  test: {
    include: ['test/**/*.test.ts'],
    // A process a file: the addon keeps one compute thread pool, seed and cache per process.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Two test processes share the cores: a thread that waits must not spin.
    env: { OMP_WAIT_POLICY: 'passive' },
    forceRerunTriggers: ['**/vitest.config.ts', '**/package.json', '**/build/Release/luge.node'],
  },
});
