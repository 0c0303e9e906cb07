import { later } from './commands.ts';
import type { Rules } from './commands.ts';
import type { Event } from './events.ts';
import type { Incident, Proposal } from './state.ts';

/** What a thread has changed for a while and nobody has taken back yet: its part of the ledger of temporary changes. */
export interface Temporary {
  readonly proposal: string;
  readonly region: string;
  /** "autoscaler ml-platform/model-server: 4 to 36 replicas instead of 4 to 24". */
  readonly what: string;
  /** Who approved it, and so owns it; null: the policy did. */
  readonly by: string | null;
  readonly since: string;
  /** Somebody asked for its undo already. */
  readonly undoAsked: boolean;
}

export function temporaryOf(incident: Pick<Incident, 'proposals' | 'undoAsked' | 'gone'>): readonly Temporary[] {
  const { proposals } = incident;
  return proposals.flatMap((one): readonly Temporary[] => {
    const what = one.offer.temporary;
    if (what === undefined || one.undoOf !== null || one.actedAt === null || isTakenBack(incident, one)) return [];
    const by = one.votes.findLast((vote) => vote.by !== 'mlp-bot')?.by ?? null;
    const undoAsked =
      incident.undoAsked.includes(one.id) || proposals.some((p) => p.undoOf === one.id && p.stage !== 'over');
    return [{ proposal: one.id, region: one.region, what, by, since: one.actedAt, undoAsked }];
  });
}

/** An undo that was written counts, also where it could not be verified; so does what turned out to be gone when its undo was asked for. */
function isTakenBack({ proposals, gone }: Pick<Incident, 'proposals' | 'gone'>, act: Proposal): boolean {
  return gone.includes(act.id) || proposals.some((one) => one.undoOf === act.id && one.actedAt !== null);
}

const DAY_MS = 24 * 60 * 60_000;

/** When the owner of each is reminded, once; taking it back is not asked for yet. */
function remindersOf(
  state: Incident,
  { timing }: Rules,
): readonly { readonly proposal: string; readonly at: string }[] {
  return temporaryOf(state)
    .filter((one) => state.reminded[one.proposal] === undefined && !one.undoAsked)
    .map((one) => ({ proposal: one.proposal, at: later(one.since, timing.temporaryMs ?? DAY_MS) }));
}

/** The next moment at which somebody is reminded; null: none. */
export function nextReminderAt(state: Incident, rules: Rules): string | null {
  return (
    remindersOf(state, rules)
      .map((one) => one.at)
      .toSorted()[0] ?? null
  );
}

export function reminders(state: Incident, at: string, rules: Rules): readonly Event[] {
  return remindersOf(state, rules)
    .filter((one) => one.at <= at)
    .map(({ proposal }) => ({ is: 'reminded', proposal }));
}
