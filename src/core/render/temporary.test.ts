import { expect, test } from 'vitest';
import { text } from '../../../test/core/thread.ts';
import { temporaryMessage } from './temporary.ts';

test('an empty ledger claims nothing of what was done before', () => {
  expect(text(temporaryMessage([], '2026-03-11T03:00:00Z'))).toBe('Nothing temporary is on record.');
});
