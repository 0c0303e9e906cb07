import { expect, test } from 'vitest';
import { Story } from '../../../test/core/story.ts';
import { messages, shown, text } from '../../../test/core/thread.ts';
import { alertOf, subject } from '../../../test/core/things.ts';
import { flapping } from './flapping.ts';

/** An alert that comes and goes: what is said, how often, and when it is over. */

const MINUTE = 60_000;
const RULE = { times: 3, withinMs: 30 * MINUTE, quietMs: 15 * MINUTE };
const root = (story: Story): string => text(shown(story));

function tells(story: Story, status: 'firing' | 'resolved', startsAt: string): void {
  const alert = alertOf(status, { startsAt });
  story.tell({ is: 'alert', alert, subject, channel: 'C1', key: 'eu-west-1/ml-platform/model-server' });
  story.run();
}
/** Fires for two minutes, is quiet for two. */
function turn(story: Story): void {
  const startsAt = story.at;
  story.broken = new Set(['eu-west-1']);
  tells(story, 'firing', startsAt);
  story.wait(2 * MINUTE);
  story.broken = new Set();
  tells(story, 'resolved', startsAt);
  story.wait(2 * MINUTE);
  story.run();
}
function flapped(turns: number): Story {
  // It would close after a minute: each turn would open it again.
  const story = new Story({ quietMs: MINUTE });
  story.offers = [];
  for (let at = 0; at < turns; at++) turn(story);
  return story;
}
const count = (story: Story, what: RegExp): number => story.log.filter((one) => what.test(one)).length;

test('twice is no flapping: it is over, and back', () => {
  const story = flapped(2);
  expect(flapping(story.state, story.at, { flapping: RULE })).toBeNull();
  expect(root(story)).not.toContain('Flapping');
});

test('from the third time on it is one incident, held open, with one line; each turn is counted and none posted', () => {
  const story = flapped(3);
  expect(story.state.closed).toBeNull();
  expect(root(story)).toMatch(
    /Flapping: KubeDeploymentRolloutStuck fired 3 times since 02:16( UTC)?.*; held open until it is quiet for 15 min/,
  );
  const posted = (): readonly string[] => messages(story).map((one) => one.key);
  const [reopened, posts] = [count(story, /^reopened/), posted()];
  for (let at = 0; at < 4; at++) turn(story);
  expect(count(story, /^reopened/)).toBe(reopened);
  expect(count(story, /^closed/)).toBe(reopened);
  expect(posted().filter((key) => !posts.includes(key))).toEqual([]);
  expect(root(story)).toMatch(/fired 7 times since 02:16/);
  expect(root(story).match(/Flapping/g)).toHaveLength(1);
});

test('quiet for long enough it is over, once', () => {
  const story = flapped(4);
  const closed = count(story, /^closed/);
  for (let minute = 0; minute < 12; minute++) {
    story.wait(MINUTE);
    story.run();
  }
  expect(story.state.closed).toBeNull();
  for (let minute = 0; minute < 5; minute++) {
    story.wait(MINUTE);
    story.run();
  }
  expect(story.state.closed).not.toBeNull();
  expect(count(story, /^closed/)).toBe(closed + 1);
  expect(root(story)).not.toContain('Flapping');
});

test('turns that are far apart do not add up', () => {
  const story = flapped(2);
  story.wait(31 * MINUTE);
  turn(story);
  expect(flapping(story.state, story.at, { flapping: RULE })).toBeNull();
});
