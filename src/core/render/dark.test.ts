import { describe, expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import type { Story } from '../../../test/core/story.ts';
import type { Message } from '../message.ts';
import { plain } from '../words.ts';
import { renderThread } from './thread.ts';
import { priorityOf } from './priority.ts';
import type { Probed } from '../probed.ts';

/** A region that turns dark during an incident, as the person woken at three reads it. */

function shown(story: Story, key: string): Message {
  const view = {
    stream: 't',
    incident: story.state,
    rules: story.rules,
    killSwitch: null,
    playbooks: [],
    at: story.at,
  };
  const found = renderThread(view).find((one) => one.key === `t/${key}`);
  if (found === undefined) throw new Error(`no ${key}`);
  return found.message;
}
function text(message: Message): string {
  return message.blocks
    .flatMap((block) => {
      if (block.is === 'lines') return block.lines.map(plain);
      return block.is === 'buttons' ? [block.buttons.map((one) => `[${one.label}]`).join(' ')] : [];
    })
    .join('\n');
}
const keys = (story: Story): readonly string[] =>
  renderThread({
    stream: 't',
    incident: story.state,
    rules: story.rules,
    killSwitch: null,
    playbooks: [],
    at: story.at,
  }).map((one) => one.key);

/** Seen at 02:16, a rollback is offered; dark from the next look on. */
function dark(): Story {
  const story = waiting();
  story.dark.add('eu-west-1');
  story.runFor(60_000);
  return story;
}

describe('a region that turns dark while a fix waits', () => {
  test('says since when, how often it tried, when it tries again, and what it saw last', () => {
    const story = dark();
    const root = text(shown(story, 'root'));
    expect(root).toMatch(/model-server · eu-west-1: I cannot see it · P2 · INC-214 · retrying every \d+ (s|min)/);
    expect(root).toMatch(/What fails: everything I ask there, \d+ of \d+ tries since 02:1\d UTC/);
    expect(root).toMatch(/Last full picture as of 02:16 UTC: image v2\.4\.1 not found, 9 of 12 pods ready/);
    expect(root).toMatch(/Next: I try again at 02:\d\d UTC/);
    expect(root).toMatch(/Do: try `kubectl --context=eu-west-1 get --raw \/readyz`/);
  });

  test('nobody can approve it meanwhile, neither by a button nor by an old one', () => {
    const story = dark();
    expect(text(shown(story, 'root'))).not.toMatch(/Approve|Fix/);
    const card = text(shown(story, 'p1/card'));
    expect(card).toMatch(/waits: I cannot see eu-west-1 since 02:1\d UTC/);
    expect(card).not.toMatch(/\[Approve|waits for 1 of you/);
    expect(story.press('ben', 'approve', 'p1')).toMatch(/^I cannot see eu-west-1 since .* Nothing was counted\.$/);
    expect(story.proposals).toBe('p1 open');
  });

  test('the evidence keeps the last full picture, with its time', () => {
    expect(text(shown(dark(), 'evidence/eu-west-1'))).toMatch(
      /no answer since 02:1\d UTC\. What follows is the last full picture, as of 02:16 UTC[^]*Found: the registry has no image/,
    );
  });

  test('resolved from there is not believed', () => {
    const story = dark();
    expect(text(shown(story, 'root'))).not.toMatch(/Do not trust/);
    story.alert('resolved');
    story.run();
    expect(text(shown(story, 'root'))).toMatch(/Do not trust: 1 alert from there went "resolved" since/);
    story.runFor(2 * 3_600_000);
    expect(story.state.closed).toBeNull();
  });

  test('a person is called once, after three tries', () => {
    const story = waiting();
    const called = (): readonly string[] => keys(story).filter((key) => key.includes('cannot-see'));
    story.dark.add('eu-west-1');
    story.runFor(story.rules.timing.watchMs);
    expect(called()).toEqual([]);
    story.runFor(4 * story.rules.timing.watchMs);
    expect(called()).toHaveLength(1);
    const [key] = called();
    story.runFor(4 * story.rules.timing.watchMs);
    expect(called()).toEqual([key]);
    expect(keys(story)).not.toContain('t/needs-person');
  });

  test('seen again: a fresh look, and the same fix can be approved', () => {
    const story = dark();
    story.dark.clear();
    story.runFor(2 * story.rules.timing.watchMs);
    expect(text(shown(story, 'root'))).toMatch(/\[Approve rollback/);
    expect(text(shown(story, 'p1/card'))).toMatch(/waits for 1 of you/);
    story.press('ben', 'approve', 'p1');
    expect(story.proposals).toBe('p1 granted');
  });

  test('seen again and over: it is withdrawn', () => {
    const story = dark();
    story.dark.clear();
    story.broken.clear();
    story.runFor(2 * story.rules.timing.watchMs);
    expect(story.proposals).toBe('p1 withdrawn');
  });
});

test('another region in the dark is said beside, and the fix stays', () => {
  const story = waiting();
  story.dark.add('us-east-1');
  story.runFor(120_000);
  expect(text(shown(story, 'root'))).toMatch(/\[Approve rollback/);
  expect(text(shown(story, 'root'))).toMatch(/Other regions: us-east-1: I cannot see it/);
});

/** The public page as it answers, or as it has not for so many probes. */
function page(failing: number): Probed {
  const last = { at: '2026-03-02T02:16:30Z', status: failing > 0 ? null : 200, tookMs: 184 };
  const why = failing > 0 ? 'no answer within 5 s' : null;
  const since = '2026-03-02T02:16:00Z';
  const seen = { is: 'seen', from: null, good: failing > 0 ? 0 : 30, of: Math.max(failing, 30), since } as const;
  const streak = failing > 0 ? { times: failing, since } : null;
  return { page: '/health', places: [{ ...seen, last: { ...last, why }, failing: streak }] };
}

describe('what the public page of a dark region says', () => {
  const called = (story: Story): readonly string[] => keys(story).filter((key) => /cannot-see|not-served/.test(key));

  test('none is configured: not known, and said why', () => {
    expect(text(shown(dark(), 'root'))).toMatch(
      /Users: not known\. I get no numbers .* no public address of it is configured/,
    );
  });

  test('it answers: probably served, P2, and somebody is called when it stops', () => {
    const story = waiting();
    story.publicPages.set('eu-west-1', page(0));
    story.dark.add('eu-west-1');
    story.runFor(story.rules.timing.watchMs);
    const root = shown(story, 'root');
    expect(text(root)).toMatch(
      /Users: probably served\. Public `\/health` gave 200 in 184 ms, 30 of 30 probes since 02:16 UTC from where I run/,
    );
    expect(text(root)).toMatch(/Cause: not known\. Its public address answers: the region is not gone/);
    expect(text(root)).toMatch(/Next: .*, and call somebody at once when its public address fails/);
    expect(root.lock).toMatch(/Users probably served: the public address answers\. Approve nothing there\.$/);
    expect(priorityOf(story.state)).toBe('P2');
    expect(called(story)).toEqual([]);

    story.publicPages.set('eu-west-1', page(4));
    story.runFor(story.rules.timing.watchMs);
    const [key = ''] = called(story);
    expect(called(story)).toHaveLength(1);
    expect(key).toContain('not-served');
    expect(text(shown(story, key.slice(2)))).toMatch(
      /probably not served: its public address gives no good answer either\. A person has to look\.$/,
    );
    expect(text(shown(story, 'root'))).toMatch(/Users: probably not served\. .*0 of 4 probes since 02:16 UTC/);
    expect(priorityOf(story.state)).toBe('P1');
  });

  test('its neighbours answer from here: my own line is not at fault', () => {
    const story = waiting();
    story.publicPages.set('eu-west-1', page(4)).set('us-east-1', page(0));
    story.dark.add('eu-west-1');
    story.runFor(story.rules.timing.watchMs);
    expect(text(shown(story, 'root'))).toMatch(
      /Cause: not known\. Its public address gives no good answer either, and that of us-east-1 does: that speaks for the region, not for my path/,
    );
  });

  test('a page that comes and goes calls nobody twice', () => {
    const story = waiting();
    story.dark.add('eu-west-1');
    for (const failing of [0, 4, 0, 4, 0, 4, 0]) {
      story.publicPages.set('eu-west-1', page(failing));
      story.runFor(story.rules.timing.watchMs);
    }
    // Shown now; what was posted before is never posted again under its key.
    expect(called(story)).toHaveLength(1);
    expect(called(story)[0]).toContain('cannot-see');
  });
});
