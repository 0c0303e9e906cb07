import { describe, expect, test } from 'vitest';
import { Story, hurt, waiting } from '../../../test/core/story.ts';
import { messages, sees, shown, text } from '../../../test/core/thread.ts';
import { say } from '../words.ts';
import { stepsMessage } from './help.ts';

/** What a phone shows, and whom a post calls. */
function lock(story: Story, key = 'root'): string {
  return shown(story, key).lock;
}

test('the call for a person says where, and what must not be done', () => {
  const story = waiting(undefined, (s) => {
    s.offers = [];
    sees(s, (seen) => ({
      ...seen,
      findings: seen.findings.map((one) => ({
        ...one,
        refuse: { remedies: ['restart', 'drain'], because: say`it brings the rest down` },
      })),
    }));
  });
  const call = shown(story, 'needs-person');
  expect(text(call)).toMatch(
    /^@S-oncall eu-west-1: model-server: image v2\.4\.1 not found\. .* a person is needed\. Do NOT restart or drain\.$/,
  );
  expect(call.lock).toMatch(/^eu-west-1: .* Do NOT restart or drain\.$/);
});

describe('an alert or a question about one region, and a fault in another that is handled elsewhere', () => {
  function about(change: (story: Story) => void): Story {
    const story = new Story();
    story.broken = new Set(['us-east-1']);
    story.others.set('us-east-1', 7);
    change(story);
    story.run();
    return story;
  }

  test('the push is about the region of the alert', () => {
    const story = about((s) => s.alert());
    expect(lock(story)).toMatch(/eu-west-1/);
    expect(lock(story)).not.toMatch(/us-east-1|[Ee]lsewhere|image/);
    expect(text(shown(story))).toContain('Other regions: us-east-1: image v2.4.1 not found (INC-7)');
  });

  test('a question is answered about the region that was named, and closes', () => {
    const story = about((s) => s.ask('sana'));
    expect(text(shown(story)).split('\n')[0]).toMatch(/^:white_circle: model-server · eu-west-1: nothing wrong found/);
    expect(story.log.at(-1)).toBe('closed: nothing wrong found');
  });

  test("also where it is nobody else's yet: it gets a thread of its own, and this one keeps its name", () => {
    const story = new Story();
    story.broken = new Set(['us-east-1']);
    story.ask('sana');
    story.run();
    expect(text(shown(story)).split('\n')[0]).toMatch(/eu-west-1/);
    expect(lock(story)).not.toMatch(/us-east-1/);
  });

  test('the steps are those of this incident', () => {
    const story = waiting(undefined, (s) => {
      s.broken = new Set(['us-east-1', 'eu-west-1']);
      s.others.set('us-east-1', 7);
      s.faults.set('us-east-1', 'secret missing');
      sees(s, (seen) => ({
        ...seen,
        advice: [{ fix: say`do it`, steps: [`kubectl --context=${seen.region} get pods`] }],
      }));
    });
    const steps = text(stepsMessage(story.state));
    expect(steps).toContain('--context=eu-west-1');
    expect(steps).not.toContain('us-east-1');
  });
});

describe('a region that gives no answer', () => {
  function blind(): Story {
    const story = waiting(undefined, (s) => void (s.offers = []));
    story.dark.add('eu-west-1');
    story.runFor(2 * 60_000);
    return story;
  }

  test('its evidence does not push "nothing wrong found", and its users are not known', () => {
    const story = new Story();
    story.broken.clear();
    story.alert();
    story.run();
    story.dark.add('eu-west-1');
    sees(story, (seen) =>
      seen.dark ? { ...seen, unread: [{ reading: 'pods', why: 'timeout: no answer', byHand: '' }] } : seen,
    );
    story.runFor(61_000);
    expect(lock(story, 'evidence/eu-west-1')).toBe(
      'eu-west-1: I cannot see it since 02:17 UTC. Users there: not known.',
    );
    expect(text(shown(story)).split('\n')[0]).toMatch(/I cannot see it · P2/);
  });

  test('the time without sight stays in the record', () => {
    const story = blind();
    story.dark.clear();
    story.broken.clear();
    story.alert('resolved');
    story.runFor(20 * 60_000);
    expect(story.state.closed).not.toBeNull();
    expect(text(shown(story))).toMatch(
      /no effect seen in the looks that were answered\. .*Not known while I could not see it: eu-west-1 02:17 UTC–02:18 UTC/,
    );
  });
});

describe('everything is stopped', () => {
  const story = waiting(undefined, (s) => void (s.killSwitch = 'ben'));

  test('no push asks for an approval that nobody can give', () => {
    expect(lock(story)).toMatch(/Everything is stopped: nothing can be approved\.$/);
    expect(lock(story, 'p1/card')).toMatch(/^Everything is stopped, nothing can be approved: Rollback of model-server/);
    expect(lock(story) + lock(story, 'p1/card')).not.toContain('wanted');
  });

  test('the card says what it waits for and who can lift it', () => {
    const card = text(shown(story, 'p1/card'));
    expect(card).toMatch(/^@S-oncall|^@S1/);
    expect(card).toContain(
      'cannot be approved: everything is stopped by @ben. It waits for `/mlp stop off`, by one of',
    );
    expect(card).not.toContain('waits for 1 of you');
  });
});

describe('a click on a plan that is out of date', () => {
  function outdated(): Story {
    const story = waiting();
    story.now = { ...story.fitting(story.get('p1')), state: 'template B' };
    // What is there now is new: the first look sees pods that are not ready and nothing to offer yet.
    story.offers = [];
    expect(story.press('sana', 'approve', 'p1')).toMatch(/I look again and show the new plan\.$/);
    story.run();
    return story;
  }

  test('calls nobody for want of a fix before one more look, and says so', () => {
    const story = outdated();
    expect(messages(story).map((one) => one.key)).not.toContain('t/needs-person');
    expect(text(shown(story))).toContain(
      'Fix: none open: the target changed since this was shown. I look once more at 02:17 UTC before I call anybody',
    );
  });

  test('a person is called when that finds no fix either', () => {
    const story = outdated();
    story.runFor(61_000);
    expect(text(shown(story, 'needs-person'))).toContain('a person is needed');
  });
});

test('a no stays known when the same is proposed again', () => {
  const story = waiting();
  story.press('ben', 'deny', 'p1', { reason: 'too early, the registry is being fixed' });
  expect(text(shown(story, 'p1/card'))).toMatch(/denied by @ben, 02:16 UTC\. Too early/);
  story.wait(1_000);
  story.press('sana', 'ask-again');
  story.run();
  const words = 'Denied before by @ben, 02:16 UTC: too early, the registry is being fixed';
  expect(story.proposals).toBe('p1 denied, p2 open');
  expect(text(shown(story))).toContain(words);
  expect(text(shown(story, 'p2/card'))).toContain(words);
});

test('the push of an undo says its risk and what comes back', () => {
  const story = waiting();
  story.press('sana', 'approve', 'p1');
  story.runFor(3 * 60_000);
  story.press('ben', 'undo', 'p1');
  story.run();
  expect(lock(story, 'p2/card')).toContain('Risk high: it brings back image v2.4.1 not found.');
  expect(lock(story)).toContain('Risk high: it brings back image v2.4.1 not found.');
});

describe('the first push', () => {
  function handingOver(): Story {
    const story = new Story();
    story.handOver = { playbook: 'crash-loop', target: { namespace: 'ml-platform', name: 'model-server' } };
    return story;
  }

  test('waits while one playbook hands over to another', () => {
    const story = handingOver();
    story.alert();
    story.step('look/1/us-east-1');
    story.step('look/1/eu-west-1');
    expect(story.log.at(-1)).toBe('round 2 (rollout-stuck hands over to crash-loop)');
    expect(messages(story)).toEqual([]);
  });

  test('of a hand-over that takes long says that it looks, and calls nobody', () => {
    const story = handingOver();
    story.alert();
    story.step('look/1/us-east-1');
    story.step('look/1/eu-west-1');
    story.wait(2_000);
    story.step('tick');
    expect(lock(story)).toMatch(/Looking now\.$/);
  });

  test('of a question does not name a fault that nobody has seen', () => {
    const story = new Story();
    story.ask('sana');
    story.wait(2_000);
    story.step('tick');
    expect(lock(story)).toBe('eu-west-1: looking at model-server, asked for.');
  });
});

test('who asks about what is open gets its number and a link', () => {
  const story = waiting(undefined, (s) => void (s.users.before = hurt));
  story.ask('ben');
  expect(story.told['ben']).toEqual(['INC-214 is open for this already: I look again in its thread.']);
});
