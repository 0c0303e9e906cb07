import { expect, test } from 'vitest';
import { scaled, scaledInTwo } from './stories.ts';
import { sweep } from './sweep.ts';

/** A change that a person asked for by command, broken off at every boundary: done once, whoever goes on. */
test.each(['restart', 'take-over'] as const)(
  'scaled by command: killed anywhere, then a %s',
  { timeout: 240_000 },
  async (after) => {
    // Take-overs wait for leases: every fourth of them is enough beside the sweeps of the rollback.
    const part = after === 'restart' ? {} : { part: (n: number) => n % 4 === 1 };
    const { ending, boundaries } = await sweep(scaled, after, part);
    expect(ending).toBe(
      'p1 scale verified votes:U0SANAOKAFOR; closed: scale model-server to 14: done; written 1 times; 14 replicas wanted',
    );
    expect(boundaries).toBeGreaterThan(40);
  },
);

test('scaled in two regions on one approval: killed anywhere, each is done once', { timeout: 240_000 }, async () => {
  const { ending, boundaries } = await sweep(scaledInTwo, 'restart', { part: (n) => n % 5 === 2 });
  expect(ending).toBe(
    'p1 scale verified votes:U0SANAOKAFOR; p2 scale verified votes:U0SANAOKAFOR; closed: scale model-server to 14: done; written 2 times; 14 and 14 replicas wanted',
  );
  expect(boundaries).toBeGreaterThan(60);
});
