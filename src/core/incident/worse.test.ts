import { describe, expect, test } from 'vitest';
import { Story, calm, hurt, waiting } from '../../../test/core/story.ts';
import { messages, sees, text } from '../../../test/core/thread.ts';

/** New posts that tell that an open incident got worse, since an edit tells nobody. */
function calls(story: Story): readonly string[] {
  return messages(story)
    .filter((one) => one.placement.is === 'said' && one.key.includes('/worse/'))
    .map((one) => text(one.message));
}
function lock(story: Story): string {
  return messages(story).find((one) => one.key.includes('/worse/'))?.message.lock ?? '';
}

/** A fault without a fix: the person on call was called once. */
function called(change?: (story: Story) => void): Story {
  const story = waiting(undefined, (s) => {
    s.offers = [];
    change?.(s);
  });
  expect(text(messages(story).find((one) => one.key === 't/needs-person')!.message)).toMatch(/^@S-oncall eu-west-1: /);
  return story;
}

function finds(story: Story, check: string, short: string): void {
  sees(story, (seen) => ({ ...seen, findings: seen.findings.map((one) => ({ ...one, check, short })) }));
}

describe('users who were not hurt and are', () => {
  test('are told by a new post, with how they fare', () => {
    const story = called();
    expect(calls(story)).toEqual([]);
    story.users.before = hurt;
    story.runFor(61_000);
    expect(calls(story)).toEqual([
      '@S-oncall Worse, users are hurt now: eu-west-1: model-server: image v2.4.1 not found. Users get errors. I have no safe fix to offer: a person is needed.',
    ]);
    expect(lock(story)).toMatch(/^Worse, users are hurt now\. eu-west-1: .*Users get errors/);
  });

  test('once: not while it stays so, and not when it comes back within ten minutes', () => {
    const story = called();
    for (const users of [hurt, hurt, calm, hurt]) {
      story.users.before = users;
      story.runFor(60_000);
    }
    expect(story.log.filter((one) => one === 'worsened')).toHaveLength(1);
    story.users.before = calm;
    story.runFor(10 * 60_000);
    story.users.before = hurt;
    story.runFor(60_000);
    expect(story.log.filter((one) => one === 'worsened')).toHaveLength(2);
  });

  test('while a fix waits: its approvers are asked once more, by name of the fix', () => {
    const story = waiting();
    story.users.before = hurt;
    story.runFor(61_000);
    expect(calls(story)[0]).toMatch(
      /^@S1 Worse, users are hurt now: .* The rollback waits for approval until 02:46 UTC\.$/,
    );
  });
});

describe('another cause', () => {
  test('is told, with what must not be done and that no fix is there', () => {
    const story = called();
    finds(story, 'node-lost', '2 nodes lost');
    story.runFor(61_000);
    expect(calls(story)).toEqual([
      '@S-oncall Worse, another cause: eu-west-1: model-server: 2 nodes lost. Users not affected. I have no safe fix to offer: a person is needed.',
    ]);
    // The call for want of a fix was made long ago, and is not made a second time beside it.
    expect(messages(story).filter((one) => one.placement.is === 'said')).toHaveLength(1);
  });

  test('whoever is on it is mentioned', () => {
    const story = called();
    story.press('sana', 'mine');
    finds(story, 'node-lost', '2 nodes lost');
    story.runFor(61_000);
    expect(calls(story)[0]).toMatch(/^@sana Worse, another cause: /);
    expect(JSON.stringify(messages(story))).toContain('{"is":"mention","id":"sana"}');
  });

  test('with a fix of its own: the card calls, and nothing else does', () => {
    const story = called();
    finds(story, 'node-lost', '2 nodes lost');
    sees(story, (seen) => ({ ...seen, offers: seen.findings.length === 0 ? [] : waiting().seen('eu-west-1').offers }));
    story.runFor(61_000);
    expect(story.log).toContain('worsened');
    expect(story.proposals).toBe('p1 open');
    expect(calls(story)).toEqual([]);
  });

  test('the first looks name one fault in other words: nobody is called twice for that', () => {
    const story = called();
    finds(story, 'node-lost', '2 nodes lost');
    story.press('sana', 'again');
    story.run();
    expect(story.log).not.toContain('worsened');
  });
});

describe('what was fixed', () => {
  function fixed(): Story {
    const story = waiting();
    story.press('sana', 'approve', 'p1');
    story.runFor(3 * 60_000);
    expect(story.proposals).toBe('p1 verified');
    return story;
  }

  test('and is found again without another fix: called', () => {
    const story = fixed();
    story.offers = [];
    story.broken.add('eu-west-1');
    story.runFor(61_000);
    expect(calls(story)).toEqual([
      '@S-oncall Worse, it is back: eu-west-1: model-server: image v2.4.1 not found. Users not affected. I have no safe fix to offer: a person is needed.',
    ]);
    story.broken.delete('eu-west-1');
    story.runFor(61_000);
    story.broken.add('eu-west-1');
    story.runFor(61_000);
    expect(story.log.filter((one) => one === 'worsened')).toHaveLength(1);
  });

  test('numbers that still drain are no news', () => {
    const story = fixed();
    story.users.before = hurt;
    story.runFor(61_000);
    expect(story.log).not.toContain('worsened');
  });
});

test('a first look is no step upward', () => {
  const story = new Story();
  story.users.before = hurt;
  story.alert();
  story.run();
  expect(story.log).not.toContain('worsened');
});
