import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: { luge: fileURLToPath(new URL('./lib/index.ts', import.meta.url)) },
  },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Files share a process, and so the modules, which take longer to load than most tests to run.
    // Each sets the seeds and threads that it depends on.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Two test processes share the cores: a thread that waits must not spin.
    env: { OMP_WAIT_POLICY: 'passive' },
    forceRerunTriggers: ['**/vitest.config.ts', '**/package.json', '**/build/Release/luge.node'],
  },
});
