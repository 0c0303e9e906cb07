import { describe, expect, test } from 'vitest';
import { Story, waiting } from '../../../test/core/story.ts';
import { offer } from '../../../test/core/things.ts';

/** Who may approve, and what a click is checked against. */

const risky = (story: Story): void => {
  story.offers = [offer({ risk: 'high' })];
};

describe('Approve', () => {
  test('by the person on call: granted, done, verified', () => {
    const story = waiting();
    expect(story.press('sana', 'approve', 'p1')).toBe('');
    expect(story.proposals).toBe('p1 granted');
    story.run();
    expect(story.proposals).toBe('p1 verified');
    expect(story.audit).toEqual([
      'mlp-bot: proposed rollback in eu-west-1 as p1',
      'sana: approved p1: rollback in eu-west-1',
      'mlp-bot: begins p1, attempt 1: rollback in eu-west-1',
      'mlp-bot: p1, attempt 1: done',
      'mlp-bot: p1: verified',
    ]);
  });

  test.each([
    ['noah', 'Not counted: you are not in @ml-oncall or @ml-approvers. Sana or Ben can approve this.'],
    ['guest', 'Not counted: guests cannot do this. Sana or Ben can approve this.'],
    ['partner', 'Not counted: people from other organisations cannot do this. Sana or Ben can approve this.'],
    ['left', 'Not counted: your account is not active. Sana or Ben can approve this.'],
    ['robot', 'Not counted: apps cannot do this. Sana or Ben can approve this.'],
    ['nobody', 'Not counted: I could not check who you are (timeout: no answer); nothing was counted. Try again.'],
  ])('by %s is refused with a sentence, and audited', (who, sentence) => {
    const story = waiting();
    expect(story.press(who, 'approve', 'p1')).toBe(sentence);
    expect(story.proposals).toBe('p1 open');
    expect(story.get('p1').votes).toEqual([]);
    expect(story.audit.at(-1)).toBe(`${who}: refused: approve p1 (rollback in eu-west-1)`);
  });

  test('twice by the same person: the second click is told that it is under way', () => {
    const story = waiting();
    story.press('sana', 'approve', 'p1');
    expect(story.press('sana', 'approve', 'p1')).toBe('Already approved by @sana: it is under way.');
    expect(story.get('p1').votes).toHaveLength(1);
  });

  test('by two people in the same millisecond: the second is told who was first', () => {
    const story = waiting();
    story.press('sana', 'approve', 'p1');
    expect(story.press('ben', 'approve', 'p1')).toBe('Already approved by @sana: it is under way.');
    story.run();
    expect(story.log.filter((line) => line.startsWith('acting'))).toEqual(['acting p1']);
  });

  test('after the end: too late, with how it ended', () => {
    const story = waiting();
    story.press('ben', 'deny', 'p1', { reason: 'not during the demo' });
    expect(story.press('sana', 'approve', 'p1')).toBe(
      'Too late: this was denied by @ben (denied: not during the demo). Nothing more was done.',
    );
  });

  test('of a button that shows an older plan, or was edited by hand', () => {
    const story = waiting();
    expect(story.press('sana', 'approve', 'p1', { digest: 'another' })).toMatch(/^This button shows an older plan/);
    expect(story.press('sana', 'approve', 'p9')).toBe('This plan is not known any more. Nothing was done.');
    expect(story.proposals).toBe('p1 open');
  });

  test('of a high risk takes two distinct people; the person on call is not enough', () => {
    const story = waiting({}, risky);
    expect(story.press('sana', 'approve', 'p1')).toMatch(/^Not counted: you are not in @ml-leads or @ml-approvers/);
    expect(story.press('dora', 'approve', 'p1')).toBe('Counted. 1 more of other people needed.');
    expect(story.press('dora', 'approve', 'p1')).toMatch(/^Not counted: your approval is counted already/);
    expect(story.proposals).toBe('p1 open');
    story.press('ben', 'approve', 'p1');
    expect(story.proposals).toBe('p1 granted');
  });

  test('of a high risk: who asked for it is not one of the two', () => {
    const story = new Story();
    risky(story);
    story.ask('ben');
    story.run();
    expect(story.press('ben', 'approve', 'p1')).toMatch(/^Not counted: you asked for it: it needs 2 other people/);
    story.press('carla', 'approve', 'p1');
    story.press('dora', 'approve', 'p1');
    expect(story.proposals).toBe('p1 granted');
  });

  test('of a medium risk: the person on call alone', () => {
    const story = waiting({}, (one) => {
      one.offers = [offer({ risk: 'medium' })];
    });
    story.press('sana', 'approve', 'p1');
    expect(story.proposals).toBe('p1 granted');
  });

  test('when the target cannot be read now: not counted, still open', () => {
    const story = waiting();
    story.now = { unreadable: 'timeout: no answer within 8 s' };
    expect(story.press('sana', 'approve', 'p1')).toBe(
      'I could not look at the target again (timeout: no answer within 8 s). Nothing was counted.',
    );
    expect(story.proposals).toBe('p1 open');
  });

  test('when the target changed: superseded, those who had approved are named, the new plan is shown', () => {
    const story = waiting({}, risky);
    story.press('dora', 'approve', 'p1');
    story.now = { ...story.fitting(story.get('p1')), state: 'template B' };
    expect(story.press('ben', 'approve', 'p1')).toBe(
      'Not done: the target changed since this was shown. The approval of @dora lapses. I look again and show the new plan.',
    );
    story.now = null;
    story.run();
    expect(story.proposals).toBe('p1 superseded, p2 open');
    expect(story.get('p2').votes).toEqual([]);
  });

  test('when the plan does not fit any more, or the bot reads it differently since an update', () => {
    const fits = waiting();
    fits.now = { ...fits.fitting(fits.get('p1')), fits: { is: 'no', because: 'v2.4.0 is live already' } };
    expect(fits.press('sana', 'approve', 'p1')).toMatch(/^Not done: v2.4.0 is live already\. I look again/);
    const digest = waiting();
    digest.now = { ...digest.fitting(digest.get('p1')), digest: 'other' };
    expect(digest.press('sana', 'approve', 'p1')).toMatch(/^Not done: I was updated since this was shown/);
    expect(digest.proposals).toBe('p1 superseded');
  });

  test('while everything is stopped', () => {
    const story = waiting();
    story.killSwitch = 'ben';
    expect(story.press('sana', 'approve', 'p1')).toMatch(/^Everything is stopped \(by @ben\)/);
    expect(story.proposals).toBe('p1 open');
  });
});

describe('break-glass', () => {
  const glass = (who: string, reason: string): { story: Story; said: string } => {
    const story = waiting({}, risky);
    return { story, said: story.press(who, 'break-glass', 'p1', { reason }) };
  };

  test('one person on call with a reason, marked in the audit', () => {
    const { story, said } = glass('sana', 'nobody else is awake');
    expect(said).toBe('');
    expect(story.proposals).toBe('p1 granted');
    expect(story.get('p1').votes[0]?.reason).toBe('nobody else is awake');
    expect(story.audit.at(-1)).toBe('sana: broke the glass for p1: rollback in eu-west-1');
    expect(story.state.timeline.at(-1)).toMatchObject({
      who: 'sana',
      what: 'broke the glass for the rollback in eu-west-1: nobody else is awake',
    });
  });

  test.each([
    ['ben', 'nobody else is awake', /only the person on call may break the glass/],
    ['guest', 'nobody else is awake', /guests cannot do this/],
    ['sana', '  now!   ', /a reason is needed/],
  ])('not by %s with "%s"', (who, reason, refusal) => {
    const { story, said } = glass(who, reason);
    expect(said).toMatch(refusal);
    expect(story.proposals).toBe('p1 open');
  });

  test('not against the kill switch, nor where the bot only looks', () => {
    const story = waiting({}, risky);
    story.killSwitch = 'ben';
    expect(story.press('sana', 'break-glass', 'p1', { reason: 'nobody else is awake' })).toMatch(
      /^Everything is stopped/,
    );
  });
});
