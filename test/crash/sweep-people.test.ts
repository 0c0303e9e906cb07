import { expect, test } from 'vitest';
import { denied, expired, rollback } from './stories.ts';
import { sweep } from './sweep.ts';

/** Nobody approves, broken off at each boundary, with a restart and a take-over in turn. */
const stories = [
  [
    'denied, later repaired by hand',
    denied,
    /^p1 rollback denied votes:; closed: over by itself or by hand; written 0 times$/,
  ],
  ['expired', expired, /^p1 rollback expired votes:; closed: over by itself or by hand; written 0 times$/],
] as const;

test.each(stories)('%s', { timeout: 240_000 }, async (_name, story, ending) => {
  const restarted = await sweep(story, 'restart', { beyond: rollback, part: (n) => n % 2 === 0 });
  const taken = await sweep(story, 'take-over', { beyond: rollback, part: (n) => n % 2 !== 0 });
  expect(restarted.ending).toMatch(ending);
  expect(taken.ending).toBe(restarted.ending);
});
