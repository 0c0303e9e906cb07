import { describe, expect, test } from 'vitest';
import { Story, waiting } from '../../../test/core/story.ts';

/** One thread: one workload, one fault. */

const OTHER = 'secret vector-db missing';

describe('another region with another fault', () => {
  function two(): Story {
    const story = new Story();
    story.broken.add('us-east-1');
    story.faults.set('us-east-1', OTHER);
    story.alert();
    story.run();
    return story;
  }

  test('gets a thread of its own, once, when every region has answered', () => {
    const story = two();
    expect(story.log.filter((one) => one === 'branched')).toHaveLength(1);
    expect(story.log.indexOf('branched')).toBeGreaterThan(story.log.indexOf('looked at eu-west-1'));
    story.runFor(600_000);
    expect(story.log.filter((one) => one === 'branched')).toHaveLength(1);
  });

  test('is offered nothing here, and does not keep this thread open', () => {
    const story = two();
    expect(story.state.proposals.map((one) => one.region)).toEqual(['eu-west-1']);
    expect(Object.keys(story.state.worst)).toEqual(['eu-west-1']);
    story.broken.delete('eu-west-1');
    story.alert('resolved');
    story.runFor(2 * 3_600_000);
    expect(story.state.closed?.how).toBe('over by itself or by hand');
  });

  test('comes back later: another thread', () => {
    const story = two();
    story.runFor(60_000);
    story.broken.delete('us-east-1');
    story.others.clear();
    story.runFor(60_000);
    story.broken.add('us-east-1');
    story.runFor(60_000);
    expect(story.log.filter((one) => one === 'branched')).toHaveLength(2);
  });
});

test('the same fault in another region is part of this one, whichever answers first', () => {
  const story = new Story();
  story.broken.add('us-east-1');
  story.alert();
  story.step('look/1/us-east-1');
  expect(story.proposals).toBe('');
  story.run();
  expect(story.state.proposals.map((one) => one.region).toSorted()).toEqual(['eu-west-1', 'us-east-1']);
  expect(story.log).not.toContain('branched');
});

test('counts of pods do not make another fault of it; another version does', () => {
  for (const [fault, threads] of [
    ['2 of 12 pods not ready', 0],
    ['image v2.4.2 not found', 1],
  ] as const) {
    const story = new Story();
    story.broken.add('us-east-1');
    story.faults.set('eu-west-1', threads === 0 ? '3 of 12 pods not ready' : 'image v2.4.1 not found');
    story.faults.set('us-east-1', fault);
    story.alert();
    story.run();
    expect(story.log.filter((one) => one === 'branched')).toHaveLength(threads);
  }
});

test('nobody named a region: what is seen first is this one, and what is dark only where nothing else is', () => {
  const story = new Story();
  story.broken.add('us-east-1');
  story.faults.set('us-east-1', OTHER);
  const { subject } = story.askAll();
  expect(subject.focus).toBeNull();
  story.run();
  expect(story.state.home).toBe('us-east-1');
  expect(story.state.proposals.map((one) => one.region)).toEqual(['us-east-1']);
});

describe('what another incident answers for', () => {
  test('a question is answered by naming it, and gets neither number nor proposal', () => {
    const story = new Story();
    story.others.set('eu-west-1', 7);
    story.ask();
    story.run();
    expect(story.state.closed?.how).toBe('INC-7 answers for it');
    expect(story.state.number).toBeNull();
    expect(story.proposals).toBe('');
  });

  test('with an alert of its own it stays open without an offer, and offers when the other is gone', () => {
    const story = new Story();
    story.others.set('eu-west-1', 7);
    story.alert();
    story.run();
    expect(story.proposals).toBe('');
    expect(story.state.closed).toBeNull();
    story.others.clear();
    story.runFor(120_000);
    expect(story.proposals).toBe('p1 open');
  });

  test('an offer that turns out to be the other one is withdrawn, and a click on it refused', () => {
    const story = waiting();
    story.others.set('eu-west-1', 7);
    story.runFor(60_000);
    expect(story.get('p1').ended).toMatchObject({ how: 'withdrawn', because: 'INC-7 offers it' });
    expect(story.press('ben', 'approve', 'p1')).toMatch(/INC-7 offers it/);
  });
});

test('another playbook asks other questions: which regions share the fault is seen anew', () => {
  const story = new Story();
  story.broken.add('us-east-1');
  story.alert('firing', { playbook: 'triage' });
  story.handOver = { playbook: 'rollout-stuck', target: { namespace: 'ml-platform', name: 'model-server' } };
  story.run();
  expect(story.state.subject.playbook).toBe('rollout-stuck');
  expect(Object.keys(story.state.worst).toSorted()).toEqual(['eu-west-1', 'us-east-1']);
  expect(new Set(story.state.proposals.map((one) => one.region)).size).toBe(2);
});
