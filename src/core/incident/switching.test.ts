import { describe, expect, test } from 'vitest';
import { Story, calm, hurt } from '../../../test/core/story.ts';
import { whole } from '../../../test/core/things.ts';
import type { Impact } from '../impact.ts';

/** Which playbook a thread looks with when its first one names no cause. */

const allThere = { ...hurt, readiness: whole.readiness };
const slower = { ...calm, level: 'hurt', latencySeconds: 0.9, readiness: whole.readiness } as const;

/** Opened by a command that names no symptom; all that is known is what users feel. */
function unexplained(users: Impact, check = 'users-hurt'): Story {
  const story = new Story();
  story.check = check;
  story.faults.set('eu-west-1', 'users get errors, cause not known');
  story.offers = [];
  story.users.before = users;
  story.ask();
  story.run();
  return story;
}

function rounds(story: Story): readonly string[] {
  return story.log.filter((line) => line.startsWith('round'));
}

describe('no cause was found', () => {
  test('an alert of another playbook: it looks with that one', () => {
    const story = unexplained(hurt);
    expect(story.state.subject.playbook).toBe('rollout-stuck');
    story.alert('firing', { name: 'ModelInferenceErrors', playbook: 'inference-errors' });
    story.run();
    expect(rounds(story)).toEqual(['round 1 (asked)', 'round 2 (alert ModelInferenceErrors)']);
    expect(story.state.subject).toMatchObject({ playbook: 'inference-errors', focus: 'eu-west-1' });
    // What was looked with before does not come back by an alert.
    story.alert('firing', { fingerprint: 'f2' });
    expect(story.state.subject.playbook).toBe('inference-errors');
  });

  test('a person names the symptom: it looks with that, and says so', () => {
    const story = unexplained(calm, 'unexplained');
    story.ask('ben', 'inference-errors');
    expect(story.told['ben']).toEqual([
      'INC-214 is open for this already: I look again in its thread, with inference-errors.',
    ]);
    story.run();
    expect(rounds(story)).toEqual(['round 1 (asked)', 'round 2 (asked)']);
    expect(story.state.subject.playbook).toBe('inference-errors');
    expect(story.state.asks.at(-1)).toMatchObject({ who: 'ben', round: 2 });
    // A command that names no symptom is no wish for another one.
    story.ask('ben');
    expect(story.state.subject.playbook).toBe('inference-errors');
  });

  test('triage, or the resolved of an alert, knows no more', () => {
    const story = unexplained(hurt);
    story.alert('firing', { name: 'Odd', playbook: 'triage' });
    story.run();
    story.alert('resolved', { name: 'Odd', playbook: 'inference-errors' });
    story.run();
    expect(story.state.subject.playbook).toBe('rollout-stuck');
  });
});

test('a cause was found: neither an alert nor a person takes the thread from it', () => {
  const story = unexplained(hurt, 'image-missing');
  story.alert('firing', { name: 'ModelInferenceErrors', playbook: 'inference-errors' });
  story.run();
  story.ask('ben', 'inference-errors');
  story.run();
  expect(story.state.subject.playbook).toBe('rollout-stuck');
});

test('before the first answer nobody knows whether there is a cause', () => {
  const story = new Story();
  story.alert();
  story.alert('firing', { fingerprint: 'f2', name: 'ModelInferenceErrors', playbook: 'inference-errors' });
  expect(story.state.subject.playbook).toBe('rollout-stuck');
});

describe('users are hurt and nothing says why', () => {
  test.each([
    ['errors', allThere, 'inference-errors'],
    ['slowness', slower, 'slow-inference'],
  ] as const)('%s: handed over once, by itself', (_what, users, playbook) => {
    const story = unexplained(users);
    expect(rounds(story)).toEqual(['round 1 (asked)', `round 2 (rollout-stuck hands over to ${playbook})`]);
    expect(story.state.subject).toMatchObject({ playbook, focus: 'eu-west-1' });
    // It finds no more, and users are hurt in the other way too: nothing is handed back or on.
    story.users.before = { ...allThere, latencySeconds: 0.9 };
    story.runFor(30 * 60_000);
    expect(story.log.filter((line) => line.includes('hands over'))).toHaveLength(1);
  });

  test('while pods are missing, the question stays why', () => {
    const story = unexplained(hurt);
    story.runFor(10 * 60_000);
    expect(story.state.subject.playbook).toBe('rollout-stuck');
    story.users.before = allThere;
    story.runFor(10 * 60_000);
    expect(story.state.subject.playbook).toBe('inference-errors');
  });
});
