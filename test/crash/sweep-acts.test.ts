import { expect, test } from 'vitest';
import { doneUnknown, notDoneUnknown, rollback } from './stories.ts';
import { sweep } from './sweep.ts';

/** Writes whose outcome is not known, broken off at every boundary. */
test('the write is done and its answer is lost', { timeout: 240_000 }, async () => {
  const { ending } = await sweep(doneUnknown, 'restart', { beyond: rollback });
  expect(ending).toMatch(/^p1 rollback verified votes:\w+; closed: fixed; written 1 times$/);
});

test('the write never arrives and nobody says so', { timeout: 240_000 }, async () => {
  const { ending } = await sweep(notDoneUnknown, 'take-over', { beyond: rollback });
  expect(ending).toMatch(/^p1 rollback verified votes:\w+; closed: fixed; written 1 times$/);
});
