import { expect, test } from 'vitest';
import { rollback } from './stories.ts';
import { sweep } from './sweep.ts';

/** The same, but the dead process keeps its leases: another replica waits until they have run out. */
test(
  'an approved rollback: killed anywhere, another replica takes over when the lease has run out',
  { timeout: 240_000 },
  async () => {
    const { ending } = await sweep(rollback, 'take-over');
    expect(ending).toMatch(/^p1 rollback verified votes:\w+; closed: fixed; written 1 times$/);
  },
);
