import type { Effect } from '../core/incident/pending.ts';
import type { Grouped, HeldAlert, Leaving, OwnWay } from '../core/incident/storm.ts';
import type { Incident } from '../core/incident/state.ts';
import type { Incoming } from '../core/ports/store.ts';
import { titleOf } from '../core/render/thread.ts';
import { keyOf } from '../core/routing.ts';
import { freshStream } from './alert-rows.ts';
import { linkTo } from './facts.ts';
import { rowOf } from './inbox-row.ts';
import type { Parts } from './parts.ts';

/** What a storm tells other incidents, and they it: rows of the inbox, each with an id that makes it once. */

interface At {
  readonly stream: string;
  readonly state: () => Incident;
}

/** Open incidents are asked one by one; each decides for itself whether it belongs to the storm. */
const MOST = 1_000;

export async function performGather(
  parts: Parts,
  { region, since, number }: Extract<Effect, { is: 'gather' }>,
  stream: string,
): Promise<void> {
  const open = await parts.store.streams({ open: true, limit: MOST });
  const link = await linkTo(parts, stream);
  const why = `many workloads alert in ${region} at once`;
  const rows = open
    .filter(
      (one) => one.stream !== stream && (one.summary.regions.length === 0 || one.summary.regions.includes(region)),
    )
    .map((one): Incoming => ({
      id: `group:${stream}:${one.stream}`,
      to: { is: 'stream', stream: one.stream },
      body: rowOf({ is: 'group', into: stream, number, link, by: 'mlp-bot', byPerson: false, why, since, region }),
    }));
  if (rows.length > 0) await parts.store.accept(rows);
}

/** By their own keys, past the storm: where nobody answers for one, it opens a thread. */
export async function performLetGo(parts: Parts, { id, alerts, ways }: Leaving, { stream, state }: At): Promise<void> {
  const { subject } = state();
  const rows = alerts.flatMap((alert): readonly Incoming[] => {
    const way = ways[alert.fingerprint];
    if (way === undefined) return [];
    const { key, playbook, target, channel } = way;
    const own = { playbook, target, regions: subject.regions, focus: alert.region ?? subject.focus };
    return [
      {
        id: `let-go:${stream}:${id}:${alert.fingerprint}`,
        to: { is: 'key', key, fresh: freshStream(`let-go:${stream}:${id}:${key}`) },
        body: rowOf({ is: 'alert', alert, subject: own, channel, key }),
      },
    ];
  });
  if (rows.length > 0) await parts.store.accept(rows);
}

export async function performTellGroup(parts: Parts, grouped: Grouped, { stream, state }: At): Promise<void> {
  const incident = state();
  const beside = {
    stream,
    number: incident.number,
    title: titleOf(incident),
    why: grouped.why,
    alerts: Object.keys(incident.alerts).length,
  };
  const alerts = Object.values(incident.alerts).map((alert): HeldAlert => ({
    alert,
    way: wayBack(incident, alert.region),
  }));
  const body = grouped.joins ? rowOf({ is: 'joined', beside, alerts }) : rowOf({ is: 'apart', beside });
  const id = `group-answer:${stream}:${grouped.into}:${grouped.at}`;
  await parts.store.accept([{ id, to: { is: 'stream', stream: grouped.into }, body }]);
}

function wayBack({ subject, channel, key }: Incident, region: string | null): OwnWay {
  const own = region === null ? key : keyOf(region, subject.target);
  return { key: own, playbook: subject.playbook, target: subject.target, channel };
}
