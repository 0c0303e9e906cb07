import { expect, test } from 'vitest';
import { byHand, killSwitch, rollback } from './stories.ts';
import { sweep } from './sweep.ts';

/** What happens while a proposal waits, broken off at each boundary, with a restart and a take-over in turn. */
const stories = [
  [
    'stopped for all while it waits, lifted, approved',
    killSwitch,
    /^p1 rollback verified votes:U0SANAOKAFOR; closed: fixed; written 1 times$/,
  ],
  [
    'repaired by hand while it waits',
    byHand,
    /^p1 rollback withdrawn votes:; closed: over by itself or by hand; written 0 times$/,
  ],
] as const;

test.each(stories)('%s', { timeout: 240_000 }, async (_name, story, ending) => {
  const restarted = await sweep(story, 'restart', { beyond: rollback, part: (n) => n % 2 === 0 });
  const taken = await sweep(story, 'take-over', { beyond: rollback, part: (n) => n % 2 !== 0 });
  expect(restarted.ending).toMatch(ending);
  expect(taken.ending).toBe(restarted.ending);
});
