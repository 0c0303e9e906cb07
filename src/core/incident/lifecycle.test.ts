import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { people } from '../../../test/core/people.ts';
import { Story, hurt } from '../../../test/core/story.ts';
import { alertOf, offer, regions, subject } from '../../../test/core/things.ts';
import type { Press } from '../message.ts';
import { needFor } from '../policy.ts';
import type { Command } from './commands.ts';
import { INCIDENT_LIFE, PROPOSAL_LIFE, incidentStage, proposalStage } from './lifecycle.ts';
import type { LifeStep } from './lifecycle.ts';
import { pending } from './pending.ts';
import { EMPTY, next } from './state.ts';

/** Whatever happens in whatever order: nothing is changed without its approvals, and everything comes to rest. */

const who = fc.constantFrom(...Object.keys(people), 'nobody');
const proposal = fc.constantFrom('p1', 'p2', 'p3', 'p9', undefined);
const press = fc.constantFrom<Press['does']>(
  'approve',
  'approve',
  'approve',
  'break-glass',
  'deny',
  'not-now',
  'ask-again',
  'mine',
  'hand-back',
  'undo',
  'stop',
  'again',
  'wrong-cause',
);
type Move = (story: Story) => void;

const clicks = fc
  .tuple(who, press, proposal, fc.constantFrom('', 'nobody else is awake'), fc.constantFrom(undefined, undefined, 'x'))
  .map(([by, does, id, reason, digest]): Move => (story) => {
    story.press(by, does, id, digest === undefined ? { reason } : { reason, digest });
  });
const world = fc.oneof(
  fc.constantFrom('done', 'failed', 'overtaken', 'unknown').map(
    (write): Move =>
      (s) =>
        void (s.write = write),
  ),
  fc.constantFrom('yes', 'not yet', 'no', 'worse').map(
    (verdict): Move =>
      (s) =>
        void (s.verdict = verdict),
  ),
  fc.boolean().map(
    (cures): Move =>
      (s) =>
        void (s.cures = cures),
  ),
  fc.boolean().map(
    (on): Move =>
      (s) =>
        void (s.killSwitch = on ? 'ben' : null),
  ),
  fc.boolean().map(
    (bad): Move =>
      (s) =>
        void (s.users.after = bad ? hurt : s.users.before),
  ),
  fc.constantFrom('low', 'medium', 'high').map(
    (risk): Move =>
      (s) =>
        void (s.offers = [offer({ risk })]),
  ),
  fc.constantFrom(...regions).map(
    (region): Move =>
      (s) =>
        void (s.broken.has(region) ? s.broken.delete(region) : s.broken.add(region)),
  ),
  fc.constantFrom(...regions).map(
    (region): Move =>
      (s) =>
        void (s.dark.has(region) ? s.dark.delete(region) : s.dark.add(region)),
  ),
  fc.constantFrom(null, null, 'refused').map(
    (no): Move =>
      (s) =>
        void (s.refuses = no),
  ),
  fc.boolean().map((moved): Move => (s) => {
    const one = s.state.proposals.at(-1);
    s.now = moved && one !== undefined ? { ...s.fitting(one), state: 'template B' } : null;
  }),
);
const happenings = fc.oneof(
  fc.constantFrom('firing', 'resolved').map(
    (status): Move =>
      (s) =>
        void s.alert(status, { startsAt: s.at }),
  ),
  fc.constant<Move>((s) => void s.ask('ben')),
  fc.constant<Move>((s) => void s.tell({ is: 'tick' })),
  fc.constant<Move>((s) => void s.tell({ is: 'refresh' })),
  fc.integer({ min: 1, max: 3_600_000 }).map(
    (ms): Move =>
      (s) =>
        s.wait(ms),
  ),
  fc.constant<Move>((s) => {
    if (s.due().length > 0) s.step();
  }),
  fc.constant<Move>((s) => s.run(2_000)),
);
const moves = fc.array(
  fc.oneof({ weight: 3, arbitrary: clicks }, { weight: 1, arbitrary: world }, { weight: 3, arbitrary: happenings }),
  { maxLength: 40 },
);

function seen<S>(steps: readonly LifeStep<S>[], from: S, on: string, to: S): boolean {
  return steps.some((step) => step.from === from && step.on === on && step.to === to);
}

/** Tells every step of every proposal and of the incident. */
class Watched extends Story {
  readonly steps = new Set<string>();
  override tell(command: Command): ReturnType<Story['tell']> {
    const before = this.state;
    const decision = super.tell(command);
    let state = before;
    for (const event of decision.events) {
      const after = next(state, event, this.at);
      if ('proposal' in event && event.is !== 'undo-asked') {
        const [from, to] = [state, after].map((s) =>
          proposalStage(s.proposals.find((one) => one.id === event.proposal)),
        );
        if (from === undefined || to === undefined || !seen(PROPOSAL_LIFE, from, event.is, to))
          throw new Error(`not in the table: proposal ${from} —${event.is}→ ${to}`);
        this.steps.add(`${from} ${event.is} ${to}`);
      }
      const [from, to] = [incidentStage(state), incidentStage(after)];
      if (from !== to || INCIDENT_LIFE.some((step) => step.on === event.is)) {
        if (!seen(INCIDENT_LIFE, from, event.is, to))
          throw new Error(`not in the table: incident ${from} —${event.is}→ ${to}`);
        this.steps.add(`${from} ${event.is} ${to}`);
      }
      if (event.is === 'acting') this.judgeAct(event.proposal);
      state = after;
    }
    return decision;
  }

  /** Who acts must have enough distinct valid votes for exactly this plan. */
  judgeAct(id: string): void {
    const one = this.get(id);
    const voters = [...new Set(one.votes.map((vote) => vote.by))];
    if (voters.length !== one.votes.length) throw new Error(`${id}: somebody was counted twice`);
    for (const voter of voters) {
      const person = people[voter];
      if (
        person === undefined ||
        !person.active ||
        person.guest ||
        person.external ||
        person.bot ||
        person.groups.length === 0
      )
        throw new Error(`${id}: ${voter} may not approve`);
    }
    const glass = one.votes.some((vote) => vote.by === 'sana' && (vote.reason ?? '').length >= 10);
    if (one.offer.risk === 'high' && !glass && one.undoOf === null) {
      if (voters.length < needFor(this.rules.policy, 'high')) throw new Error(`${id}: high risk by ${voters.join()}`);
      if (voters.includes('sana')) throw new Error(`${id}: on call is not enough for high risk`);
      if (this.state.by.is === 'person' && voters.includes(this.state.by.id))
        throw new Error(`${id}: approved by who asked`);
    }
    if (voters.length === 0) throw new Error(`${id}: nobody approved`);
    if (this.killSwitch !== null) throw new Error(`${id}: begins while everything is stopped`);
    const under = this.state.proposals.filter((p) => p.stage === 'acting' || p.stage === 'watching');
    if (under.length > 1) throw new Error(`two changes at once: ${under.map((p) => p.id).join()}`);
  }
}

const everything = new Set<string>();
const play = (list: readonly Move[]): Watched => {
  const story = new Watched();
  for (const move of list) {
    move(story);
    const ids = pending(story.state, story.at, story.rules).map((effect) => effect.id);
    expect(new Set(ids).size).toBe(ids.length);
  }
  for (const step of story.steps) everything.add(step);
  return story;
};

describe('whatever people, alerts and the world do, in any order', () => {
  test('no change without its approvals, one at a time; every step is in the table; effects have one id each', () => {
    fc.assert(
      fc.property(moves, (list) => void play(list)),
      { numRuns: 2_000 },
    );
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
    const rows = [...PROPOSAL_LIFE, ...INCIDENT_LIFE].map(({ from, on, to }) => `${from} ${on} ${to}`);
    const story = new Watched();
    story.alert();
    story.run();
    story.press('sana', 'approve', 'p1');
    story.tell({ is: 'cannot-act', proposal: 'p1', because: 'not readable' });
    for (const step of story.steps) everything.add(step);
    expect(rows.filter((row) => !everything.has(row))).toEqual([]);
  });
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
