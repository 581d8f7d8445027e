import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { pool: 'forks', include: ['test/fuzz/*.fuzz.ts'], testTimeout: 0, retry: 0 },
});
