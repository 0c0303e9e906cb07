import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import { text } from '../../../test/core/thread.ts';
import { calm, hurt } from '../../../test/core/things.ts';
import { plain } from '../words.ts';
import { glanceOf, stateWords, statusMessage } from './status.ts';

test('the most urgent first, with users, deadline and who is on it', () => {
  const fine = waiting();
  const bad = waiting({}, (one) => (one.users = { before: hurt, after: calm }));
  bad.press('sana', 'mine');
  const info = (number: number, story: typeof fine) => {
    const glance = glanceOf(story.state);
    if (glance === null) throw new Error('nothing is open');
    return {
      stream: `incident/${number}`,
      summary: {
        number,
        open: true,
        title: 'model-server: image v2.4.1 not found',
        state: 'waiting for approval',
        regions: ['eu-west-1'],
        channel: 'C1',
        updatedAt: story.at,
        glance,
      },
    };
  };
  const said = text(statusMessage([info(1, fine), info(2, bad)], null));
  expect(said).toMatch(
    /^Open now\nINC-2 · P1 · .* · eu-west-1 · waiting for approval until .* · Users get errors · @sana is on it · /,
  );
  expect(said).toMatch(/\nINC-1 · P2 · .* · Users not affected · nobody is on it · /);
  expect(text(statusMessage([], null))).toMatch(/Nothing is open/);
});

test('amid a change that is verified the end of another proposal is not the end of the verifying', () => {
  const at = '2026-03-02T03:12:00.000Z';
  expect(plain(stateWords('verifying', at))).toBe('verifying, an approval is wanted until 03:12 UTC');
  expect(plain(stateWords('waiting for approval', at))).toBe('waiting for approval until 03:12 UTC');
  expect(plain(stateWords('verifying', null))).toBe('verifying');
});
