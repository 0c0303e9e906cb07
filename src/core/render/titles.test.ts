import { expect, test } from 'vitest';
import { Story, waiting } from '../../../test/core/story.ts';
import { messages, shown, text } from '../../../test/core/thread.ts';

/** What a thread is called where somebody asked for a change that no check calls for. */

const lock = (story: Story): string => messages(story).find((one) => one.key === 't/root')?.message.lock ?? '';

test('nothing was found and somebody wants a restart all the same: the title says that, never what the alert suspected', () => {
  const story = new Story({ quietMs: 60_000 });
  story.broken.clear();
  story.users.after = { ...story.users.after, readiness: { ready: 12, wanted: 12 } };
  story.alert('firing', { playbook: 'memory-leak' });
  story.run();
  expect(text(shown(story))).toMatch(/^:white_circle: model-server · eu-west-1: nothing wrong found · INC-214/);
  story.asked = { label: 'restart' };
  story.change('ben', 'restart model-server');
  story.run();
  expect(text(shown(story))).toMatch(
    /^:large_orange_circle: restart model-server, as asked; nothing wrong found · eu-west-1 · INC-214 · waiting for approval/,
  );
  expect(lock(story)).toMatch(/^eu-west-1: restart model-server, as asked; nothing wrong found\. .*Approval wanted/);
  story.press('sana', 'approve', 'p1');
  story.run();
  const root = text(shown(story));
  expect(root).toMatch(
    /^:white_circle: model-server · eu-west-1: nothing wrong found; restarted model-server, as asked/,
  );
  expect(root).toMatch(/^Changed: restarted model-server, asked for by @ben$/m);
  expect(lock(story)).toMatch(/nothing wrong found; restarted model-server, as asked\.$/);
  expect(root).not.toMatch(/memory-leak|ended after/);
});

test.each([
  [0, 'nothing wrong found, but no requests arrive'],
  [7, 'nothing wrong found, but too few requests to tell'],
])('%d requests: nothing wrong was found is not all that is said', (requests, title) => {
  const story = new Story();
  story.broken.clear();
  story.users.before = { ...story.users.before, level: 'too little traffic', requests };
  story.alert('firing');
  story.run();
  expect(text(shown(story))).toContain(title);
  expect(lock(story)).toContain(title);
});

test('a fault that ends after what somebody asked for is not "over by itself", and not called fixed by it', () => {
  const story = waiting({ quietMs: 60_000 });
  story.press('sana', 'deny', 'p1', { reason: 'not now' });
  story.asked = { label: 'rollback', says: story.get('p1').offer.says };
  story.change('ben', 'rollback model-server');
  story.run();
  story.press('sana', 'approve', 'p2');
  story.run();
  expect(text(shown(story))).toMatch(/^Changed: rolled back to v2\.4\.0, asked for by @ben$/m);
  story.alert('resolved');
  story.runFor(20 * 60_000);
  const root = text(shown(story));
  expect(root).toMatch(/rolled back to v2\.4\.0, as asked; the fault ended after it · INC-214 · over after/);
  expect(root).toMatch(
    /^Changed: rolled back to v2\.4\.0, asked for by @ben; image v2\.4\.1 not found ended after it$/m,
  );
  expect(root).not.toMatch(/by itself|over since|fixed/);
  expect(story.state.closed?.how).toBe('over after a change that was asked for');
});

test('what somebody asked for once the fault was over ended nothing', () => {
  const story = waiting({ quietMs: 10 * 60_000 });
  story.press('sana', 'deny', 'p1', { reason: 'not now' });
  story.broken.clear();
  story.runFor(3 * 60_000);
  story.asked = { label: 'restart' };
  story.change('ben', 'restart model-server');
  story.run();
  story.press('sana', 'approve', 'p2');
  story.alert('resolved');
  story.runFor(60 * 60_000);
  const root = text(shown(story));
  expect(root).toMatch(/over by itself or by hand; restarted model-server, as asked · INC-214/);
  expect(root).not.toMatch(/ended after/);
});
