import { describe, expect, test } from 'vitest';
import { Story, waiting } from '../../../test/core/story.ts';

/** How a thread begins, and what makes it look again. */

describe('an alert', () => {
  test('opens an incident, which looks everywhere, gets its number and proposes', () => {
    const story = new Story();
    story.alert();
    expect(story.run()).toEqual(['number', 'look/1/us-east-1', 'look/1/eu-west-1', 'prepare/1/eu-west-1/rollback']);
    expect(story.log).toEqual([
      'opened',
      'KubeDeploymentRolloutStuck firing',
      'round 1 (alert KubeDeploymentRolloutStuck)',
      'numbered',
      'looked at us-east-1',
      'looked at eu-west-1',
      'not over: KubeDeploymentRolloutStuck still firing',
      'proposed p1',
    ]);
    expect(story.state.number).toBe(214);
    expect(story.audit).toEqual(['mlp-bot: proposed rollback in eu-west-1 as p1']);
  });

  test('that comes again, or late, adds nothing', () => {
    const story = waiting();
    const before = story.log.length;
    story.alert();
    story.alert('firing', { startsAt: '2026-03-02T01:00:00.000Z' });
    expect(story.log).toHaveLength(before);
    story.alert('resolved');
    story.run();
    const after = story.log.length;
    story.alert('resolved');
    // A copy of the firing that was on its way all the time.
    story.alert();
    expect(story.log.slice(after)).toEqual([]);
  });

  test('a second alert of the same target joins and makes it look again', () => {
    const story = waiting();
    story.wait(10_000);
    story.alert('firing', { fingerprint: 'f2', name: 'KubePodNotReady' });
    story.run();
    expect(story.log).toContain('round 2 (alert KubePodNotReady)');
    expect(Object.keys(story.state.alerts)).toEqual(['f1', 'f2']);
    expect(story.proposals).toBe('p1 open');
  });

  test('twenty of one fault, one after the other, are one more look, ten seconds after the first', () => {
    const story = waiting();
    for (let n = 2; n <= 20; n += 1) {
      story.wait(400);
      story.alert('firing', { fingerprint: `f${n}`, name: `Alert${n}` });
      story.run();
    }
    expect(Object.keys(story.state.alerts)).toHaveLength(20);
    expect(story.state.round?.number).toBe(1);
    story.runFor(5_000);
    expect(story.state.round?.number).toBe(2);
    // What comes by itself is as rare as before.
    story.runFor(12_000);
    expect(story.state.round?.number).toBe(2);
  });

  test('resolved, never seen firing, opens nothing', () => {
    const story = new Story();
    story.alert('resolved');
    expect(story.log).toEqual([]);
    expect(story.due()).toEqual([]);
  });

  test('resolved means look again; while it is still found, nothing is over', () => {
    const story = waiting();
    story.alert('resolved');
    story.run();
    expect(story.log).toContain('round 2 (KubeDeploymentRolloutStuck resolved: looking again)');
    expect(story.log.at(-1)).toBe('not over: eu-west-1: image v2.4.1 not found');
    expect(story.proposals).toBe('p1 open');
  });

  test('resolved while waiting for approval, and really over: the proposal is withdrawn, and says so', () => {
    const story = waiting();
    story.broken.clear();
    story.alert('resolved');
    story.run();
    expect(story.get('p1').ended).toMatchObject({
      how: 'withdrawn',
      because: 'I looked again: what it was for is over',
    });
  });

  test('resolved because a region fell silent is not believed', () => {
    const story = waiting();
    story.dark.add('eu-west-1');
    story.alert('resolved');
    story.run();
    expect(story.log.at(-1)).toBe('not over: eu-west-1: I cannot see whether it is over');
    expect(story.proposals).toBe('p1 open');
    story.runFor(2 * 3_600_000);
    expect(story.state.closed).toBeNull();
  });

  test('of a region that was dark from the start stays open until the region was seen', () => {
    const story = new Story();
    story.dark.add('eu-west-1');
    story.alert();
    story.run();
    story.alert('resolved');
    story.runFor(3_600_000);
    expect(story.state.closed).toBeNull();
    story.dark.clear();
    story.broken.clear();
    story.runFor(3_600_000);
    expect(story.state.closed?.how).toBe('over by itself or by hand');
  });

  test('another region in the dark does not keep it open', () => {
    const story = waiting();
    story.dark.add('us-east-1');
    story.broken.clear();
    story.alert('resolved');
    story.runFor(3_600_000);
    expect(story.state.closed).not.toBeNull();
  });

  test('that a playbook owns takes over from triage at once, not after the round', () => {
    const story = new Story();
    story.alert('firing', { name: 'Odd', fingerprint: 'f0', playbook: 'triage' });
    story.alert('firing', { playbook: 'rollout-stuck' });
    expect(story.state.subject.playbook).toBe('rollout-stuck');
    expect(story.log.at(-1)).toBe('round 2 (alert KubeDeploymentRolloutStuck)');
    story.run();
    expect(story.proposals).toBe('p1 open');
    // And not the other way round.
    story.alert('firing', { name: 'Odd', fingerprint: 'f0', startsAt: '2026-03-02T03:00:00.000Z', playbook: 'triage' });
    expect(story.state.subject.playbook).toBe('rollout-stuck');
  });
});

describe('a question', () => {
  test('with nothing found is answered and closed, without a number', () => {
    const story = new Story();
    story.broken.clear();
    story.ask();
    story.run();
    expect(story.log.at(-1)).toBe('closed: nothing wrong found');
    expect(story.state.number).toBeNull();
  });

  test('with something found becomes an incident', () => {
    const story = new Story();
    story.ask();
    story.run();
    expect(story.state).toMatchObject({ number: 214, question: false, closed: null });
    expect(story.proposals).toBe('p1 open');
  });

  test('is no mere question any more when an alert fires into it', () => {
    const story = new Story();
    story.broken.clear();
    story.ask();
    story.alert();
    story.run();
    expect(story.state).toMatchObject({ number: 214, closed: null });
    expect(story.log.at(-1)).toBe('not over: KubeDeploymentRolloutStuck still firing');
  });

  test('about what is open already looks again there, and is told so', () => {
    const story = waiting();
    story.ask('ben');
    expect(story.told['ben']).toEqual(['INC-214 is open for this already: I look again in its thread.']);
    expect(story.log.slice(-2)).toEqual(['asked', 'round 2 (asked)']);
  });
});

describe('triage hands over', () => {
  const to = { playbook: 'gpu-memory', target: { namespace: 'ml-platform', name: 'embedder' } };

  test('to the playbook that knows more, with the target that was recognised', () => {
    const story = new Story();
    story.handOver = to;
    story.alert('firing', { playbook: 'triage' });
    story.step();
    story.step();
    story.step();
    expect(story.log).toContain('round 2 (triage hands over to gpu-memory)');
    expect(story.state.subject).toMatchObject({ playbook: 'gpu-memory', target: to.target, focus: 'eu-west-1' });
  });

  test('once: two playbooks that point at each other do not play ping-pong', () => {
    const story = new Story();
    story.handOver = to;
    story.alert('firing', { playbook: 'triage' });
    for (let step = 0; step < 6; step++) {
      const effect = story.due().find((one) => one.is === 'number' || one.is === 'look');
      if (effect === undefined) break;
      story.handOver = story.state.subject.playbook === 'triage' ? to : { ...to, playbook: 'triage' };
      story.perform(effect);
    }
    expect(story.log.filter((line) => line.includes('hands over'))).toEqual([
      'round 2 (triage hands over to gpu-memory)',
    ]);
    expect(story.state.round?.finishedAt).not.toBeNull();
  });
});

describe('after it was closed', () => {
  const closed = (): Story => {
    const story = waiting();
    story.press('sana', 'approve', 'p1');
    story.run();
    story.alert('resolved');
    story.runFor(3_600_000);
    expect(story.state.closed?.how).toBe('fixed');
    return story;
  };

  test('nothing is owed any more', () => {
    const story = closed();
    expect(story.due()).toEqual([]);
    story.wait(86_400_000);
    expect(story.due()).toEqual([]);
  });

  test('an alert that fires again reopens it, and what was proposed before is proposed anew', () => {
    const story = closed();
    story.broken.add('eu-west-1');
    story.alert('firing', { startsAt: '2026-03-02T05:00:00.000Z' });
    expect(story.state.closed).toBeNull();
    story.run();
    expect(story.proposals).toBe('p1 verified, p2 open');
  });

  test('its sender called it over, and it fires again with the same start: it is open again, and stays so', () => {
    const story = closed();
    const { startsAt } = Object.values(story.state.alerts)[0] ?? { startsAt: '' };
    story.alert('firing', { startsAt });
    expect(story.state.closed).toBeNull();
    expect(story.log).toContain('reopened');
    story.runFor(60 * 60_000);
    expect(story.state.closed).toBeNull();
    expect(story.state.quiet.because).toBe('KubeDeploymentRolloutStuck still firing');
    story.alert('resolved', { startsAt });
    story.runFor(60 * 60_000);
    expect(story.state.closed).not.toBeNull();
  });

  test('a late resolved is noted and reopens nothing', () => {
    const story = closed();
    story.alert('resolved', { startsAt: '2026-03-02T05:00:00.000Z' });
    expect(story.state.closed).not.toBeNull();
    expect(story.due()).toEqual([]);
  });

  test('its undo, approved within the hour, opens it again; what is found then is said', () => {
    const story = waiting({ quietMs: 60_000 });
    story.press('sana', 'approve', 'p1');
    story.run();
    story.alert('resolved');
    story.runFor(10 * 60_000);
    expect(story.state.closed?.how).toBe('fixed');
    story.press('ben', 'undo');
    story.run();
    expect(story.proposals).toBe('p1 verified, p2 open');
    expect(story.state.closed).not.toBeNull();
    story.cures = false;
    for (const who of ['carla', 'dora']) story.press(who, 'approve', 'p2');
    expect(story.state.closed).toBeNull();
    story.broken.add('eu-west-1');
    story.run();
    expect(story.proposals).toBe('p1 verified, p2 verified, p3 open');
    expect(story.log.at(-1)).toBe('proposed p3');
  });
});
