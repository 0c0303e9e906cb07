import { defineConfig } from 'vitest/config';

/** Two at a time: some tests start whole control planes, and a story on the real clock should not wait for a processor. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'playbooks/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
