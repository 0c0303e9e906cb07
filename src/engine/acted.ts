import type { Incident, Proposal } from '../core/incident/state.ts';
import { temporaryOf } from '../core/incident/ledger.ts';
import type { Act } from '../core/looking/view.ts';
import { plain } from '../core/words.ts';
import { loadIncident } from './answers.ts';
import type { Parts } from './parts.ts';

/** What the bot has changed, from its own threads: the cluster keeps that it wrote, and neither what was there before nor who approved it. */

/** Threads that are looked into, the newest first, and those with something that is left for a while. */
const MOST = 30;

export async function actedSince(parts: Parts, since: string): Promise<readonly Act[]> {
  const [recent, left] = await Promise.all([
    parts.store.streams({ open: null, limit: MOST }),
    parts.store.temporary(MOST),
  ]);
  const young = recent.filter(({ summary }) => summary.updatedAt >= since);
  const kept = left.filter(({ summary }) => (summary.temporary ?? []).some((one) => one.since >= since));
  const streams = [...new Set([...young, ...kept].map((one) => one.stream))];
  const incidents = await Promise.all(streams.map((one) => loadIncident(parts, one)));
  return incidents.flatMap((one) => actsOf(one, since));
}

function actsOf(incident: Incident, since: string): readonly Act[] {
  const left = new Set(temporaryOf(incident).map((one) => one.proposal));
  return incident.proposals.flatMap((one): readonly Act[] =>
    one.actedAt === null || one.actedAt < since
      ? []
      : [
          {
            region: one.region,
            at: one.actedAt,
            of: namesIn(one),
            says: plain(one.offer.says),
            undo: one.undoOf !== null,
            askedBy: one.requester === 'mlp-bot' ? null : one.requester,
            approvedBy: one.votes.findLast((vote) => vote.by !== 'mlp-bot')?.by ?? null,
            number: incident.number,
            temporary: left.has(one.id),
          },
        ],
  );
}

function namesIn({ offer: { plan } }: Proposal): readonly string[] {
  if (typeof plan !== 'object' || plan === null || Array.isArray(plan)) return [];
  const record: Readonly<Record<string, unknown>> = { ...plan };
  return ['workload', 'name', 'pod', 'node'].flatMap((key) => {
    const value = record[key];
    return typeof value === 'string' && value !== '' ? [value] : [];
  });
}
