import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import { messages, shown, text } from '../../../test/core/thread.ts';

/** What is over by the clock alone: an hour in which a click took it back, half an hour in which somebody could decide. */

const HOUR = 60 * 60_000;

test('a closed thread offers the undo no longer than it may be asked for', () => {
  const story = waiting({ quietMs: 60_000 });
  story.press('sana', 'approve', 'p1');
  story.run();
  story.alert('resolved');
  story.runFor(10 * 60_000);
  expect(story.state.closed).not.toBeNull();
  expect(text(shown(story))).toMatch(/^Undo Undo/m);
  const before = story.log.length;
  story.runFor(HOUR);
  // An event, so that the thread is drawn anew; once.
  expect(story.log.slice(before)).toEqual(['undo-over p1']);
  expect(text(shown(story))).not.toMatch(/^Undo Undo/m);
  story.runFor(24 * HOUR);
  expect(story.log.slice(before)).toEqual(['undo-over p1']);
});

test('nobody decided: who was asked is called once more, while it is still so', () => {
  const story = waiting();
  const { expiresAt } = story.get('p1');
  story.wait(Date.parse(expiresAt) - story.ms);
  story.step('tick');
  expect(story.proposals).toBe('p1 expired');
  const call = messages(story).find((one) => one.key === 't/p1/expired');
  expect(call?.placement).toEqual({ is: 'said', under: 't/root' });
  expect(call === undefined ? '' : text(call.message)).toMatch(
    /^@S1 Nobody decided on the rollback of model-server in eu-west-1: it expired, .*Still so: image v2\.4\.1 not found/,
  );
  story.wait(5 * 60_000);
  expect(messages(story).map((one) => one.key)).not.toContain('t/p1/expired');
});

test('of an undo that nobody approved nobody is told twice', () => {
  const story = waiting();
  story.press('sana', 'approve', 'p1');
  story.run();
  story.press('sana', 'undo', 'p1');
  story.run();
  const { expiresAt } = story.get('p2');
  story.wait(Date.parse(expiresAt) - story.ms);
  story.run();
  expect(story.proposals).toBe('p1 verified, p2 expired');
  expect(messages(story).map((one) => one.key)).not.toContain('t/p2/expired');
});
