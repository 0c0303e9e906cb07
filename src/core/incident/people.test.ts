import { describe, expect, test } from 'vitest';
import { Story, waiting } from '../../../test/core/story.ts';
import { offer } from '../../../test/core/things.ts';

/** Who presses what, and what comes of it. */

describe('no answer, no, not now, I am on it', () => {
  test('nobody decides: it expires on its own, and Ask again proposes anew', () => {
    const story = waiting();
    story.runFor(31 * 60_000);
    expect(story.get('p1').ended).toMatchObject({ how: 'expired', because: 'nobody decided in time' });
    expect(story.press('sana', 'approve', 'p1')).toMatch(/^Too late: this was expired/);
    story.press('sana', 'ask-again', 'p1');
    story.run();
    expect(story.proposals).toBe('p1 expired, p2 open');
  });

  test('a click at the very moment of expiry does not count', () => {
    const story = waiting();
    story.wait(30 * 60_000);
    expect(story.press('sana', 'approve', 'p1')).toMatch(/^It expired at \d\d:\d\d UTC\. Press "Ask again"/);
    expect(story.proposals).toBe('p1 expired');
  });

  test('Ask again is not lost when a round is under way already', () => {
    const story = waiting();
    story.press('ben', 'deny', 'p1', { reason: 'no' });
    story.wait(60_000);
    story.tell({ is: 'tick' });
    expect(story.state.round?.finishedAt).toBeNull();
    story.press('sana', 'ask-again', 'p1');
    story.run();
    expect(story.proposals).toBe('p1 denied, p2 open');
  });

  test('denied, and not now: not proposed again by itself', () => {
    for (const does of ['deny', 'not-now'] as const) {
      const story = waiting();
      story.press('ben', does, 'p1', { reason: 'no' });
      story.runFor(3_600_000);
      expect(story.proposals).toBe('p1 denied');
      expect(story.press('ben', does, 'p1')).toBe('There is no open proposal any more.');
    }
  });

  test('a bystander ends no proposal for those who may approve it', () => {
    for (const does of ['deny', 'not-now'] as const) {
      const story = waiting();
      expect(story.press('noah', does, 'p1', { reason: 'no' })).toBe(
        'Not done: you are not in @ml-oncall or @ml-approvers. Only who may approve it, or is on call, puts it aside.',
      );
      expect(story.press('dora', does, 'p1', { reason: 'no' })).toMatch(/^Not done: you are not in/);
      expect(story.proposals).toBe('p1 open');
    }
  });

  test('who is on it approves, puts aside; others are told who it is, until they take it over', () => {
    const story = waiting();
    story.press('carla', 'mine');
    for (const does of ['approve', 'not-now'] as const)
      expect(story.press('sana', does, 'p1')).toMatch(
        /@carla is on it, so my proposals wait\. Ask, or press "Take over"/,
      );
    story.press('sana', 'mine');
    expect(story.state.onIt).toBe('sana');
    expect(story.log.at(-1)).toBe('note: took it over');
    expect(story.press('carla', 'approve', 'p1')).toMatch(/^@sana is on it/);
    story.press('sana', 'approve', 'p1');
    expect(story.proposals).toBe('p1 granted');
  });

  test('two are needed and one of them is on it: his vote lets the other follow', () => {
    const story = waiting({}, (one) => {
      one.offers = [offer({ risk: 'high' })];
    });
    story.press('carla', 'mine');
    expect(story.press('ben', 'approve', 'p1')).toMatch(/^@carla is on it/);
    story.press('carla', 'approve', 'p1');
    story.press('ben', 'approve', 'p1');
    expect(story.proposals).toBe('p1 granted');
  });

  test('I am on it: proposals wait, watching goes on; a second click of the same person changes nothing', () => {
    const story = waiting();
    story.press('carla', 'mine');
    story.press('carla', 'mine');
    expect(story.state.onIt).toBe('carla');
    expect(story.press('sana', 'approve', 'p1')).toMatch(/^@carla is on it, so my proposals wait/);
    story.runFor(120_000);
    expect(story.log.at(-1)).toMatch(/^looked at eu-west-1/);
    story.press('carla', 'hand-back');
    expect(story.state.onIt).toBeNull();
    story.press('sana', 'approve', 'p1');
    expect(story.proposals).toBe('p1 granted');
  });

  test('a bystander cannot take it and so lock out who may approve', () => {
    const story = waiting();
    expect(story.press('noah', 'mine')).toMatch(/^Not done: you are not in @ml-oncall or @ml-approvers/);
    expect(story.state.onIt).toBeNull();
    story.press('sana', 'approve', 'p1');
    expect(story.proposals).toBe('p1 granted');
  });

  test('a colleague who may take it may free it; a bystander may not', () => {
    const story = waiting();
    story.press('carla', 'mine');
    expect(story.press('noah', 'hand-back')).toMatch(/^Not done: you are not in/);
    expect(story.state.onIt).toBe('carla');
    story.press('sana', 'hand-back');
    expect(story.state.onIt).toBeNull();
  });

  test('small buttons too are only for members', () => {
    for (const who of ['guest', 'partner', 'left', 'robot', 'nobody'])
      for (const does of ['deny', 'not-now', 'mine', 'hand-back', 'stop', 'again', 'undo', 'right-cause'] as const) {
        const story = waiting();
        const before = story.log.length;
        expect([who, does, story.press(who, does, 'p1')]).not.toContain('');
        expect([who, does, ...story.log.slice(before)]).toEqual([who, does]);
      }
  });

  test('right cause, wrong cause: the last word of each person counts', () => {
    const story = waiting();
    story.press('noah', 'right-cause');
    story.press('noah', 'wrong-cause');
    expect(story.state.judged).toEqual([{ who: 'noah', right: false }]);
  });
});

describe('stop', () => {
  test('ends what is open, and nothing begins by itself', () => {
    const story = waiting();
    story.press('noah', 'stop');
    expect(story.proposals).toBe('p1 stopped');
    expect(story.due()).toEqual([]);
    story.runFor(3_600_000);
    expect(story.log.at(-1)).toBe('note: stopped this incident');
    story.press('sana', 'again');
    story.run();
    expect(story.proposals).toBe('p1 stopped, p2 open');
  });

  test('ends what was granted and not begun', () => {
    const story = waiting();
    story.press('sana', 'approve', 'p1');
    story.press('noah', 'stop');
    story.run();
    expect(story.get('p1').ended?.because).toBe('stopped before it began');
    expect(story.log).not.toContain('acting p1');
  });

  test('a change under way is followed to its end, and the incident stays stopped', () => {
    const story = waiting();
    story.write = 'unknown';
    story.press('sana', 'approve', 'p1');
    story.run();
    story.press('noah', 'stop');
    story.runFor(30 * 60_000);
    expect(story.proposals).toBe('p1 verified');
    expect(story.state.stopped).toBe('noah');
    expect(story.log.filter((line) => line.startsWith('round'))).toHaveLength(1);
  });

  test('what did not arrive is not tried again after a stop', () => {
    const story = waiting();
    story.write = 'unknown';
    story.cures = false;
    story.press('sana', 'approve', 'p1');
    story.run();
    story.press('noah', 'stop');
    story.runFor(30 * 60_000);
    expect(story.get('p1')).toMatchObject({ attempts: 1, ended: { how: 'stopped' } });
  });

  test('worse after a stop is not taken back by itself: it says that Undo is there', () => {
    const story = waiting();
    story.verdict = 'worse';
    story.press('sana', 'approve', 'p1');
    story.step();
    story.press('noah', 'stop');
    story.run();
    expect(story.proposals).toBe('p1 made worse');
    expect(story.log.at(-1)).toMatch(
      /^note: The rollback in eu-west-1 made it worse .* I do not take it back by myself: press Undo/,
    );
    story.press('sana', 'undo');
    story.verdict = 'yes';
    story.run();
    expect(story.proposals).toBe('p1 made worse, p2 open');
    story.press('sana', 'approve', 'p2');
    story.run();
    expect(story.proposals).toBe('p1 made worse, p2 verified');
  });

  test('an offer that was being prepared at that moment is not proposed any more', () => {
    const story = new Story();
    story.alert();
    for (const id of ['number', 'look/1/us-east-1', 'look/1/eu-west-1']) story.step(id);
    const late = story.prepared(1, 'eu-west-1', null, offer());
    story.press('noah', 'stop');
    story.tell(late);
    expect(story.proposals).toBe('');
  });

  test('the kill switch ends what was granted and not begun', () => {
    const story = waiting();
    story.press('sana', 'approve', 'p1');
    story.killSwitch = 'ben';
    story.tell({ is: 'refresh' });
    expect(story.proposals).toBe('p1 stopped');
  });

  test('the kill switch is asked once more right before the write', () => {
    const story = waiting();
    story.press('sana', 'approve', 'p1');
    story.killSwitch = 'ben';
    story.run();
    expect(story.get('p1').ended?.because).toBe('stopped before it was done');
    expect(story.log).not.toContain('acting p1');
  });
});

describe('Undo', () => {
  const fixed = (): Story => {
    const story = waiting();
    story.press('sana', 'approve', 'p1');
    story.run();
    return story;
  };

  test('is prepared, shown and approved by two others: it brings back what was found', () => {
    const story = fixed();
    expect(story.press('ben', 'undo')).toMatch(/^I prepare the undo/);
    story.run();
    expect(story.get('p2')).toMatchObject({ stage: 'open', undoOf: 'p1', votes: [], requester: 'ben' });
    expect(story.get('p2').offer.risk).toBe('high');
    expect(story.press('ben', 'undo')).toBe('There is nothing to undo any more.');
    expect(story.press('ben', 'approve', 'p2')).toMatch(/^Not counted: you asked for it: it needs 2 other people/);
    expect(story.press('carla', 'approve', 'p2')).toMatch(/^Counted\. 1 more/);
    story.press('dora', 'approve', 'p2');
    story.run();
    expect(story.proposals).toMatch(/^p1 verified, p2 verified/);
  });

  test('only who may approve it asks for it', () => {
    const story = fixed();
    expect(story.press('noah', 'undo')).toBe(
      'Not done: you are not in @ml-leads or @ml-approvers. This undo is of high risk, since it brings back image v2.4.1 not found.',
    );
    story.run();
    expect(story.proposals).toBe('p1 verified');
  });

  test('who opened the incident is no party to its undo', () => {
    const story = new Story();
    story.ask('dora');
    story.run();
    story.press('sana', 'approve', 'p1');
    story.run();
    story.press('ben', 'undo');
    story.run();
    for (const who of ['dora', 'carla']) story.press(who, 'approve', 'p2');
    expect(story.get('p2').stage).toBe('granted');
  });

  test('is offered for an hour', () => {
    const story = fixed();
    story.wait(3_600_000);
    expect(story.press('ben', 'undo')).toMatch(/^Too late: undo was offered until/);
    story.run();
    expect(story.proposals).not.toContain('p2');
  });

  test('of what cannot be undone, or when nothing was done', () => {
    expect(waiting().press('ben', 'undo')).toBe('There is nothing to undo any more.');
    const story = waiting({}, (one) => {
      one.offers = [offer({ undo: { impossible: 'a restart cannot be taken back' } })];
    });
    story.press('sana', 'approve', 'p1');
    story.run();
    expect(story.press('ben', 'undo')).toBe('There is nothing to undo any more.');
  });

  test('approved while the change is still being verified does not wait for that', () => {
    const story = waiting();
    story.verdict = 'not yet';
    story.press('sana', 'approve', 'p1');
    story.step();
    story.press('sana', 'undo');
    story.step('prepare-undo');
    for (const who of ['ben', 'carla']) story.press(who, 'approve', 'p2');
    expect(story.get('p1').ended).toMatchObject({ how: 'not verified', because: 'its undo was approved first' });
    story.verdict = 'yes';
    story.run();
    expect(story.get('p2').ended?.how).toBe('verified');
  });

  test('that does not fit any more is prepared anew, not forgotten', () => {
    const story = fixed();
    story.press('ben', 'undo');
    story.run();
    story.now = { ...story.fitting(story.get('p2')), state: 'template C' };
    story.press('carla', 'approve', 'p2');
    story.now = null;
    story.run();
    expect(story.proposals).toBe('p1 verified, p2 superseded, p3 open');
    expect(story.get('p3')).toMatchObject({ undoOf: 'p1', requester: 'ben' });
  });

  test('that cannot be prepared is said once and not tried for ever', () => {
    const story = fixed();
    story.refuses = 'the old image is gone';
    story.press('ben', 'undo');
    story.run();
    expect(story.state.timeline.at(-1)?.what).toBe(
      'The rollback in eu-west-1 cannot be taken back: the old image is gone',
    );
    expect(story.due()).toEqual([]);
  });
});
