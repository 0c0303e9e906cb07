import { expect, test } from 'vitest';
import { rollback } from './stories.ts';
import { sweep } from './sweep.ts';

/** The whole story, broken off at every boundary. */
test(
  'an approved rollback: killed anywhere, a new process on the same file goes on',
  { timeout: 240_000 },
  async () => {
    const { boundaries, ending } = await sweep(rollback, 'restart');
    expect(ending).toMatch(/^p1 rollback verified votes:\w+; closed: fixed; written 1 times$/);
    expect(boundaries).toBeGreaterThan(100);
  },
);
