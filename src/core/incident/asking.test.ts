import { describe, expect, test } from 'vitest';
import { Story, calm, hurt } from '../../../test/core/story.ts';
import { waiting } from '../../../test/core/story.ts';
import { messages, sees, shown, text } from '../../../test/core/thread.ts';
import { whole } from '../../../test/core/things.ts';
import { later } from './commands.ts';
import { next } from './state.ts';
import { differingOf, temporaryOf } from './ledger.ts';

/** A change that a person asks for by command, from the first word to its end. */

const TO_14 = 'scale model-server to 14';
const quiet = (change?: (story: Story) => void, some: ConstructorParameters<typeof Story>[0] = {}): Story => {
  const story = new Story(some);
  story.broken.clear();
  story.users = { before: whole, after: whole };
  change?.(story);
  return story;
};

describe('in a thread of its own', () => {
  test('asked, shown, approved, done, verified, watched, closed', () => {
    const story = quiet();
    expect(story.change('ben', TO_14)).toBe('');
    story.run();
    expect(story.proposals).toBe('p1 open');
    expect(text(shown(story))).toMatch(
      /^:large_orange_circle: scale model-server to 14 · eu-west-1 · INC-214 · asked by @ben · waiting for approval\nUsers: no effect seen/,
    );
    expect(shown(story).lock).toMatch(
      /^Approval wanted by \d\d:\d\d UTC: Scale model-server to 14 in eu-west-1\. Users not affected\.$/,
    );
    expect(text(shown(story, 'p1/card'))).toContain('asked for by @ben, waits for 1 of you');
    story.press('sana', 'approve', 'p1');
    story.run();
    expect(story.proposals).toBe('p1 verified');
    expect(text(shown(story))).toMatch(/^:large_blue_circle: .* · done, watching/);
    story.runFor(3_600_000);
    expect(story.state.closed?.how).toBe('scale model-server to 14: done');
    expect(text(shown(story))).toMatch(
      /^:white_check_mark: scale model-server to 14 · eu-west-1 · INC-214 · asked by @ben · done\n/,
    );
    expect(text(shown(story))).toMatch(/Done: scaled model-server to 14, approved by @sana\. Verified/);
    expect(messages(story).map((one) => one.key)).not.toContain('t/needs-person');
  });

  test('who asked is never one of two', () => {
    const story = quiet((s) => (s.asked = { risk: 'high' }));
    story.change('ben', TO_14);
    story.run();
    expect(story.press('ben', 'approve', 'p1')).toMatch(/you asked for it: it needs 2 other people/);
  });

  test('what cannot be planned is told to who asked, and nothing is left behind', () => {
    const story = quiet((s) => (s.refuses = 'autoscaler x owns the number'));
    story.change('ben', TO_14);
    expect(messages(story)).toEqual([]);
    story.run();
    expect(story.told['ben']).toEqual([
      'Scale model-server to 14 in eu-west-1: not done, because autoscaler x owns the number.',
    ]);
    expect(messages(story)).toEqual([]);
    expect(story.state.number).toBeNull();
    expect(story.state.closed?.how).toBe('refused: autoscaler x owns the number');
    expect(story.due()).toEqual([]);
  });

  test.each([
    ['a guest', 'guest', /Guests cannot do this/],
    ['somebody unknown', 'nobody', /I could not check who you are/],
  ])('%s opens nothing', (_what, by, said) => {
    const story = quiet();
    expect(story.change(by, TO_14)).toMatch(said);
    expect(story.state.openedAt).toBeNull();
  });

  test('while everything is stopped, and where the bot only looks, nothing begins', () => {
    const stopped = quiet((s) => (s.killSwitch = 'ada'));
    expect(stopped.change('ben', TO_14)).toMatch(
      /^Scale model-server to 14: not done\. Everything is stopped \(by @ada\)/,
    );
    const only = quiet(undefined, {
      policy: { modes: { default: 'observe', byRegion: {}, byService: [], preApproved: [] } },
    });
    expect(only.change('ben', TO_14)).toMatch(/eu-west-1 is in mode observe: I only look there/);
    expect(only.state.openedAt).toBeNull();
  });

  test('nobody decides: it says so, closes, and can be asked again', () => {
    const story = quiet();
    story.change('ben', TO_14);
    story.runFor(2 * 3_600_000);
    expect(story.proposals).toBe('p1 expired');
    expect(story.state.closed?.how).toBe('scale model-server to 14: not done');
    expect(text(shown(story))).toMatch(/Not done: expired: nobody decided in time/);
    story.press('sana', 'ask-again', 'p1');
    story.run();
    expect(story.proposals).toBe('p1 expired, p2 open');
    expect(story.state.closed).toBeNull();
    expect(story.get('p2').requester).toBe('sana');
  });

  test('the target changed after the approval: it is planned anew and asked again, not done', () => {
    const story = quiet();
    story.change('ben', TO_14);
    story.run();
    story.press('sana', 'approve', 'p1');
    story.now = { ...story.fitting(story.get('p1')), state: 'template B' };
    story.run();
    expect(story.proposals).toBe('p1 superseded, p2 open');
    story.press('sana', 'approve', 'p2');
    expect(story.proposals).toBe('p1 superseded, p2 superseded');
    story.run();
    story.press('sana', 'approve', 'p3');
    // Three plans in a row were overtaken: somebody else is at it.
    expect(story.state.changes[0]?.ended?.how).toBe('not done');
    expect(story.due().filter((one) => one.is === 'plan')).toEqual([]);
  });

  test('something is wrong when it is done: that is looked into, and stays open', () => {
    const story = quiet();
    story.change('ben', TO_14);
    story.run();
    story.press('sana', 'approve', 'p1');
    story.cures = false;
    story.broken.add('eu-west-1');
    story.runFor(10 * 60_000);
    expect(story.proposals).toMatch(/^p1 verified/);
    expect(story.state.subject.playbook).toBe('triage');
    expect(story.state.closed).toBeNull();
  });

  test('it makes users worse: taken back on the same approval', () => {
    const story = quiet((s) => (s.users = { before: calm, after: { ...hurt } }));
    story.change('ben', TO_14);
    story.run();
    story.press('sana', 'approve', 'p1');
    story.run();
    expect(story.get('p1').ended?.how).toBe('made worse');
    expect(story.get('p2')).toMatchObject({ undoOf: 'p1', votes: [{ by: 'sana' }] });
  });

  test('stopped: nothing of it goes on', () => {
    const story = quiet();
    story.change('ben', TO_14, { regions: ['eu-west-1', 'us-east-1'] });
    story.run();
    story.press('sana', 'approve', 'p1');
    story.step('act');
    story.press('ben', 'stop');
    story.runFor(600_000);
    expect(story.proposals).toBe('p1 verified');
    expect(story.state.changes[0]?.ended).toMatchObject({ how: 'not done', because: 'stopped' });
  });
});

test('an alert while it waits makes an incident of the thread; what was asked for stays open in it', () => {
  const story = quiet();
  story.change('ben', TO_14);
  story.run();
  story.broken.add('eu-west-1');
  story.alert();
  story.run();
  expect(story.proposals).toBe('p1 open, p2 open');
  expect(text(shown(story))).toMatch(/^:large_orange_circle: model-server/);
  expect(text(shown(story))).toContain('asked for by @ben');
  expect(story.state.subject.playbook).toBe('rollout-stuck');
});

describe('several regions', () => {
  const both = (change?: (story: Story) => void): Story => {
    const story = quiet(change);
    story.change('ben', TO_14, { regions: ['us-east-1', 'eu-west-1'] });
    story.run();
    return story;
  };
  const stepTo = (story: Story, wanted: string): void => {
    for (let steps = 0; story.proposals !== wanted && steps < 50; steps += 1) {
      const [effect] = story.due();
      if (effect === undefined) story.wait(5_000);
      else story.step(effect.id);
    }
    expect(story.proposals).toBe(wanted);
  };

  test('one approval for all, in order, each shown as it is: the next begins when the one before is verified', () => {
    const story = both();
    expect(story.state.proposals.map((one) => one.region)).toEqual(['us-east-1']);
    const root = text(shown(story));
    expect(root).toContain('Order: us-east-1 now · eu-west-1 once that is verified');
    expect(root).toContain(
      'One approval for all: us-east-1, then eu-west-1; each is verified before the next, and the first that is not cancels the rest',
    );
    expect(root).toContain('Approve scale in 2 regions');
    const card = text(shown(story, 'p1/card'));
    expect(card).toMatch(
      /^@S1 Scale of model-server in us-east-1, then eu-west-1, asked[\s\S]*What would change[\s\S]*Then in eu-west-1: scale[\s\S]*One approval for all: us-east-1, then eu-west-1/,
    );
    story.press('sana', 'approve', 'p1');
    stepTo(story, 'p1 watching');
    stepTo(story, 'p1 verified, p2 granted');
    expect(story.state.proposals[1]).toMatchObject({
      region: 'eu-west-1',
      votes: [{ by: 'sana' }],
      plannedAt: story.state.proposals[0]?.proposedAt,
    });
    expect(text(shown(story))).toContain('Order: us-east-1 done · eu-west-1 now');
    story.runFor(3_600_000);
    expect(story.proposals).toBe('p1 verified, p2 verified');
    expect(story.state.closed?.how).toBe('scale model-server to 14: done');
  });

  test('each can be taken back by itself', () => {
    const story = both();
    story.press('sana', 'approve', 'p1');
    story.run();
    story.runFor(60_000);
    expect(story.press('sana', 'undo', 'p1')).toMatch(/I prepare the undo/);
    story.run();
    expect(story.state.proposals.at(-1)).toMatchObject({ undoOf: 'p1', region: 'us-east-1' });
  });

  test('the approval names the whole list: a button that shows less of it counts for nothing', () => {
    const story = both();
    const first = story.state.proposals[0]?.digest ?? '';
    expect(story.press('sana', 'approve', 'p1', { digest: first })).toMatch(/shows an older plan. Nothing was counted/);
    expect(story.proposals).toBe('p1 open');
  });

  test('every region is read again at the click: one that changed makes a new plan of all', () => {
    const story = both();
    story.nowIn['eu-west-1'] = { fits: { is: 'no', because: 'it is so already' }, state: 'x', digest: 'y' };
    const digest = story.state.proposals[0]?.list?.[0]?.digest ?? '';
    story.nowIn['eu-west-1'] = { fits: { is: 'no', because: 'it is so already' }, state: 'template A', digest };
    expect(story.press('sana', 'approve', 'p1')).toMatch(/Not done: it is so already in eu-west-1/);
    story.nowIn = {};
    story.run();
    expect(story.proposals).toBe('p1 superseded, p2 open');
    expect(story.state.proposals[1]?.list).toHaveLength(1);
    story.nowIn['eu-west-1'] = { unreadable: 'timeout' };
    expect(story.press('sana', 'approve', 'p2')).toMatch(/could not look at the target in eu-west-1 again \(timeout\)/);
  });

  test('who may approve is who may approve the riskiest of it', () => {
    const story = quiet();
    story.change('ben', TO_14, { regions: ['us-east-1', 'eu-west-1'] });
    story.step('plan');
    story.asked = { risk: 'high' };
    story.run();
    expect(text(shown(story, 'p1/card'))).toContain('Risk high');
    story.press('ana', 'approve', 'p1');
    expect(story.proposals).toBe('p1 open');
  });

  test('stopped while the first is followed: the next never begins', () => {
    const story = both();
    story.press('sana', 'approve', 'p1');
    stepTo(story, 'p1 watching');
    story.press('noah', 'stop');
    story.runFor(3_600_000);
    expect(story.proposals).toBe('p1 verified');
  });

  test('the kill switch while the first is followed: the next never begins, also when it is lifted', () => {
    const story = both();
    story.press('sana', 'approve', 'p1');
    stepTo(story, 'p1 watching');
    story.killSwitch = 'noah';
    story.runFor(600_000);
    story.killSwitch = null;
    story.runFor(600_000);
    expect(story.proposals).toBe('p1 verified');
    expect(text(shown(story))).toContain('Not done: stopped before this region');
  });

  test('a region that refuses keeps all from being asked for: nothing is half done', () => {
    const story = quiet();
    story.change('ben', TO_14, { regions: ['us-east-1', 'eu-west-1'] });
    story.step('plan');
    story.refuses = 'the quota would refuse its pods';
    story.run();
    expect(story.proposals).toBe('');
    expect(story.told['ben']?.join(' ')).toContain('in eu-west-1: not done, because the quota would refuse its pods');
  });

  test('asked anew for one of its regions alone, the whole list gives way', () => {
    const story = both();
    story.change('ben', 'scale model-server to 16', { regions: ['eu-west-1'] });
    story.run();
    expect(story.proposals).toBe('p1 superseded, p2 open');
    expect(story.press('sana', 'approve', 'p1')).toMatch(/Too late/);
  });

  test('what an older version has begun in several regions goes on one proposal at a time', () => {
    const story = quiet();
    story.change('ben', TO_14, { regions: ['us-east-1', 'eu-west-1'] });
    story.step('plan');
    const [planned] = story.state.changes[0]?.parts ?? [];
    if (planned === undefined) throw new Error('no plan');
    const { part, may } = planned;
    const rest = { expiresAt: later(story.at, 600_000), undoOf: null, may, change: story.state.changes[0]?.id ?? '' };
    story.state = next(story.state, { is: 'proposed', proposal: 'p1', ...part, ...rest, playbook: 'change' }, story.at);
    story.press('sana', 'approve', 'p1');
    story.run();
    expect(story.proposals).toBe('p1 verified, p2 open');
  });

  test('the first no cancels the rest', () => {
    const story = quiet((s) => (s.verdict = 'no'));
    story.change('ben', TO_14, { regions: ['us-east-1', 'eu-west-1'] });
    story.run();
    story.press('sana', 'approve', 'p1');
    story.runFor(3_600_000);
    expect(story.proposals).toBe('p1 not verified');
    expect(text(shown(story))).toContain('eu-west-1 not done');
  });
});

describe('where an incident is open already', () => {
  test('it is asked in that thread, beside the fix that was found', () => {
    const story = waiting();
    expect(story.change('ben', TO_14)).toMatch(/it is shown in the thread that is open for this/);
    story.run();
    expect(story.proposals).toBe('p1 open, p2 open');
    expect(text(shown(story))).toMatch(/Change( [A-C])? asked for by @ben: scale model-server to 14\. Risk/);
    expect(story.get('p2')).toMatchObject({ playbook: 'change', requester: 'ben' });
  });

  test('a look does not take away what a person asked for, and does not close over it', () => {
    const story = waiting();
    story.change('ben', TO_14);
    story.run();
    story.broken.clear();
    story.alert('resolved');
    story.runFor(20 * 60_000);
    expect(story.proposals).toBe('p1 withdrawn, p2 open');
    expect(story.state.closed).toBeNull();
  });

  test('what was found says that it would do harm: refused, with the reason', () => {
    const story = new Story();
    sees(story, (seen) => ({
      ...seen,
      findings: seen.findings.map((one) => ({ ...one, refuse: { remedies: ['scale'], because: [] } })),
    }));
    story.alert();
    story.run();
    story.change('ben', TO_14);
    story.run();
    // Once, where all who are in its thread read it.
    const refused = /image v2\.4\.1 not found: it would make things worse/;
    expect(
      messages(story)
        .filter((one) => refused.test(text(one.message)))
        .map((one) => text(one.message)),
    ).toEqual(['I do not scale model-server to 14 in eu-west-1: image v2.4.1 not found: it would make things worse']);
    expect(story.told['ben']?.filter((one) => refused.test(one))).toEqual([]);
    expect(story.proposals).toBe('p1 open');
  });

  test('one live proposal of a remedy: the newer words replace the older, unless it is under way', () => {
    const story = waiting();
    story.change('ben', TO_14);
    story.run();
    story.change('ben', 'scale model-server to 16');
    story.run();
    expect(story.proposals).toBe('p1 open, p2 superseded, p3 open');
    story.press('sana', 'approve', 'p3');
    expect(story.change('ben', 'scale model-server to 18')).toMatch(
      /under way in eu-west-1: ask again when that is over/,
    );
  });

  test('what is offered already is pointed to', () => {
    const story = waiting();
    expect(story.change('ben', 'rollback model-server', { details: {} })).toMatch(
      /It is proposed in eu-west-1 already/,
    );
    expect(story.proposals).toBe('p1 open');
  });
});

describe('the ledger of temporary changes', () => {
  const raised = (): Story => {
    const story = quiet((s) => (s.asked = { temporary: 'autoscaler x: 4 to 36 replicas instead of 4 to 24' }));
    story.change('ben', TO_14);
    story.run();
    story.press('sana', 'approve', 'p1');
    story.runFor(3_600_000);
    return story;
  };

  test('what was changed for a while is left until it is taken back; who approved it owns it', () => {
    const story = raised();
    expect(temporaryOf(story.state)).toMatchObject([
      { proposal: 'p1', region: 'eu-west-1', by: 'sana', undoAsked: false },
    ]);
    expect(text(shown(story))).toContain(
      'Left: autoscaler x: 4 to 36 replicas instead of 4 to 24 in eu-west-1, owner @sana',
    );
    story.press('sana', 'undo', 'p1');
    story.run();
    expect(temporaryOf(story.state)[0]?.undoAsked).toBe(true);
    story.press('sana', 'approve', 'p2');
    story.run();
    expect(temporaryOf(story.state)).toEqual([]);
  });

  describe('what is live and not so in its source', () => {
    const differs = { source: 'Git', what: 'deployment ml-platform/model-server: 14 replicas instead of 12' } as const;
    const scaled = (some: Story['asked'] = { differs }): Story => {
      const story = quiet((s) => (s.asked = some));
      story.change('ben', TO_14);
      story.run();
      story.press('sana', 'approve', 'p1');
      story.runFor(3_600_000);
      return story;
    };

    test('is left to do, is in the ledger with its owner, reminds nobody, and ends with its undo', () => {
      const story = scaled();
      expect(temporaryOf(story.state)).toEqual([]);
      expect(differingOf(story.state)).toMatchObject([{ proposal: 'p1', by: 'sana', differs: 'Git' }]);
      const said = text(shown(story));
      expect(said).toContain(
        'Left to do: Git to say the same, or it comes back: deployment ml-platform/model-server: 14 replicas instead of 12 in eu-west-1',
      );
      expect(said).not.toContain('Left:');
      story.runFor(48 * 3_600_000);
      expect(story.log.filter((one) => one.startsWith('reminded'))).toEqual([]);
    });

    test('is an own field of what is only for a while', () => {
      const story = scaled({ differs, temporary: 'autoscaler x: 4 to 36 replicas instead of 4 to 24' });
      expect(temporaryOf(story.state)).toMatchObject([{ proposal: 'p1', differs: 'Git' }]);
      expect(differingOf(story.state)).toEqual([]);
      expect(text(shown(story))).toContain(
        'Left: autoscaler x: 4 to 36 replicas instead of 4 to 24 in eu-west-1, which differs from Git, owner @sana',
      );
    });
  });

  test('after a day its owner is reminded, once, also in a closed thread; taking it back is not too late then', () => {
    const story = raised();
    expect(story.state.closed).not.toBeNull();
    story.runFor(24 * 3_600_000);
    const said = text(shown(story, 'temporary/p1'));
    expect(said).toMatch(/^:hourglass: Still changed in eu-west-1 since \d\d:\d\d UTC, 24 h: autoscaler x/);
    expect(said).toMatch(/@sana, who approved it, owns it[\s\S]*Take back/);
    story.runFor(72 * 3_600_000);
    expect(story.log.filter((one) => one.startsWith('reminded'))).toHaveLength(1);
    expect(story.press('sana', 'undo', 'p1')).toMatch(/I prepare the undo/);
  });

  test('what somebody else has set back is struck off when its undo is asked for', () => {
    const story = raised();
    story.press('sana', 'undo', 'p1');
    story.tell({
      is: 'prepared',
      round: 0,
      region: 'eu-west-1',
      remedy: 'scale',
      undoOf: 'p1',
      result: { no: 'its bounds were changed since', gone: true },
    });
    expect(temporaryOf(story.state)).toEqual([]);
  });
});
