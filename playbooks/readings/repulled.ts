import type { EventGroup } from './events.ts';
import type { Pods, Sample } from './pods.ts';
import { pullTroubleIn } from './pull.ts';
import type { PullTrouble } from './pull.ts';
import { affected } from './trouble.ts';
import type { Affected, Trouble } from './trouble.ts';

export type Pull = Extract<Trouble, { is: 'pull' }>;

/** The kubelet repeats only "Back-off pulling image" on older versions: what the runtime said is then in the events. */
export function pullText(trouble: Pull, told: readonly EventGroup[] | null): string {
  const own = `${trouble.reason}: ${trouble.message}`;
  if (pullTroubleIn(own) !== null || told === null) return own;
  const words = told.find((event) => isFailedPull(event, trouble.image) && pullTroubleIn(event.message) !== null);
  return words?.message ?? own;
}

function isFailedPull(event: EventGroup, image: string): boolean {
  return (
    event.kind === 'Pod' &&
    event.reason === 'Failed' &&
    /Failed to pull image/.test(event.message) &&
    event.message.includes(image)
  );
}

/** Pods that wait to try again what another pod could pull meanwhile. */
export interface Repulled {
  readonly a: Affected<Pull>;
  readonly image: string;
  /** When and by which pod it was pulled. */
  readonly at: string;
  readonly by: string;
  readonly failedAt: string;
}

/** What is true of the registry is true for every node; a refusal may be one node's own. */
const ofRegistry: ReadonlySet<PullTrouble | null> = new Set(['missing', 'either'] as const);

/** The same image was pulled after the last failure to pull it. Null: no; or nobody has tried since. */
export function repulledOf(
  seen: { readonly pods: Pods; readonly samples: readonly Sample[] },
  told: readonly EventGroup[] | null,
): Repulled | null {
  if (told === null) return null;
  const a = affected(
    seen.pods,
    seen.samples,
    (trouble): trouble is Pull => trouble.is === 'pull' && ofRegistry.has(pullTroubleIn(pullText(trouble, told))),
  );
  if (a === null) return null;
  const { image } = a.trouble;
  const failedAt = lastOf(told.filter((event) => isFailedPull(event, image)))?.lastAt;
  const pulled = lastOf(
    told.filter(
      (event) => event.reason === 'Pulled' && event.message.startsWith(`Successfully pulled image "${image}"`),
    ),
  );
  if (failedAt === undefined || pulled === null || pulled.lastAt <= failedAt) return null;
  return { a, image, at: pulled.lastAt, by: pulled.names.at(-1) ?? '', failedAt };
}

/** When this image was tried last in vain; null when the events do not tell. */
export function lastPullFailure(told: readonly EventGroup[] | null, image: string): string | null {
  return lastOf((told ?? []).filter((event) => isFailedPull(event, image)))?.lastAt ?? null;
}

function lastOf(all: readonly EventGroup[]): EventGroup | null {
  return all.toSorted((a, b) => a.lastAt.localeCompare(b.lastAt)).at(-1) ?? null;
}
