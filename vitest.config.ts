import { defineConfig } from 'vitest/config';

const TESTS = 'test/**/*.test.ts';

/**
 * Tests that hold nothing of their process for themselves: no store (chdb opens one folder a process), no worker threads
 * that others would see, no captured output. They share processes, so that what they import is loaded once and not again
 * for each file. All others have a process a file; of the model, exchange opens a store.
 */
const SHARING = [
  'test/*.test.ts',
  'test/{bench,model,scheduler}/**/!(exchange).test.ts',
  'test/datasets/{generate,read,snapshot,tracer}*.test.ts',
  'test/executor/reference/**/*.test.ts',
  'test/executor/wasm/{eips,precompiles}/**/*.test.ts',
];

// chdb may only run on a process's main thread, so tests run in forked processes. The first project's start first.
export default defineConfig({
  test: {
    pool: 'forks',
    setupFiles: ['test/helpers/seeded-properties.ts'],
    // All processors: the default leaves one out, of two that is half.
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 0,
    // Each file is of exactly one of them.
    projects: [
      { extends: true, test: { name: 'apart', include: [TESTS], exclude: SHARING } },
      { extends: true, test: { name: 'sharing', isolate: false, include: SHARING } },
    ],
  },
});
