import type { Verdict } from '../contract.ts';
import type { Offer, RegionDiagnosis } from '../diagnose.ts';
import type { Impact } from '../impact.ts';
import type { ActOutcome, Approvers, Ended, Event, Observed, Vote } from './events.ts';

/** One proposal, from the first card to its end. */

/** The plan for one region of several that one approval binds. */
export interface Part {
  readonly region: string;
  readonly offer: Offer;
  readonly digest: string;
  readonly state: string;
  readonly rehearsal: readonly string[];
  readonly noPreview: string | null;
}

export interface Proposal {
  readonly id: string;
  readonly region: string;
  readonly offer: Offer;
  readonly digest: string;
  readonly state: string;
  readonly rehearsal: readonly string[];
  readonly noPreview: string | null;
  /** What the same approval lets follow it, in this order, each when the one before is verified. Absent: nothing. */
  readonly list?: readonly Part[];
  readonly proposedAt: string;
  /** When its plan was made and rehearsed, where that was before it was its turn. Absent: when it was proposed. */
  readonly plannedAt?: string;
  readonly expiresAt: string;
  readonly undoOf: string | null;
  /** Who asked for it, where it is an undo (`mlp-bot`: it made things worse) or a change by command. Null: a fix of its own, or not known. */
  readonly requester: string | null;
  /** The change that a person asked for; null: found by a check, or an undo. */
  readonly change: string | null;
  /** Whose remedy it is; null: of the thread's own playbook. */
  readonly playbook: string | null;
  /** What was found in its region when it was proposed, in short: what an undo of it brings back. */
  readonly cause: string | null;
  readonly may: Approvers;
  readonly votes: readonly Vote[];
  /** open → granted → acting → watching → over; every stage may end early. */
  readonly stage: 'open' | 'granted' | 'acting' | 'watching' | 'over';
  readonly grantedAt: string | null;
  /** Granted, and another incident changes the same target: which. Null: it waits for nobody. */
  readonly waitsFor: string | null;
  readonly attempt: Attempt | null;
  readonly attempts: number;
  readonly actedAt: string | null;
  /** What was still found in its region when it was written, in short. Absent: nothing was. */
  readonly amid?: string;
  readonly watch: Watch | null;
  /** How users fared once the numbers hold nothing of before the change; null: too early to compare. */
  readonly after: { readonly at: string; readonly impact: Impact } | null;
  readonly ended: {
    readonly how: Ended;
    readonly because: string;
    readonly by: string | null;
    readonly at: string;
  } | null;
}
export interface Attempt {
  readonly number: number;
  readonly fence: string;
  readonly notAfter: string;
  readonly before: Observed;
  readonly outcome: ActOutcome | null;
}
export interface Watch {
  readonly verdict: Verdict;
  /** Since when it has been this verdict. */
  readonly since: string;
  readonly progress: string;
  readonly impact: Impact;
  readonly at: string;
}

export type ProposalEvent = Extract<
  Event,
  { is: 'proposed' | 'voted' | 'granted' | 'waits' | 'acting' | 'acted' | 'observed' | 'ended' }
>;

/** `seen`: the last look at its region. */
export function nextStage(
  proposal: Proposal,
  event: Exclude<ProposalEvent, { is: 'proposed' }>,
  at: string,
  seen?: RegionDiagnosis,
): Proposal {
  switch (event.is) {
    case 'voted':
      return { ...proposal, votes: [...proposal.votes, event.vote] };
    case 'granted':
      return { ...proposal, stage: 'granted', grantedAt: at };
    case 'waits':
      return { ...proposal, waitsFor: event.for };
    case 'acting': {
      const { attempt: number, fence, notAfter, before } = event;
      return {
        ...proposal,
        stage: 'acting',
        waitsFor: null,
        attempts: number,
        attempt: { number, fence, notAfter, before, outcome: null },
      };
    }
    case 'acted': {
      const attempt = proposal.attempt === null ? null : { ...proposal.attempt, outcome: event.outcome };
      const done = event.outcome.is === 'done';
      if (!done) return { ...proposal, attempt };
      const amid = seen?.findings.find((one) => one.mistaken !== true)?.short;
      return { ...proposal, attempt, stage: 'watching', actedAt: at, ...(amid === undefined ? {} : { amid }) };
    }
    case 'observed': {
      const { verdict, progress, impact } = event;
      const same = proposal.watch?.verdict.is === verdict.is;
      return {
        ...proposal,
        watch: { verdict, progress, impact, at, since: same && proposal.watch !== null ? proposal.watch.since : at },
      };
    }
    case 'ended':
      return { ...proposal, stage: 'over', ended: { how: event.how, because: event.because, by: event.by, at } };
  }
}

/** What a person asked for is for what was found only where a look offered the same for it: nothing else comes back with its undo. */
export function causeOf(
  diagnoses: Readonly<Record<string, RegionDiagnosis>>,
  event: Extract<ProposalEvent, { is: 'proposed' }>,
): string | null {
  const { findings = [], offers = [] } = diagnoses[event.region] ?? {};
  const isFor = event.change === undefined || offers.some((one) => one.remedy === event.offer.remedy);
  return isFor ? (findings[0]?.short ?? null) : null;
}

export function ended(proposal: Proposal, how: Ended, because: string, by: string | null): Event {
  return { is: 'ended', proposal: proposal.id, how, because, by };
}

/** *Not now* as the reason of an end: nobody said that the fix is wrong. */
export const PUT_ASIDE = 'not now';

/** How it ended, for people: "verified", "put aside". */
export function endWord({ how, because }: NonNullable<Proposal['ended']>): string {
  if (how === 'superseded') return 'out of date';
  return how === 'denied' && because === PUT_ASIDE ? 'put aside' : how;
}

/** What people call it: "rollback in eu-west-1". Ids are for the machine. */
export function changeName({ offer, region, undoOf }: Pick<Proposal, 'offer' | 'region' | 'undoOf'>): string {
  return `${undoOf === null ? offer.label : 'undo'} in ${region}`;
}
