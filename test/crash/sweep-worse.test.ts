import { expect, test } from 'vitest';
import { rollback, worse } from './stories.ts';
import { sweep } from './sweep.ts';

/** A change that hurts, broken off at every boundary. */
test('it makes things worse: taken back on the same approval', { timeout: 240_000 }, async () => {
  const { ending } = await sweep(worse, 'restart', { beyond: rollback });
  expect(ending).toMatch(
    /^p1 rollback made worse votes:(\w+); p2 rollback \(undoes p1\) not verified votes:\1; closed: .*; written 2 times$/,
  );
});
