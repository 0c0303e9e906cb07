import { expect, test } from 'vitest';
import { Story, waiting } from '../../../test/core/story.ts';

/** Whatever somebody presses is in the audit log, also where it was refused. */

const last = (story: Story): string => story.audit.at(-1) ?? '';

test('on it, handed back, asked to look again', () => {
  const story = waiting();
  story.press('sana', 'mine');
  expect(last(story)).toBe('sana: is on it');
  story.press('sana', 'hand-back');
  expect(last(story)).toBe('sana: handed it back');
  story.press('noah', 'again');
  expect(last(story)).toBe('noah: asked to look again');
});

test('an expiry, by the clock and at a click', () => {
  const story = waiting();
  story.wait(Date.parse(story.get('p1').expiresAt) - story.ms);
  story.step('tick');
  expect(last(story)).toBe('mlp-bot: expired: p1');
  const late = waiting();
  late.wait(60 * 60_000);
  late.press('sana', 'approve', 'p1');
  expect(last(late)).toBe('mlp-bot: expired: p1');
  expect(late.proposals).toBe('p1 expired');
});

test.each<[string, (story: Story) => void, string]>([
  [
    'while everything is stopped',
    (story) => {
      story.killSwitch = 'ben';
      story.press('sana', 'approve', 'p1');
    },
    'sana: refused: approve p1',
  ],
  [
    'while somebody is on it',
    (story) => {
      story.press('carla', 'mine');
      story.press('sana', 'approve', 'p1');
    },
    'sana: refused: approve p1',
  ],
  [
    'of an older plan',
    (story) => void story.press('sana', 'approve', 'p1', { digest: 'older' }),
    'sana: refused: approve p1',
  ],
  ['of who may not put it aside', (story) => void story.press('noah', 'not-now', 'p1'), 'noah: refused: not-now p1'],
  ['of who may not take it', (story) => void story.press('noah', 'mine'), 'noah: refused: mine'],
  ['of a guest', (story) => void story.press('guest', 'again'), 'guest: refused: again'],
])('a refusal %s', (_what, does, line) => {
  const story = waiting();
  does(story);
  expect(last(story)).toBe(line);
});
