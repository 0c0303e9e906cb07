import type { EventGroup } from './events.ts';
import { crashing, lackOf, suspectsOf } from './lacks.ts';
import type { LackSeen } from './lacks.ts';
import type { Lack } from './missing.ts';
import type { Sample } from './pods.ts';
import type { Reference } from './references.ts';
import { troubleOf } from './trouble.ts';
import type { Affected, Trouble } from './trouble.ts';

/** Something that pods failed for want of and that is there now: the pods have not tried again yet. */
export interface Returned {
  readonly lack: Lack;
  readonly how: 'made' | 'written';
  /** When it was made or written. */
  readonly at: string;
  /** The last failure without it; null when nothing tells. */
  readonly failedAt: string | null;
  readonly a: Affected<Trouble>;
  /** The longest pause between two tries, in minutes: containers that end are held back 5, what cannot be made is tried again within 2. */
  readonly retriesWithinMin: 2 | 5;
}

/** A kubelet may still use its own copy for about a minute (its watch or cache of config maps and secrets). */
const lagMs = 60_000;

export function returnedOf(seen: LackSeen): Returned | null {
  return ofMessage(seen) ?? ofCrash(seen);
}

/** The kubelet said that it is missing, and it is there. */
function ofMessage(seen: LackSeen): Returned | null {
  const found = lackOf(seen);
  if (found === null) return null;
  const { lack, a } = found;
  const back = sinceWhen(reference(seen, lack), lack.key);
  if (back === null) return null;
  const failedAt = lastTold(seen.events, lack);
  if (failedAt !== null && Date.parse(failedAt) - Date.parse(back.at) > lagMs) return null;
  return { lack, ...back, failedAt, a, retriesWithinMin: 2 };
}

/** Containers ended, complaining about it; none has ended since it was made or written. */
function ofCrash(seen: LackSeen): Returned | null {
  const a = crashing(seen);
  const failedAt = lastEnd(seen.samples);
  if (a === null || failedAt === null) return null;
  for (const { need } of suspectsOf(seen, a)) {
    const of = reference(seen, need);
    const made = sinceWhen(of, '');
    const back = made !== null && made.at > failedAt ? made : sinceWhen(of, need.key === '' ? null : need.key);
    if (back === null || back.at <= failedAt) continue;
    const { kind, name, key } = need;
    const lack = { kind, name, key: back.how === 'made' ? '' : key };
    return { lack, ...back, failedAt, a, retriesWithinMin: 5 };
  }
  return null;
}

function reference(seen: LackSeen, of: Pick<Lack, 'kind' | 'name'>): Reference | undefined {
  return seen.references.find((one) => one.kind === of.kind && one.name === of.name);
}

/** '' asks for the whole object, a name for that key, null for whatever was written last. */
function sinceWhen(of: Reference | undefined, key: string | null): Pick<Returned, 'how' | 'at'> | null {
  if (of?.is !== 'there' || of.createdAt === null || of.changedAt === null) return null;
  if (key === '') return { how: 'made', at: of.createdAt };
  if (key !== null && !of.keys.includes(key)) return null;
  return { how: of.changedAt === of.createdAt ? 'made' : 'written', at: of.changedAt };
}

function lastTold(events: readonly EventGroup[] | null, lack: Lack): string | null {
  const told = (events ?? []).filter(
    (event) =>
      (event.reason === 'Failed' || event.reason === 'FailedMount') &&
      event.message.includes(lack.key === '' ? lack.name : lack.key),
  );
  return (
    told
      .map((event) => event.lastAt)
      .toSorted()
      .at(-1) ?? null
  );
}

/** When the last of the containers ended that were looked at. */
function lastEnd(samples: readonly Sample[]): string | null {
  const ends = samples.flatMap(({ pod }) => {
    const trouble = troubleOf(pod);
    return trouble?.is === 'ends' && trouble.end.finishedAt !== null ? [trouble.end.finishedAt] : [];
  });
  return ends.toSorted().at(-1) ?? null;
}
