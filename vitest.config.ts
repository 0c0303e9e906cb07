import { defineConfig } from 'vitest/config';

/**
 * Two at a time: some tests start whole control planes, and a story on the real clock should not wait for a processor. The limits are for
 * a machine that has too much to do.
 */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'playbooks/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
