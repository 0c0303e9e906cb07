import { describe, expect, test } from 'vitest';
import { calm, hurt, waiting } from '../../../test/core/story.ts';
import type { Story } from '../../../test/core/story.ts';
import { offer, sparse } from '../../../test/core/things.ts';

/** Did it help? From the write to verified, not verified or worse, and what is taken back. */

const approved = (change?: (story: Story) => void, some?: ConstructorParameters<typeof Story>[0]): Story => {
  const story = waiting(some);
  change?.(story);
  story.press('sana', 'approve', 'p1');
  return story;
};

describe('watching', () => {
  test('yes must hold for as long as the remedy says', () => {
    const story = approved();
    story.step('act');
    const from = story.ms;
    story.run();
    expect(story.proposals).toBe('p1 verified');
    expect(story.ms - from).toBeGreaterThanOrEqual(60_000);
  });

  test('yes that wavers begins anew', () => {
    const story = approved();
    story.step('act');
    for (let look = 0; look < 15; look++) story.step('observe');
    story.verdict = 'not yet';
    story.step('observe');
    story.verdict = 'yes';
    for (let look = 0; look < 15; look++) story.step('observe');
    expect(story.proposals).toBe('p1 watching');
  });

  test('what is seen again and again is recorded once', () => {
    const story = approved();
    story.step('act');
    const before = story.log.length;
    for (let look = 0; look < 10; look++) story.step('observe');
    expect(story.log.slice(before)).toEqual(['p1 seen: yes']);
  });

  test('not yet until the deadline: not verified, and nothing is taken back', () => {
    const story = approved((one) => {
      one.verdict = 'not yet';
    });
    story.run(1_000);
    expect(story.get('p1').ended).toMatchObject({
      how: 'not verified',
      because: 'not complete after 15 min: pods say so',
    });
    expect(story.proposals).toBe('p1 not verified');
  });

  describe("a change for the users' sake", () => {
    const forUsers = (after: typeof calm): Story => {
      const story = waiting({}, (one) => {
        one.offers = [offer({ judgedBy: 'users' })];
        one.users = { before: hurt, after };
      });
      story.press('sana', 'approve', 'p1');
      return story;
    };

    test('is verified when they fare well', () => {
      const story = forUsers(calm);
      story.run();
      expect(story.proposals).toBe('p1 verified');
    });

    test.each([
      [hurt, /its pods are there; users are still affected: errors 5\.0 %, 5\.0 % before/],
      [sparse, /whether users fare better cannot be told \(too little traffic\)/],
    ])('is not verified by its pods alone', (after, because) => {
      const story = forUsers(after);
      story.run(1_000);
      expect(story.get('p1').ended).toMatchObject({
        how: 'not verified',
        because: expect.stringMatching(because) as string,
      });
    });
  });

  test('no: said, not taken back', () => {
    const story = approved((one) => {
      one.verdict = 'no';
    });
    story.run();
    expect(story.proposals).toBe('p1 not verified');
    expect(story.press('sana', 'undo')).toMatch(/^I prepare the undo/);
  });

  test('worse once is not enough', () => {
    const story = approved((one) => {
      one.verdict = 'worse';
    });
    story.step('act');
    story.step('observe');
    story.verdict = 'yes';
    story.run();
    expect(story.proposals).toBe('p1 verified');
  });

  test('worse twice, within minutes: taken back on the approval of the pair', () => {
    const story = approved((one) => {
      one.verdict = 'worse';
    });
    story.step('act');
    story.step('observe');
    story.step('observe');
    story.verdict = 'yes';
    story.run();
    expect(story.proposals).toBe('p1 made worse, p2 verified');
    expect(story.get('p2').votes).toEqual(story.get('p1').votes);
    expect(story.log).toContain('note: The rollback in eu-west-1 made it worse (pods say so): taking it back');
  });

  test('users fare worse: taken back whatever the pods say', () => {
    const story = approved((one) => {
      one.users = { before: calm, after: hurt };
    });
    story.step('act');
    story.step('observe');
    story.step('observe');
    expect(story.get('p1').ended).toMatchObject({ how: 'made worse', because: 'errors 0.02 % → 5.0 %' });
  });

  test('too little traffic to tell is no reason to take it back', () => {
    const story = approved((one) => {
      one.users = { before: calm, after: sparse };
    });
    story.run();
    expect(story.proposals).toBe('p1 verified');
  });

  test('worse, later than minutes after the act: the undo is asked for, not done', () => {
    const story = approved((one) => {
      one.verdict = 'not yet';
    });
    story.step('act');
    story.wait(11 * 60_000);
    story.verdict = 'worse';
    story.run();
    expect(story.proposals).toBe('p1 made worse');
    story.press('sana', 'undo');
    story.run();
    expect(story.get('p2')).toMatchObject({ stage: 'open', votes: [] });
  });

  test('worse before and after a pause of the process: that is one look each', () => {
    const story = approved((one) => {
      one.verdict = 'worse';
    });
    story.step('act');
    story.step('observe');
    story.wait(5 * 60_000);
    story.step('observe');
    expect(story.proposals).toBe('p1 watching');
    story.step('observe');
    expect(story.get('p1').ended?.how).toBe('made worse');
  });

  test('an undo that reads differently from what was approved with the act is asked for', () => {
    const story = approved((one) => {
      one.verdict = 'worse';
    });
    story.step('act');
    story.step('observe');
    story.step('observe');
    const undo = story.prepared(1, 'eu-west-1', 'p1', offer());
    if (undo.is !== 'prepared' || 'no' in undo.result) throw new Error('prepared');
    story.tell({ ...undo, result: { ...undo.result, offer: { ...undo.result.offer, preview: ['image: v1'] } } });
    expect(story.get('p2')).toMatchObject({ stage: 'open', votes: [] });
  });

  test('an undo that makes things worse is not undone', () => {
    const story = approved((one) => {
      one.verdict = 'worse';
    });
    story.run();
    expect(story.proposals).toBe('p1 made worse, p2 made worse');
  });

  test('with the kill switch set meanwhile: not taken back by itself', () => {
    const story = approved((one) => {
      one.verdict = 'worse';
    });
    story.step('act');
    story.killSwitch = 'ben';
    story.run();
    expect(story.proposals).toBe('p1 made worse');
    expect(story.log.some((line) => line.includes('I do not take it back by myself'))).toBe(true);
  });
});
