import { expect, test } from 'vitest';
import { rollback, stoppedAtOnce, twoVotes } from './stories.ts';
import { sweep } from './sweep.ts';

/** Votes and stops that arrive together, broken off at each boundary, with a restart and a take-over in turn. */
test('two people approve in the same moment: no vote is lost, none counts twice', { timeout: 240_000 }, async () => {
  const ending =
    /^p1 rollback verified votes:(U0SANAOKAFOR\+U0MATEOCRUZ|U0MATEOCRUZ\+U0SANAOKAFOR); closed: fixed; written 1 times$/;
  const both = { ...twoVotes, also: [ending] };
  const told = await sweep(both, 'restart', { beyond: rollback, part: (n) => n % 2 === 0 });
  expect(told.ending).toMatch(ending);
  await sweep(both, 'take-over', { beyond: rollback, part: (n) => n % 2 !== 0 });
});

test(
  'approved and stopped for all in the same moment: not begun, or followed to its end',
  { timeout: 240_000 },
  async () => {
    const told = await sweep(stoppedAtOnce, 'restart', { beyond: rollback, part: (n) => n % 2 === 0 });
    expect(told.ending).toMatch(/written [01] times$/);
    await sweep(stoppedAtOnce, 'take-over', { beyond: rollback, part: (n) => n % 2 !== 0 });
  },
);
