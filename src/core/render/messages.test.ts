import { describe, expect, test } from 'vitest';
import { Story, waiting } from '../../../test/core/story.ts';
import { messages, sees, shown, text } from '../../../test/core/thread.ts';
import { calm, diagnosisOf, hurt, offer } from '../../../test/core/things.ts';
import type { Finding } from '../diagnosis.ts';
import { hurtFinding } from '../builtin.ts';
import type { Impact } from '../impact.ts';
import { clock, say } from '../words.ts';
import { diffMessage, timelineMessage } from './help.ts';

/** What the messages say: as the person woken at three would read them. */

const [missing] = diagnosisOf('eu-west-1', '', { bad: true }).findings;
const named = (more: Partial<Finding>): Finding => {
  if (missing === undefined) throw new Error('nothing is found in what is bad');
  return { ...missing, ...more };
};
const slower: Impact = { ...calm, level: 'hurt', latencySeconds: 0.231 };

describe('users are hurt and nothing says why', () => {
  const suspicious = (impact: Impact, label: 'Change' | 'Release', at: string): Story =>
    waiting({}, (one) =>
      sees(one, (d) =>
        d.findings.length === 0
          ? d
          : {
              ...d,
              impact,
              offers: [],
              findings: [hurtFinding(impact, label === 'Change' ? 'a rollout goes on' : 'a release came before')],
              remarks: [
                { label, words: say`v2.4.0 → v2.4.1 at ${clock(at)} by Argo CD` },
                { label: 'Rollout', words: say`going on: 6 of 12 updated, 9 available` },
              ],
            },
      ),
    );

  test('a slow rollout that goes on is P2, says how far it is and since when, and claims no cause', () => {
    const root = text(shown(suspicious(slower, 'Change', '2026-03-02T02:14:00.000Z')));
    expect(root).toMatch(/model-server: users slower during a rollout · eu-west-1 · P2 · INC-214 · needs a person/);
    expect(root).toMatch(/Users: slower: p95 231 ms \(limit 200 ms\)/);
    expect(root).toMatch(/Cause: not known\./);
    expect(root).toMatch(/Change: v2\.4\.0 → v2\.4\.1 at 02:14 UTC by Argo CD\. The suspect, not proven/);
    expect(root).toMatch(/Rollout: going on: 6 of 12 updated, 9 available/);
    expect(root).toMatch(/Since: KubeDeploymentRolloutStuck fires since 02:15 UTC, after the change/);
  });

  test('errors after a release are P1 and name it as the suspect', () => {
    const story = suspicious(hurt, 'Release', '2026-03-02T02:14:00.000Z');
    expect(text(shown(story))).toMatch(/users get errors after a release · eu-west-1 · P1/);
    expect(text(shown(story))).toMatch(/Change: v2\.4\.0 → v2\.4\.1 at 02:14 UTC by Argo CD\. The suspect, not proven/);
    expect(shown(story).lock).toBe('eu-west-1: model-server users get errors after a release. Needs a person.');
  });

  test('what came after the harm is no suspect', () => {
    const root = text(shown(suspicious(hurt, 'Release', '2026-03-02T02:15:30.000Z')));
    expect(root).toMatch(/Not the suspect: users were hurt before it/);
  });
});

describe('the lock screen', () => {
  test('users and what is wanted are in what a phone shows, however long the cause is', () => {
    const story = waiting({}, (one) =>
      sees(one, (d) =>
        d.findings.length === 0
          ? d
          : { ...d, impact: hurt, findings: [named({ short: 'a very long cause '.repeat(20) })] },
      ),
    );
    const { lock } = shown(story);
    expect(lock.length).toBeLessThanOrEqual(151);
    expect(lock).toMatch(
      /^eu-west-1: .*a very long cause .*… ?\. Users get errors\. Approval wanted by \d\d:\d\d UTC\.$/,
    );
    expect(shown(story, 'p1/card').lock).toMatch(
      /^Approval wanted by \d\d:\d\d UTC: Rollback of model-server in eu-west-1\. Users get errors\. A very long cause/,
    );
  });

  test('what must not be done comes last', () => {
    const refuse = {
      remedies: ['restart', 'resume-and-rollback'],
      endsPods: true as const,
      because: say`Do not restart, scale or drain: it holds the value`,
    };
    const story = waiting({}, (one) => {
      one.offers = [];
      sees(one, (d) => (d.findings.length === 0 ? d : { ...d, findings: [named({ refuse })] }));
    });
    expect(shown(story).lock).toMatch(
      /image v2\.4\.1 not found\. Users not affected\. Needs a person\. Do NOT restart, scale, drain, roll back or end pods otherwise\.$/,
    );
  });

  test('nothing wrong found says no more than was measured', () => {
    const story = new Story();
    story.broken.clear();
    story.users.before = {
      ...calm,
      level: 'not known',
      requests: null,
      errorRatio: null,
      latencySeconds: null,
      limits: null,
    };
    story.ask();
    story.run();
    expect(shown(story).lock).toMatch(/nothing wrong found, but users could not be measured\./);
    expect(text(shown(story))).toMatch(/^:white_circle: .*: nothing wrong found, but users could not be measured/);
  });
});

describe('each thing stands once', () => {
  const story = (): Story =>
    waiting({}, (one) => {
      one.offers = [offer({ after: say`Argo CD brings it back` })];
      sees(one, (d) =>
        d.findings.length === 0
          ? d
          : {
              ...d,
              findings: [named({ quotes: ['manifest unknown'] })],
              remarks: [
                { label: 'Change', words: say`v2.4.0 → v2.4.1 by Argo CD` },
                { label: 'Pods', words: say`0 of 6 new ready` },
              ],
            },
      );
    });

  test('the summary has users, cause, change and what follows; the thread the evidence; the card the diff', () => {
    const all = messages(story());
    const where = (what: string): readonly string[] =>
      all.filter((one) => text(one.message).includes(what)).map((one) => one.key);
    expect(where('the registry has no image')).toEqual(['t/root']);
    expect(where('v2.4.0 → v2.4.1 by Argo CD')).toEqual(['t/root']);
    expect(where('Argo CD brings it back')).toEqual(['t/root']);
    expect(where('manifest unknown')).toEqual(['t/evidence/eu-west-1']);
    expect(where('0 of 6 new ready')).toEqual(['t/evidence/eu-west-1']);
    expect(where('image: v2.4.1 → v2.4.0')).toEqual(['t/p1/card']);
  });

  test('a line that the plan and the server’s diff share stands once', () => {
    const one = story();
    const p1 = one.get('p1');
    const preview = ['- image of server: a:1', '+ image of server: a:0', 'the rest stays'];
    const rehearsal = ['- image: a:1', '+ image: a:0', '+ replicas: 3'];
    one.state = { ...one.state, proposals: [{ ...p1, offer: { ...p1.offer, preview }, rehearsal }] };
    for (const message of [shown(one, 'p1/card'), diffMessage(one.state, 'p1')]) {
      expect(text(message).match(/a:0/g)).toHaveLength(1);
      expect(text(message)).toMatch(/what else the server's dry run says it changes:\n\+ replicas: 3/);
    }
  });
});

describe('before and after', () => {
  test('are not compared while the numbers hold requests of before the change', () => {
    const story = waiting({ quietMs: 15 * 60_000 });
    story.press('sana', 'approve', 'p1');
    story.run();
    expect(story.proposals).toBe('p1 verified');
    expect(text(shown(story, 'p1/card'))).toMatch(
      /Users before and after: too early to compare, from 02:21 UTC: the 5 min of the numbers begin before the change/,
    );
    expect(text(shown(story, 'p1/card'))).not.toMatch(/→ 0\.02 %/);
    story.runFor(7 * 60_000);
    expect(text(shown(story, 'p1/card'))).toMatch(
      /Users before and after: errors 0\.02 % → 0\.02 %, p95 148 ms → 148 ms \(8,000 and 8,000 requests, 5 min each\): not worse/,
    );
  });

  test('harm in numbers that begin before a fix is said to be that', () => {
    const story = waiting({}, (one) => (one.users = { before: hurt, after: calm }));
    story.press('sana', 'approve', 'p1');
    story.run();
    const users = (): string => text(shown(story)).split('\n')[1] ?? '';
    expect(users()).toMatch(/Users: get errors: .*\. The 5 min of these numbers begin before the change$/);
    story.runFor(7 * 60_000);
    expect(users()).toMatch(/Users: get errors: .*pods ready \(100 %\)$/);
  });

  test('closed before that: said, and not promised', () => {
    const story = waiting({ quietMs: 0 });
    story.press('sana', 'approve', 'p1');
    story.alert('resolved');
    story.run();
    expect(story.state.closed).not.toBeNull();
    expect(text(shown(story, 'p1/card'))).toMatch(/not compared: closed while the 5 min of the numbers begin before/);
  });
});

test('no id of the machine is shown to people', () => {
  const story = waiting();
  story.press('sana', 'approve', 'p1');
  story.run();
  story.press('ben', 'undo', 'p1');
  story.run();
  const all = [
    ...messages(story).map((one) => one.message),
    timelineMessage(story.state),
    diffMessage(story.state, 'p2'),
  ];
  expect(story.proposals).toBe('p1 verified, p2 open');
  for (const message of all) {
    expect(text(message)).not.toMatch(/\bp\d\b(?! \d)|impact\/|questions/);
    expect(message.lock).not.toMatch(/\bp\d\b/);
  }
});

describe('the timeline', () => {
  test('has seconds', () => {
    const story = waiting();
    story.press('sana', 'approve', 'p1');
    story.run();
    expect(text(timelineMessage(story.state))).toMatch(/^02:16:\d\d UTC rollback in eu-west-1 proposed$/m);
    expect(text(timelineMessage(story.state))).toMatch(/^02:16:\d\d UTC @sana approved the rollback in eu-west-1$/m);
    expect(text(shown(story, 'p1/card'))).toMatch(/^02:16:\d\d UTC @sana approved$/m);
  });
});
