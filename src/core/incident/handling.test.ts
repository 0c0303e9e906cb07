import { describe, expect, test } from 'vitest';
import { Story, waiting } from '../../../test/core/story.ts';
import { messages, shown, text } from '../../../test/core/thread.ts';
import type { Handling } from './handling.ts';
import { pending } from './pending.ts';

/** What people decide about an incident as such: what follows, what the thread says, what is refused. */

function handle(story: Story, by: string, what: Handling): void {
  story.tell({ is: 'handle', by, what });
}
const root = (story: Story): string => text(shown(story));
const said = (story: Story): readonly string[] =>
  messages(story)
    .filter((one) => one.key.includes('/handled/'))
    .map((one) => text(one.message));
const told = (story: Story, who: string): string => story.told[who]?.at(-1) ?? '';

describe('severity', () => {
  test('stands in the title with who set it, and what it was in the thread', () => {
    const story = waiting();
    handle(story, 'noah', { does: 'severity', to: 'P1' });
    expect(root(story).split('\n')[0]).toContain(' · P1 (set by @noah) · ');
    expect(said(story)).toEqual(['@noah set the severity to P1 (it was P2)']);
    expect(story.audit).toContain('noah: severity P1');
    handle(story, 'ben', { does: 'severity', to: 'P1' });
    expect(told(story, 'ben')).toBe('It is P1 already, set by @noah.');
  });

  test.each(['guest', 'partner', 'left', 'robot', 'stranger'])('%s sets none', (who) => {
    const story = waiting();
    handle(story, who, { does: 'severity', to: 'P0' });
    expect(story.state.severity).toBeNull();
    expect(told(story, who)).not.toBe('');
  });
});

describe('snooze', () => {
  const until = (story: Story, ms: number): string => new Date(story.ms + ms).toISOString();

  test('until when and by whom; it ends by itself at that time, and says so', () => {
    const story = waiting();
    const end = until(story, 20 * 60_000);
    handle(story, 'sana', { does: 'snooze', until: end });
    expect(root(story)).toMatch(/Snoozed until \d\d:\d\d UTC by @sana: nobody is called, unless it becomes P0/);
    expect(story.audit).toContain(`sana: snoozed until ${end}`);
    expect(pending(story.state, story.at, story.rules).some((one) => one.is === 'tick' && one.dueAt <= end)).toBe(true);
    story.wait(20 * 60_000 - 1);
    story.tell({ is: 'tick' });
    expect(story.state.snooze?.until).toBe(end);
    story.wait(1);
    story.tell({ is: 'tick' });
    expect(story.state.snooze).toBeNull();
    expect(root(story)).not.toContain('Snoozed');
    expect(messages(story).map((one) => one.message.lock)).toContain(
      'The snooze is over: people are called again where it needs them',
    );
  });

  test('its end alone wakes the thread', () => {
    const story = waiting();
    const end = until(story, 1_500);
    handle(story, 'sana', { does: 'snooze', until: end });
    expect(pending(story.state, story.at, story.rules)).toContainEqual({ id: `tick/${end}`, is: 'tick', dueAt: end });
  });

  test('off ends it; a time that is over is none', () => {
    const story = waiting();
    handle(story, 'sana', { does: 'snooze', until: null });
    expect(told(story, 'sana')).toBe('It is not snoozed.');
    handle(story, 'sana', { does: 'snooze', until: until(story, -1) });
    expect(told(story, 'sana')).toBe('That time is over already. Nothing was changed.');
    handle(story, 'sana', { does: 'snooze', until: until(story, 60_000) });
    handle(story, 'ben', { does: 'snooze', until: null });
    expect(said(story).at(-1)).toBe('@ben ended the snooze');
  });
});

test('assign: whoever is given it leads, and is mentioned once', () => {
  const story = waiting();
  handle(story, 'noah', { does: 'assign', who: 'sana' });
  expect(story.state.onIt).toBe('sana');
  expect(said(story)).toEqual(['@noah gave it to @sana']);
  handle(story, 'noah', { does: 'assign', who: 'sana' });
  expect(told(story, 'noah')).toBe('@sana leads already.');
});

test('status: the newest stands in the summary, without secrets', () => {
  const story = waiting();
  handle(story, 'noah', { does: 'status', text: 'first' });
  handle(story, 'ben', { does: 'status', text: 'we wait for the registry, password=hunter2hunter2' });
  expect(root(story)).toMatch(/Status: we wait for the registry, .* \(@ben, /);
  expect(root(story)).not.toMatch(/hunter2|Status: first/);
});

describe('resolve and reopen', () => {
  test('a word is no look: what was still seen is said, proposals are withdrawn, and there is a way back', () => {
    const story = waiting();
    handle(story, 'noah', { does: 'resolve', why: 'the tag was pushed.' });
    expect(root(story)).toMatch(
      /closed by hand\n[\s\S]*Closed by @noah, .*: the tag was pushed\nI still saw: eu-west-1: /,
    );
    expect(root(story)).toMatch(/Reopen/);
    expect(root(story)).not.toMatch(/:white_check_mark:|Approve/);
    expect(story.state.proposals[0]?.ended?.how).toBe('withdrawn');
    handle(story, 'noah', { does: 'severity', to: 'P0' });
    expect(told(story, 'noah')).toMatch(/It is closed: nothing was changed/);
    story.press('ben', 'reopen');
    expect(story.state.closed).toBeNull();
    expect(said(story).at(-1)).toBe('@ben opened it again');
    expect(story.log.at(-1)).toMatch(/^round \d+ \(asked\)$/);
    handle(story, 'ben', { does: 'reopen', why: '' });
    expect(told(story, 'ben')).toBe('It is open already.');
  });

  test('a change under way is followed to its end first', () => {
    const story = waiting();
    story.press('ben', 'approve', 'p1');
    handle(story, 'noah', { does: 'resolve', why: '' });
    expect(story.state.closed).toBeNull();
    expect(told(story, 'noah')).toMatch(/A change is under way.*Nothing was closed/);
  });
});
