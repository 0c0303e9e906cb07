import { describe, expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import type { Story } from '../../../test/core/story.ts';
import { offer } from '../../../test/core/things.ts';

/** From the grant to a known end. */

const approved = (change?: (story: Story) => void, some?: ConstructorParameters<typeof Story>[0]): Story => {
  const story = waiting(some);
  change?.(story);
  story.press('sana', 'approve', 'p1');
  return story;
};

describe('the last look before the write', () => {
  test.each([
    ['the target changed', { state: 'template B' }, 'the target changed, after the approval: nothing was done'],
    [
      'it does not fit',
      { fits: { is: 'no', because: 'the image is gone' } },
      'the image is gone, after the approval: nothing was done',
    ],
    [
      'the bot was updated',
      { digest: 'x' },
      'the plan reads differently since an update of mine, after the approval: nothing was done',
    ],
  ] as const)('%s: nothing is written, and it looks again', (_what, now, because) => {
    const story = approved();
    story.now = { ...story.fitting(story.get('p1')), ...now };
    story.step('act');
    expect(story.get('p1').ended).toMatchObject({ how: 'superseded', because });
    expect(story.log).not.toContain('acting p1');
    expect(story.log.at(-1)).toBe('round 2 (things changed)');
  });

  test('the target cannot be read: it fails, and nothing is written', () => {
    const story = approved();
    story.tell({ is: 'cannot-act', proposal: 'p1', because: 'timeout: no answer' });
    expect(story.get('p1').ended).toMatchObject({ how: 'failed', because: 'timeout: no answer' });
    expect(story.log.at(-1)).toBe('round 2 (the change failed)');
  });
});

describe('the outcome of the write', () => {
  test.each([
    ['overtaken', 'superseded', 'round 2 (things changed)'],
    ['failed', 'failed', 'round 2 (the change failed)'],
  ] as const)('%s ends it as %s', (write, how, last) => {
    const story = approved((one) => {
      one.write = write;
    });
    story.step('act');
    expect(story.get('p1').ended).toMatchObject({ how, because: 'the server said so' });
    expect(story.log.at(-1)).toBe(last);
  });

  test('failed is not proposed again by itself', () => {
    const story = approved((one) => {
      one.write = 'failed';
    });
    story.runFor(3_600_000);
    expect(story.proposals).toBe('p1 failed');
  });

  test('unknown: looked up only after its deadline and the skew, then found done', () => {
    const story = approved((one) => {
      one.write = 'unknown';
    });
    story.run();
    expect(story.proposals).toBe('p1 acting');
    story.wait(14_999);
    expect(story.due()).toEqual([]);
    story.wait(1);
    story.run();
    expect(story.get('p1').attempt?.outcome).toEqual({ is: 'done', how: 'found it done' });
    expect(story.proposals).toBe('p1 verified');
  });

  test('unknown and not arrived: done again as another attempt with another fence', () => {
    const story = approved((one) => {
      one.write = 'unknown';
      one.cures = false;
    });
    story.run();
    story.wait(15_000);
    story.write = 'done';
    story.step('settle/p1/1');
    expect(story.get('p1').attempt).toMatchObject({ number: 2, fence: 'fence 2' });
    expect(story.proposals).toBe('p1 watching');
  });

  test('unknown three times: it gives up and says so', () => {
    const story = approved((one) => {
      one.write = 'unknown';
      one.cures = false;
    });
    story.runFor(120_000);
    expect(story.get('p1')).toMatchObject({
      attempts: 3,
      ended: { how: 'failed', because: 'three attempts had no known outcome' },
    });
  });

  test('a late answer of an attempt that was given up changes nothing', () => {
    const story = approved((one) => {
      one.write = 'unknown';
      one.cures = false;
    });
    story.run();
    story.wait(15_000);
    story.step('settle/p1/1');
    const before = story.log.length;
    story.tell({ is: 'acted', proposal: 'p1', attempt: 1, outcome: { is: 'done', how: 'did it' } });
    expect(story.log.slice(before)).toEqual([]);
  });
});

describe('one change at a time', () => {
  const two = (): Story => {
    const story = waiting({}, (one) => {
      one.offers = [offer(), offer({ remedy: 'restart', plan: { restart: true } })];
    });
    story.press('sana', 'approve', 'p1');
    story.press('ben', 'approve', 'p2');
    return story;
  };

  test('two that were granted: the second waits until the first is verified', () => {
    const story = two();
    expect(story.proposals).toBe('p1 granted, p2 granted');
    expect(story.due().map((effect) => effect.id)).toEqual(['act/p1/1']);
    story.run();
    const acts = story.log.filter((line) => /acting|verified/.test(line)).map((line) => line.split(':')[0]);
    expect(acts).toEqual(['acting p1', 'p1 verified', 'acting p2', 'p2 verified']);
  });

  test('a second act that was begun all the same is refused where it is stored', () => {
    const story = two();
    const second = story.get('p2');
    story.step('act/p1');
    story.act(second, null);
    expect(story.proposals).toBe('p1 watching, p2 granted');
  });

  test('asked to look again meanwhile: nothing is called over before the change is', () => {
    const story = approved(
      (one) => {
        one.verdict = 'not yet';
      },
      { quietMs: 0 },
    );
    story.alert('resolved');
    story.step('act');
    story.press('sana', 'again');
    for (let look = 0; look < 3; look++) story.step(look === 2 ? 'observe' : 'look');
    expect(story.state.round?.finishedAt).not.toBeNull();
    expect(story.state.closed).toBeNull();
  });
});

describe('modes and freezes', () => {
  const frozen = {
    is: 'between' as const,
    name: 'launch',
    from: '2026-03-01T00:00:00Z',
    to: '2026-03-05T00:00:00Z',
    regions: [],
  };

  test('observe: it says what it sees and proposes nothing', () => {
    const story = waiting({ policy: { modes: { default: 'observe', byRegion: {}, byService: [], preApproved: [] } } });
    expect(story.proposals).toBe('');
    expect(story.log).toContain('looked at eu-west-1');
    story.runFor(600_000);
    expect(story.proposals).toBe('');
  });

  test('a freeze refuses the click, with its end and name', () => {
    const story = waiting({}, (one) => {
      one.offers = [offer({ knownGood: false })];
    });
    Object.assign(story.rules.policy, { freezes: [frozen] });
    expect(story.press('sana', 'approve', 'p1')).toMatch(
      /^Not counted: changes are frozen in eu-west-1 until 2026-03-05T00:00:00Z \(launch\)/,
    );
  });

  test('a freeze never blocks the way back to what is known to have worked', () => {
    const story = waiting({ policy: { freezes: [frozen] } });
    story.press('sana', 'approve', 'p1');
    expect(story.proposals).toBe('p1 granted');
  });

  test('act: what the policy approves in advance runs without a click, once', () => {
    const modes = { default: 'act' as const, byRegion: {}, byService: [], preApproved: ['rollback'] };
    const story = waiting({ policy: { modes } });
    story.run();
    expect(story.proposals).toBe('p1 verified');
    expect(story.get('p1').votes.map((vote) => vote.by)).toEqual(['mlp-bot']);
    story.broken.add('eu-west-1');
    story.press('sana', 'again');
    story.run();
    expect(story.proposals).toBe('p1 verified, p2 open');
  });

  test('act does not run what is risky, unproven, not listed, or while everything is stopped', () => {
    const modes = { default: 'act' as const, byRegion: {}, byService: [], preApproved: ['rollback'] };
    for (const other of [{ risk: 'medium' }, { knownGood: false }, { remedy: 'restart' }] as const) {
      const story = waiting({ policy: { modes } }, (one) => {
        one.offers = [offer(other)];
      });
      expect([other, story.proposals]).toEqual([other, 'p1 open']);
    }
    const stopped = waiting({ policy: { modes } }, (one) => {
      one.killSwitch = 'ben';
    });
    expect(stopped.proposals).toBe('p1 open');
  });
});
