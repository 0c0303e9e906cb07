import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Watched, begin, moves } from '../../../test/core/anything.ts';
import type { Move } from '../../../test/core/anything.ts';
import { hurt } from '../../../test/core/story.ts';
import { alertOf, offer, subject } from '../../../test/core/things.ts';
import { INCIDENT_LIFE, PROPOSAL_LIFE } from './lifecycle.ts';
import { pending } from './pending.ts';
import { EMPTY, next } from './state.ts';

/** Whatever happens in whatever order: nothing is changed without its approvals, and everything comes to rest. */

const approve: Move = (s) => void s.press('sana', 'approve', 'p1');
const lost: Move = (s) => {
  Object.assign(s, { write: 'unknown', cures: false });
  approve(s);
  s.run();
};
const changed: Move = (s) => void (s.now = { ...s.fitting(s.get('p1')), state: 'template B' });

/** Short ones that between them take every step of the table. */
const tales: readonly Move[] = [
  (s) => {
    approve(s);
    s.run();
    s.alert('resolved');
    s.runFor(3_600_000);
    s.press('sana', 'again');
  },
  (s) => {
    s.press('ben', 'deny', 'p1');
    s.offers = [offer({ risk: 'high' })];
    s.press('ben', 'ask-again');
    s.run();
    s.press('ben', 'approve', 'p2');
  },
  (s) => s.runFor(1_900_000),
  (s) => {
    s.broken.clear();
    s.alert('resolved');
    s.run();
  },
  (s) => {
    changed(s);
    approve(s);
  },
  (s) => {
    s.press('ben', 'stop');
    s.press('ben', 'stop');
    s.press('ben', 'again');
  },
  (s) => {
    approve(s);
    changed(s);
    s.run();
  },
  (s) => {
    approve(s);
    s.tell({ is: 'cannot-act', proposal: 'p1', because: 'not readable' });
  },
  (s) => {
    approve(s);
    s.press('ben', 'stop');
  },
  (s) => {
    lost(s);
    s.runFor(60_000);
  },
  (s) => {
    lost(s);
    s.press('ben', 'stop');
    s.runFor(60_000);
  },
  (s) => {
    approve(s);
    s.tell({ is: 'held', proposal: 'p1', by: 'INC-7' });
    s.run();
  },
  (s) => {
    s.write = 'overtaken';
    approve(s);
    s.run();
  },
  (s) => {
    s.verdict = 'no';
    approve(s);
    s.run();
  },
  (s) => {
    s.verdict = 'worse';
    approve(s);
    s.run();
  },
];

const play = (list: readonly Move[]): Watched => {
  const story = new Watched();
  for (const move of list) {
    move(story);
    const ids = pending(story.state, story.at, story.rules).map((effect) => effect.id);
    expect(new Set(ids).size).toBe(ids.length);
  }
  return story;
};

describe('whatever people, alerts and the world do, in any order', () => {
  test('no change without its approvals, one at a time; every step is in the table; effects have one id each', () => {
    const all = fc.property(moves, (list) => void play(list));
    expect(() => fc.assert(all, { numRuns: 3_000 })).not.toThrow();
  });

  test('left alone, it comes to rest: nothing is due for ever', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const story = play(list);
        story.killSwitch = null;
        story.now = null;
        story.run(5_000);
        expect(story.due()).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('and when all is well again, it closes', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const story = play([(s) => void s.alert(), ...list]);
        Object.assign(story, { killSwitch: null, now: null, write: 'done', cures: true, verdict: 'yes' });
        story.users.after = story.users.before;
        story.dark.clear();
        story.broken.clear();
        story.alert('resolved', { startsAt: story.at });
        if (story.state.stopped !== null) story.press('sana', 'again');
        story.runFor(4 * 3_600_000);
        expect(story.state.closed).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test('every step of the table can be taken', () => {
    const taken = new Set<string>();
    for (const tale of tales) {
      const story = new Watched();
      begin(story);
      tale(story);
      for (const step of story.steps) taken.add(step);
    }
    const rows = [...PROPOSAL_LIFE, ...INCIDENT_LIFE].map(({ from, on, to }) => `${from} ${on} ${to}`);
    expect(rows.filter((row) => !taken.has(row))).toEqual([]);
  });
});

test('nobody closes a thread while a change is about to be taken back', () => {
  const story = new Watched();
  story.change('sana', 'scale to 14');
  story.run();
  story.verdict = 'worse';
  story.press('sana', 'approve', 'p2');
  // What the thread asked for is over, and well; its undo is not prepared yet.
  for (let step = 0; story.state.undoAsked.length === 0 && step < 20; step += 1) story.step();
  story.step('look/');
  expect(story.state).toMatchObject({ undoAsked: ['p2'], closed: null });
  story.tell({ is: 'handle', by: 'sana', what: { does: 'resolve', why: '' } });
  expect(story.told['sana']?.at(-1)).toMatch(/A change is under way/);
  story.run();
  expect(story.proposals).toMatch(/p3 made worse/);
  expect(story.state).toMatchObject({ undoAsked: [] });
});

test('any event at any time is folded without an error', () => {
  const event = fc.oneof(
    fc.record({
      is: fc.constant('voted' as const),
      proposal: fc.constant('p1'),
      vote: fc.constant({ by: 'a', at: '', reason: null }),
    }),
    fc.record({ is: fc.constant('granted' as const), proposal: fc.constant('p1') }),
    fc.record({
      is: fc.constant('acted' as const),
      proposal: fc.constant('p1'),
      attempt: fc.nat(),
      outcome: fc.constant({ is: 'done', how: 'did it' } as const),
    }),
    fc.record({ is: fc.constant('closed' as const), how: fc.string(), audit: fc.constant(null) }),
    fc.record({
      is: fc.constant('looked-same' as const),
      round: fc.nat(),
      region: fc.string(),
      impact: fc.constant(hurt),
    }),
    fc.record({ is: fc.constant('alerted' as const), alert: fc.constant(alertOf('firing')) }),
    fc.record({
      is: fc.constant('round-began' as const),
      round: fc.nat(),
      why: fc.string(),
      subject: fc.constant(subject),
    }),
    fc.record({ is: fc.constant('undo-asked' as const), proposal: fc.string(), by: fc.string() }),
  );
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const state = events.reduce((s, e) => next(s, e, '2026-03-02T02:16:00.000Z'), EMPTY);
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }),
  );
});
