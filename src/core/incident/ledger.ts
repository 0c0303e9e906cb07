import type { Differs } from '../contract.ts';
import { later } from './commands.ts';
import type { Rules } from './commands.ts';
import type { Event } from './events.ts';
import { plain } from '../words.ts';
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
  /** Where it is declared otherwise, as far as its owner tells. Null, or absent in what older versions stored: nothing is known to declare it. */
  readonly differs?: Differs['source'] | null;
  /** It went back to what was there before somebody's hand changed it: its source may say that still. Absent: it says something else. */
  readonly maySay?: true;
}

type Ledgered = Pick<Incident, 'proposals' | 'undoAsked' | 'gone' | 'record'>;

export function temporaryOf(incident: Ledgered): readonly Temporary[] {
  return incident.proposals.flatMap((one): readonly Temporary[] => {
    const what = one.offer.temporary;
    return what === undefined ? [] : entryOf(incident, one, what);
  });
}

/** What is meant to stay and is live without being so in its source: until that says the same, or it is taken back. */
export function differingOf(incident: Ledgered): readonly Temporary[] {
  const { proposals } = incident;
  return proposals.flatMap((one, index): readonly Temporary[] => {
    const { differs, temporary, remedy } = one.offer;
    if (differs === undefined || temporary !== undefined) return [];
    // Seen gone (its owner has set it back, somebody changed it), or told anew by a later change of the same.
    if (one.watch?.verdict.is === 'no') return [];
    const isOlder = proposals
      .slice(index + 1)
      .some((p) => p.actedAt !== null && p.undoOf === null && p.region === one.region && p.offer.remedy === remedy);
    return isOlder ? [] : entryOf(incident, one, differs.what);
  });
}

function entryOf(incident: Ledgered, one: Proposal, what: string): readonly Temporary[] {
  if (one.undoOf !== null || one.actedAt === null || isTakenBack(incident, one)) return [];
  const by = one.votes.findLast((vote) => vote.by !== 'mlp-bot')?.by ?? null;
  const undoAsked =
    incident.undoAsked.includes(one.id) || incident.proposals.some((p) => p.undoOf === one.id && p.stage !== 'over');
  const differs = one.offer.differs?.source ?? null;
  return [
    {
      proposal: one.id,
      region: one.region,
      what,
      by,
      since: one.actedAt,
      undoAsked,
      differs,
      ...maySay(incident, one),
    },
  ];
}

/** Who wrote what was left is known from the look that found it; a change by hand may never have come to its source. */
function maySay({ record }: Ledgered, { region, offer }: Proposal): { readonly maySay?: true } {
  if (offer.differs === undefined || !offer.remedy.endsWith('rollback')) return {};
  const change = record[region]?.change ?? null;
  return change !== null && !/ by hand\b/.test(plain(change)) ? {} : { maySay: true };
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
