import type { Offer } from '../diagnose.ts';
import { later } from './commands.ts';
import type { Rules } from './commands.ts';
import { unbranched } from './belonging.ts';
import { nextDigestAt, unlike } from './storming.ts';
import { owedPages, owedWords, pageKey } from './paging.ts';
import type { OwedPage, OwedWords } from './paging.ts';
import type { Impact } from '../impact.ts';
import { beforeFix, verifiedLast } from './record.ts';
import type { CauseSeen } from './record.ts';
import type { Grouped, Leaving } from './storm.ts';
import { neverShown } from './changes.ts';
import { snoozeEndsAt } from './handled.ts';
import { maintenanceEndsAt } from './maintained.ts';
import { OUT_OF_DATE } from './opening.ts';
import type { Change } from './changes.ts';
import type { Subject } from './events.ts';
import { nextReminderAt } from './ledger.ts';
import { draftDueAt } from './memory.ts';
import { FIRST_POST_MS, nextRoundAt, unprepared } from './looking.ts';
import type { Incident, Proposal } from './state.ts';
import { offeredUndo } from './undoing.ts';

/**
 * What a thread owes the world, derived from its state alone: after a crash the same list comes out again.
 * Ids are deterministic; an effect is over when its outcome is in the state.
 */
export type Effect = { readonly id: string; /** Not before (ISO 8601). */ readonly dueAt: string } & (
  | { readonly is: 'number' }
  | {
      readonly is: 'look';
      readonly round: number;
      readonly region: string;
      readonly subject: Subject;
      /** A person asked, or an alert came, at this moment: what was seen before is no answer. Null: what others just saw will do. */
      readonly askedAt: string | null;
      /** When a fix was verified in this region last; null: none. */
      readonly fixedAt: string | null;
      /** How users fared when that fix was written; null: none, or it was taken back. */
      readonly beforeFix: Impact | null;
      /** When a look found a firm cause here last, and what users felt since; null: none did. */
      readonly causeSeen: CauseSeen | null;
      /** Since when every look found users over a limit here; null: not now. */
      readonly hurtSince: string | null;
    }
  /** A different fault in another region: a thread of its own. */
  | {
      readonly is: 'branch';
      readonly round: number;
      readonly region: string;
      readonly subject: Subject;
      readonly channel: string;
      readonly number: number | null;
      /** By what it is remembered: the region, or the workload in it. */
      readonly mark: string;
      readonly title: string;
    }
  /** A storm asks the incidents that were open before it whether they belong to it. */
  | { readonly is: 'gather'; readonly region: string; readonly since: string; readonly number: number | null }
  /** Alerts that go their own way are handed to whoever answers for them. */
  | { readonly is: 'let-go'; readonly leaving: Leaving }
  /** Somebody is to be called. */
  | { readonly is: 'page'; readonly page: OwedPage; readonly key: string }
  /** Whom a page reached; and what their side is to know. */
  | { readonly is: 'page-words'; readonly words: OwedWords }
  /** Whoever asked this incident to become part of it gets its answer, and its alerts. */
  | { readonly is: 'tell-group'; readonly grouped: Grouped }
  /** The draft of its post-mortem is to be stored outside. */
  | { readonly is: 'draft'; readonly draft: number }
  | { readonly is: 'prepare'; readonly round: number; readonly region: string; readonly offer: Offer }
  /** Looks at the target of a change that a person asked for, and plans it. */
  | { readonly is: 'plan'; readonly change: Change }
  | { readonly is: 'prepare-undo'; readonly round: number; readonly of: Proposal }
  /** Read once more, store the intent, write. Exclusive per target. */
  | { readonly is: 'act'; readonly proposal: Proposal }
  /** The outcome of a write is not known: after its deadline, fence and look. */
  | { readonly is: 'settle'; readonly proposal: Proposal; readonly attempt: number }
  | { readonly is: 'observe'; readonly proposal: Proposal }
  | { readonly is: 'tick' }
);

/** Answers that are a little older than an alert are of the same moment; older ones may be of before what it is about. */
const SAME_MOMENT_MS = 1_000;

function notBefore({ why, at }: { readonly why: string; readonly at: string }): string | null {
  if (why === 'asked' || why === OUT_OF_DATE) return at;
  return why.startsWith('alert ') ? later(at, -SAME_MOMENT_MS) : null;
}

export function pending(state: Incident, at: string, rules: Rules): readonly Effect[] {
  if (state.openedAt === null) return [];
  const out: Effect[] = [];
  // What is changed can be spoken of, also where nothing is wrong.
  const named = state.proposals.length > 0 || (!state.question && !neverShown(state));
  if (state.number === null && named) out.push({ id: 'number', is: 'number', dueAt: at });
  const { round, subject } = state;
  if (round !== null && state.stopped === null) {
    for (const region of round.awaiting) {
      out.push({
        id: `look/${round.number}/${region}`,
        is: 'look',
        round: round.number,
        region,
        subject,
        askedAt: notBefore(round),
        fixedAt: verifiedLast(state, region)?.ended?.at ?? null,
        beforeFix: beforeFix(state, region),
        causeSeen: state.record[region]?.causeSeen ?? null,
        hurtSince: state.record[region]?.hurtSince ?? null,
        dueAt: at,
      });
    }
    for (const { region, offer } of unprepared(state, rules)) {
      const id = `prepare/${round.number}/${region}/${offer.remedy}`;
      out.push({ id, is: 'prepare', round: round.number, region, offer, dueAt: at });
    }
  }
  out.push(...branches(state, at), ...storming(state, at), ...paging(state, at, rules));
  for (const change of state.changes.filter((one) => one.stage === 'planning')) {
    out.push({
      id: `plan/${change.id}/${change.step + (change.parts ?? []).length}/${change.tries}`,
      is: 'plan',
      change,
      dueAt: at,
    });
  }
  for (const of of state.proposals.filter((one) => state.undoAsked.includes(one.id))) {
    out.push({ id: `prepare-undo/${of.id}`, is: 'prepare-undo', round: round?.number ?? 0, of, dueAt: at });
  }
  // One change at a time: each is verified before the next begins, in the order in which they were granted.
  const busyWith = state.proposals.find((one) => one.stage === 'acting' || one.stage === 'watching');
  const turn = busyWith ?? state.proposals.find((one) => one.stage === 'granted');
  for (const proposal of state.proposals) {
    if (proposal.stage === 'granted' && proposal !== turn) continue;
    out.push(...owed(proposal, at, rules));
  }
  const draft = draftDueAt(state, at, rules);
  if (draft !== null) out.push({ id: `draft/${state.drafts}`, is: 'draft', draft: state.drafts, dueAt: draft });
  const wake = wakeAt(state, rules);
  if (wake !== null) out.push({ id: `tick/${wake}`, is: 'tick', dueAt: wake });
  return out;
}

/** Only when every region has answered: until then it may turn out to be the same fault. */
function branches(state: Incident, at: string): readonly Effect[] {
  const { round, subject, channel, number } = state;
  if (round === null || round.finishedAt === null || state.closed !== null || state.stopped !== null) return [];
  const others = unbranched(state).map(({ region, findings }): Effect => {
    const id = `branch/${round.number}/${region}`;
    const to = findings.find((one) => one.handOver !== null)?.handOver ?? subject;
    const own = { playbook: to.playbook, target: to.target, regions: subject.regions, focus: region };
    const title = findings[0]?.short ?? '';
    return {
      id,
      is: 'branch',
      round: round.number,
      region,
      subject: own,
      channel,
      number,
      mark: region,
      title,
      dueAt: at,
    };
  });
  const apart = unlike(state).map(({ mark, region, apart: { playbook, target, short } }): Effect => {
    const own = { playbook, target, regions: subject.regions, focus: region };
    const id = `branch/${round.number}/${mark}`;
    return {
      id,
      is: 'branch',
      round: round.number,
      region,
      subject: own,
      channel,
      number,
      mark,
      title: short,
      dueAt: at,
    };
  });
  return [...others, ...apart];
}

function paging(state: Incident, at: string, rules: Rules): readonly Effect[] {
  const pages = owedPages(state, at, rules).map((page): Effect => {
    return { id: `page/${page.id}`, is: 'page', page, key: pageKey(state, page.id), dueAt: page.dueAt };
  });
  const words = owedWords(state).map((one): Effect => {
    const id = `page-words/${one.is}/${one.page.id}${one.is === 'note' ? `/${one.notes}` : ''}`;
    return { id, is: 'page-words', words: one, dueAt: at };
  });
  return [...pages, ...words];
}

/** What a storm owes those that it takes in, and those that leave it; and whoever became part of another, that one. */
function storming(state: Incident, at: string): readonly Effect[] {
  const { storm, grouped, number } = state;
  const out: Effect[] = [];
  if (grouped !== null && !grouped.told)
    out.push({ id: `tell-group/${grouped.into}`, is: 'tell-group', grouped, dueAt: at });
  if (storm === null) return out;
  // Those that join are told by which name: the number comes at once.
  if (!storm.asked && state.closed === null && number !== null)
    out.push({ id: 'gather', is: 'gather', region: storm.region, since: storm.at, number, dueAt: at });
  for (const leaving of storm.leaving.filter((one) => !one.sent))
    out.push({ id: `let-go/${leaving.id}`, is: 'let-go', leaving, dueAt: at });
  return out;
}

function owed(proposal: Proposal, at: string, rules: Rules): readonly Effect[] {
  const { id, stage, attempt } = proposal;
  if (stage === 'granted') return [{ id: `act/${id}/${proposal.attempts + 1}`, is: 'act', proposal, dueAt: at }];
  if (stage === 'acting' && attempt !== null) {
    const dueAt = later(attempt.notAfter, rules.timing.skewMs);
    return [{ id: `settle/${id}/${attempt.number}`, is: 'settle', proposal, attempt: attempt.number, dueAt }];
  }
  if (stage === 'watching') return [{ id: `observe/${id}`, is: 'observe', proposal, dueAt: at }];
  return [];
}

/** The next moment at which only the passing of time changes something. */
function wakeAt(state: Incident, rules: Rules): string | null {
  const times: string[] = [];
  // The first post waits for the first look only so long.
  const first = state.round !== null && state.round.number <= state.been.length + 1 && state.round.finishedAt === null;
  if (state.openedAt !== null && first && !state.firstLookSlow) {
    times.push(later(state.openedAt, FIRST_POST_MS));
  }
  const next = nextRoundAt(state, rules);
  if (next !== null) times.push(next);
  for (const one of state.proposals) if (one.stage === 'open') times.push(one.expiresAt);
  const undo = offeredUndo(state, rules);
  if (undo !== null) times.push(undo.until);
  // Also of a closed thread: what it left behind is not forgotten.
  const reminder = nextReminderAt(state, rules);
  if (reminder !== null) times.push(reminder);
  const snooze = snoozeEndsAt(state);
  if (snooze !== null) times.push(snooze);
  if (state.silence !== null) times.push(state.silence.until);
  const maintained = maintenanceEndsAt(state);
  if (maintained !== null) times.push(maintained);
  const digest = nextDigestAt(state, rules);
  if (digest !== null) times.push(digest);
  return times.toSorted()[0] ?? null;
}
