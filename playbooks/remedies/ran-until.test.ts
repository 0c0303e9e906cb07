import { expect, test } from 'vitest';
import { plain } from '../../src/core/words.ts';
import { ago, revision, template } from '../../test/playbooks/objects.ts';
import { doubts } from './change.ts';
import type { ChangePlan } from './change.ts';
import { ranUntil } from './ladder.ts';

/** A version that ran until the release is no stranger, though nobody measured how well. */

const none = { wanted: 0, ready: 0, available: 0 };
const old = revision(16, template(), { createdAt: ago(5_000), replicas: none });

test('it ran until the next one was made', () => {
  const release = revision(17, template(), { createdAt: ago(27) });
  expect(ranUntil(old, [old, release])).toBe(ago(27));
  const plan = { to: { version: 'v2.4.0' }, worked: 'not known', ranUntil: ago(27), unchecked: [], caution: '' };
  expect(plain(doubts(plan as unknown as ChangePlan))).toBe(
    '. v2.4.0 ran here until 2026-03-14 02:15 UTC; how well is not known',
  );
});

test('one that was replaced within the hour may be a failed try', () => {
  const next = revision(17, template(), { createdAt: ago(4_990) });
  expect(ranUntil(old, [old, next])).toBeNull();
});

test('one that was gone back to is older than what it followed', () => {
  const again = revision(18, template(), { createdAt: ago(9_000), replicas: none });
  expect(ranUntil(old, [again, old])).toBeNull();
});
