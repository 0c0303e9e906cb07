import { describe, expect, test } from 'vitest';
import { Story, waiting } from '../../../test/core/story.ts';
import { people } from '../../../test/core/people.ts';
import { offer } from '../../../test/core/things.ts';
import type { Policy } from '../policy.ts';

/** Between the click and the write the rules may change: they are asked once more, right before it. */

const freeze = {
  is: 'between',
  name: 'year end',
  regions: [],
  from: '2026-03-02T02:17:00Z',
  to: '2026-03-02T08:00:00Z',
} as const;

/** p1 is approved by the person on call, and waits for another incident; then the rules are these. */
function held(change: (policy: Policy) => Partial<Policy>, what = offer({ risk: 'low' })): Story {
  const story = waiting({}, (one) => {
    one.offers = [what];
  });
  story.press('sana', 'approve', 'p1');
  story.tell({ is: 'held', proposal: 'p1', by: 'INC-7' });
  Object.assign(story.rules.policy, change(story.rules.policy));
  return story;
}
const observeOnly = (policy: Policy): Partial<Policy> => ({ modes: { ...policy.modes, default: 'observe' } });

describe('Right before the write', () => {
  test('in a region that is only looked at by now: nothing is done, and it is said why', () => {
    const story = held(observeOnly);
    story.run();
    expect(story.log.filter((line) => line.startsWith('acting'))).toEqual([]);
    expect(story.get('p1').ended).toMatchObject({
      how: 'superseded',
      because: 'eu-west-1 is in mode observe: I only look there, after the approval: nothing was done',
    });
    expect(story.audit).toContain('mlp-bot: not done: p1: rollback in eu-west-1');
  });

  test('inside a freeze that began since: nothing is done', () => {
    const story = held(() => ({ freezes: [freeze] }), offer({ risk: 'medium', knownGood: false }));
    story.wait(120_000);
    story.step('act');
    expect(story.get('p1').ended?.because).toMatch(
      /^changes are frozen in eu-west-1 until .*year end.*after the approval/,
    );
  });

  test('the way back to what is known to have worked is not held up by a freeze', () => {
    const story = held(() => ({ freezes: [freeze] }), offer({ knownGood: true }));
    story.wait(120_000);
    story.step('act');
    expect(story.get('p1').actedAt).not.toBeNull();
  });

  test('who approved it some time ago may not any more', () => {
    const story = held((policy) => ({
      oncall: { groups: ['S-leads'], users: [] },
      approvers: { ...policy.approvers, low: { groups: ['S-leads'], users: [], need: 1 } },
    }));
    story.wait(120_000);
    story.step('act');
    expect(story.get('p1').ended?.because).toBe(
      'Sana, who approved it, may not any more, after the approval: nothing was done',
    );
  });

  test('whether who approved it still may cannot be looked up: no', () => {
    const story = held(() => ({}));
    story.wait(120_000);
    story.whoIs = () => ({ known: false, why: 'timeout: no answer' });
    story.step('act');
    expect(story.get('p1').ended?.because).toMatch(/^I could not check whether who approved it still may \(timeout/);
  });

  test('two people, a broken glass, and the rules unchanged: done', () => {
    const two = waiting({}, (one) => {
      one.offers = [offer({ risk: 'high' })];
    });
    two.press('ben', 'approve', 'p1');
    two.press('dora', 'approve', 'p1');
    two.wait(120_000);
    two.run();
    expect(two.proposals).toBe('p1 verified');
    const glass = waiting({}, (one) => {
      one.offers = [offer({ risk: 'high' })];
    });
    glass.press('sana', 'break-glass', 'p1', { reason: 'nobody else is awake' });
    glass.wait(120_000);
    glass.run();
    expect(glass.proposals).toBe('p1 verified');
    expect(Object.keys(people)).toContain('dora');
  });

  test('what the policy approved in advance, and does not any more', () => {
    const story = new Story();
    const { policy } = story.rules;
    Object.assign(policy, { modes: { ...policy.modes, default: 'act', preApproved: ['rollback'] } });
    story.offers = [offer({ risk: 'low', knownGood: true })];
    story.alert();
    for (let n = 0; n < 20 && story.proposals !== 'p1 granted'; n++) story.step();
    expect(story.proposals).toBe('p1 granted');
    Object.assign(policy, { modes: { ...policy.modes, preApproved: [] } });
    story.step('act');
    expect(story.get('p1').ended?.because).toMatch(/^the policy does not approve this in advance any more/);
  });
});
