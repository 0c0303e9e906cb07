import { createHash } from 'node:crypto';
import type { Elsewhere, Subject } from '../core/incident/events.ts';
import type { Effect } from '../core/incident/pending.ts';
import type { Beside } from '../core/incident/storm.ts';
import { STORM, keyOf, stormKey } from '../core/routing.ts';
import { rowOf } from './inbox-row.ts';
import { linkTo } from './facts.ts';
import type { Parts } from './parts.ts';

/** One incident answers for a workload in a region: who that is, and a thread of its own for what is nobody's. */

/** Null: nobody, or this very stream. */
export async function elsewhereOf(
  parts: Parts,
  subject: Subject,
  region: string,
  stream: string,
): Promise<Elsewhere | null> {
  const { store } = parts;
  // A storm answers for its whole region, whoever else has a thread about some of it.
  if (subject.playbook === STORM && region === subject.focus) return null;
  // What has no thread yet in a region under a storm is the storm's.
  const owner = (await store.owner(keyOf(region, subject.target))) ?? (await store.owner(stormKey(region)));
  if (owner === null || owner.stream === stream) return null;
  const [link, known] = await Promise.all([
    linkTo(parts, owner.stream),
    owner.number === null ? null : store.byNumber(owner.number),
  ]);
  return { ...owner, link, ...(known === null ? {} : { title: known.summary.title }) };
}

/** Nothing is offered by who does not hold the key: two streams that found the same at once hold it never both. */
export async function refuseOffer(
  parts: Parts,
  subject: Subject,
  region: string,
  stream: string,
): Promise<string | null> {
  const owner = await parts.store.owner(keyOf(region, subject.target));
  if (owner?.stream === stream) return null;
  if (owner === null) return 'another incident had it until just now: I look once more';
  return `${owner.number === null ? 'another incident' : `INC-${owner.number}`} answers for it`;
}

/** The same branch twice is one: by its id, and since the key leads to the thread that is there. */
export async function performBranch(
  parts: Parts,
  effect: Extract<Effect, { is: 'branch' }>,
  stream: string,
): Promise<Beside> {
  const { region, round, subject, channel, number, mark, title } = effect;
  const key = keyOf(region, subject.target);
  const id = `branch:${stream}:${mark}:${round}`;
  const fresh = `incident/${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
  const body = rowOf({ is: 'found', by: number, subject, channel, key });
  const [accepted] = await parts.store.accept([{ id, to: { is: 'key', key, fresh }, body }]);
  const why = 'it has a cause of its own';
  const own = accepted?.stream ?? fresh;
  // Allotted once: the thread will find the same when it begins, and this one can name it at once.
  return { stream: own, number: await parts.store.number(own), title, why, alerts: 0 };
}
