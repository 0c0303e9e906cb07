import { describe, expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import type { Story } from '../../../test/core/story.ts';

/** When it is over: seen by the bot itself, for long enough, without a break. */

const fixed = (some?: Parameters<typeof waiting>[0]): Story => {
  const story = waiting(some);
  story.press('sana', 'approve', 'p1');
  story.run();
  return story;
};

describe('an incident closes', () => {
  test('when the fix was verified, the alert is resolved and it was quiet for 15 minutes', () => {
    const story = fixed();
    expect(story.state.quiet).toEqual({ since: null, because: 'KubeDeploymentRolloutStuck still firing' });
    story.alert('resolved');
    story.run();
    expect(story.log.at(-1)).toBe('seen over');
    const since = story.ms;
    story.runFor(14 * 60_000);
    expect(story.state.closed).toBeNull();
    story.runFor(2 * 60_000);
    expect(story.state.closed).toMatchObject({ how: 'fixed', audit: '9:abc' });
    expect(Date.parse(story.state.closed?.at ?? '') - since).toBeGreaterThanOrEqual(15 * 60_000);
  });

  test('not while the alert fires, however quiet it looks', () => {
    const story = fixed();
    story.runFor(3 * 3_600_000);
    expect(story.state.closed).toBeNull();
  });

  test('a relapse within the quiet time begins it anew', () => {
    const story = fixed();
    story.alert('resolved');
    story.runFor(10 * 60_000);
    story.broken.add('eu-west-1');
    story.runFor(2 * 60_000);
    expect(story.log).toContain('not over: eu-west-1: image v2.4.1 not found');
    story.broken.clear();
    story.runFor(10 * 60_000);
    expect(story.state.closed).toBeNull();
    story.runFor(10 * 60_000);
    expect(story.state.closed).not.toBeNull();
  });

  test('what nobody saw does not count as quiet', () => {
    const story = fixed();
    story.alert('resolved');
    story.run();
    story.wait(3_600_000);
    story.run();
    expect(story.log).toContain('not over: I was not looking for a while');
    expect(story.state.closed).toBeNull();
  });

  test('over by itself: without a fix it says so', () => {
    const story = waiting();
    story.broken.clear();
    story.alert('resolved');
    story.runFor(3_600_000);
    expect(story.state.closed?.how).toBe('over by itself or by hand');
    expect(story.proposals).toBe('p1 withdrawn');
  });

  test('a check that found something and now cannot tell does not let it close', () => {
    const story = waiting();
    story.broken.clear();
    story.alert('resolved');
    const blind = story.seen('eu-west-1');
    story.step('look/2/us');
    story.tell({
      is: 'looked',
      round: 2,
      evidence: 'e',
      diagnosis: { ...blind, unsure: [{ check: 'image-missing', ask: 'is there an image?', why: 'timeout' }] },
    });
    expect(story.log.at(-1)).toBe('not over: eu-west-1: I cannot see whether it is over');
  });
});

describe('looking again', () => {
  test('the same as before is recorded as such, with the newest numbers of users', () => {
    const story = waiting();
    story.users.before = { ...story.users.before, errorRatio: 0.0007 };
    story.runFor(61_000);
    expect(story.log.at(-1)).toBe('looked at eu-west-1: the same');
    expect(story.state.diagnoses['eu-west-1']?.impact.errorRatio).toBe(0.0007);
  });

  test('an answer to an older round, or of a region that was not asked, changes nothing', () => {
    const story = waiting();
    const before = story.log.length;
    story.tell({ is: 'looked', round: 1, diagnosis: story.seen('eu-west-1'), evidence: 'late' });
    story.tell({ is: 'looked', round: 2, diagnosis: story.seen('eu-west-1'), evidence: 'early' });
    story.tell({
      is: 'prepared',
      round: 0,
      region: 'eu-west-1',
      remedy: 'rollback',
      undoOf: null,
      result: { no: 'late' },
    });
    expect(story.log.slice(before)).toEqual([]);
  });

  test('an offer that cannot be prepared is said once per round, and not tried every second', () => {
    const story = waiting({}, (one) => {
      one.refuses = 'the cluster refuses it';
    });
    expect(story.state.notOffered).toMatchObject([{ remedy: 'rollback', because: 'the cluster refuses it', round: 1 }]);
    expect(story.due()).toEqual([]);
    story.runFor(61_000);
    expect(story.log.filter((line) => line === 'not-offered')).toHaveLength(2);
  });

  test('the bot gets slower when nothing changes for an hour', () => {
    const story = waiting();
    story.runFor(2 * 3_600_000);
    const rounds = story.state.round?.number ?? 0;
    story.runFor(3_600_000);
    expect((story.state.round?.number ?? 0) - rounds).toBeLessThanOrEqual(13);
  });
});
