import { defineConfig } from 'vitest/config';

// chdb may only run on a process's main thread, so tests run in forked processes.
export default defineConfig({
  test: { pool: 'forks', include: ['test/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000, retry: 0 },
});
