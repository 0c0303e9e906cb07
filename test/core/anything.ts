import * as fc from 'fast-check';
import type { Command } from '../../src/core/incident/commands.ts';
import { INCIDENT_LIFE, PROPOSAL_LIFE, incidentStage, proposalStage } from '../../src/core/incident/lifecycle.ts';
import type { LifeStep } from '../../src/core/incident/lifecycle.ts';
import { next } from '../../src/core/incident/state.ts';
import type { Press } from '../../src/core/message.ts';
import { needFor } from '../../src/core/policy.ts';
import { people } from './people.ts';
import { Story, hurt } from './story.ts';
import { offer, regions } from './things.ts';

/** Whatever people, alerts and the world may do, and a story that watches itself while it happens. */

const who = fc.constantFrom(...Object.keys(people), 'nobody');
const press = fc.constantFrom<Press['does']>(
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
export type Move = (story: Story) => void;

const approvals = fc
  .record({
    by: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('sana', 'ben', 'carla', 'dora') },
      { weight: 1, arbitrary: who },
    ),
    does: fc.constantFrom<Press['does']>('approve', 'approve', 'approve', 'break-glass'),
    back: fc.nat({ max: 2 }),
    reason: fc.constantFrom('', 'nobody else is awake'),
    forged: fc.constantFrom(false, false, false, true),
  })
  .map(({ by, does, back, reason, forged }): Move => (story) => {
    const id = story.state.proposals.at(-1 - back)?.id ?? 'p9';
    story.press(by, does, id, forged ? { reason, digest: 'x' } : { reason });
  });
const clicks = fc.tuple(who, press, fc.boolean()).map(
  ([by, does, all]): Move =>
    (story) =>
      void story.press(by, does, all ? undefined : story.state.proposals.at(-1)?.id),
);
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
  fc.tuple(who, fc.constantFrom('scale to 14', 'scale to 16', 'rollback'), fc.boolean()).map(
    ([by, what, both]): Move =>
      (s) =>
        void s.change(by, what, both ? { regions: [...regions] } : {}),
  ),
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
export const begin: Move = (s) => {
  s.alert();
  s.run();
};
export const moves = fc
  .tuple(
    fc.constantFrom<readonly Move[]>([], [begin], [begin], [begin]),
    fc.array(
      fc.oneof(
        { weight: 3, arbitrary: approvals },
        { weight: 1, arbitrary: clicks },
        { weight: 2, arbitrary: world },
        { weight: 4, arbitrary: happenings },
      ),
      { maxLength: 40 },
    ),
  )
  .map(([first, rest]) => [...first, ...rest]);

function seen<S>(steps: readonly LifeStep<S>[], from: S, on: string, to: S): boolean {
  return steps.some((step) => step.from === from && step.on === on && step.to === to);
}

/** They speak of a proposal and leave it as it is. */
const BESIDE: ReadonlySet<string> = new Set(['undo-asked', 'undo-over', 'reminded']);

/** Tells every step of every proposal and of the incident. */
export class Watched extends Story {
  readonly steps = new Set<string>();
  override tell(command: Command): ReturnType<Story['tell']> {
    const before = this.state;
    const decision = super.tell(command);
    let state = before;
    for (const event of decision.events) {
      const after = next(state, event, this.at);
      if ('proposal' in event && !BESIDE.has(event.is)) {
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
