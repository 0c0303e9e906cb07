import type { Deployment } from '../../src/core/ports/kubernetes.ts';
import type { EventGroup } from './events.ts';
import { linesOf } from './logs.ts';
import type { PodLog } from './logs.ts';
import { missingInMessage, missingKeyOfVolume } from './missing.ts';
import type { Lack } from './missing.ts';
import type { Pods, Sample } from './pods.ts';
import { needsOf } from './references.ts';
import type { Need, Reference } from './references.ts';
import { affected, preparedSince } from './trouble.ts';
import type { Affected, Trouble } from './trouble.ts';

/** A config map, secret or key that pods cannot do without, in its three shapes. */
export interface Lacking {
  readonly lack: Lack;
  readonly a: Affected<Trouble>;
  /** Whose words say so. */
  readonly quote: string;
  readonly shape: 'container' | 'volume' | 'optional';
}
export interface LackSeen {
  readonly deployment: Deployment;
  readonly pods: Pods;
  readonly samples: readonly Sample[];
  readonly references: readonly Reference[];
  readonly events: readonly EventGroup[] | null;
  readonly logs: readonly PodLog[] | null;
}

export function lackingOf(seen: LackSeen): Lacking | null {
  return lackOf(seen) ?? ofOptional(seen);
}

/** As the kubelet says it, of a container or a volume: what was missing at its last try. */
export function lackOf(seen: LackSeen): Lacking | null {
  return ofContainer(seen) ?? ofVolume(seen);
}

/** CreateContainerConfigError: the kubelet says it in the pod itself. */
function ofContainer(seen: LackSeen): Lacking | null {
  const a = affected(
    seen.pods,
    seen.samples,
    (trouble) => trouble.is === 'config' && missingInMessage(trouble.message) !== null,
  );
  if (a?.trouble.is !== 'config') return null;
  const lack = missingInMessage(a.trouble.message);
  return lack === null ? null : { lack, a, quote: a.trouble.message, shape: 'container' };
}

/** FailedMount: the pod only says ContainerCreating, the events say why. */
function ofVolume(seen: LackSeen): Lacking | null {
  // A pod whose volumes are mounted waits for something else, whatever older events say.
  const a = affected(
    seen.pods,
    seen.samples,
    (trouble, pod) => trouble.is === 'not created' && preparedSince(pod) === null,
  );
  if (a === null || seen.events === null) return null;
  for (const event of seen.events) {
    if (event.reason !== 'FailedMount') continue;
    const whole = missingInMessage(event.message);
    if (whole !== null) return { lack: whole, a, quote: event.message, shape: 'volume' };
    const key = missingKeyOfVolume(event.message);
    const volume = seen.deployment.template.volumes.find((one) => one.name === key?.volume);
    if (key === null || volume === undefined) continue;
    const kind = volume.from === 'secret' ? 'Secret' : 'ConfigMap';
    return { lack: { kind, name: volume.source, key: key.key }, a, quote: event.message, shape: 'volume' };
  }
  return null;
}

/** `optional: true` lets the container start without it, and then it ends by itself. Its log names what it misses. */
function ofOptional(seen: LackSeen): Lacking | null {
  const a = crashing(seen);
  if (a === null) return null;
  const missing = suspects(seen, a).find(({ reference, need }) => isMissing(reference, need));
  if (missing === undefined) return null;
  const { kind, name, key } = missing.need;
  const whole = missing.reference?.is === 'missing';
  return { lack: { kind, name, key: whole ? '' : key }, a, quote: missing.line, shape: 'optional' };
}

/** Optional things that the log complains about and whose presence could not be seen. */
export function optionalNotSeen(seen: LackSeen): readonly Reference[] {
  const a = crashing(seen);
  if (a === null) return [];
  return suspects(seen, a).flatMap(({ reference }) => (reference?.is === 'not known' ? [reference] : []));
}

export function crashing(seen: LackSeen): Affected<Extract<Trouble, { is: 'ends' }>> | null {
  return affected(
    seen.pods,
    seen.samples,
    (trouble): trouble is Extract<Trouble, { is: 'ends' }> =>
      trouble.is === 'ends' && trouble.end.reason !== 'OOMKilled',
  );
}

export interface Suspect {
  readonly need: Need;
  readonly reference: Reference | undefined;
  readonly line: string;
}

function suspects(seen: LackSeen, a: Affected<Extract<Trouble, { is: 'ends' }>>): readonly Suspect[] {
  return suspectsOf(seen, a).filter(({ need }) => need.optional);
}

/** What the last lines of a container that ended speak of, optional or not. */
export function suspectsOf(seen: LackSeen, a: Affected<Extract<Trouble, { is: 'ends' }>>): readonly Suspect[] {
  const lines = seen.logs === null ? null : linesOf(seen.logs, a.pod.name, a.trouble.container);
  return needsOf(seen.deployment.template).flatMap((need): readonly Suspect[] => {
    if (need.for === 'image pull') return [];
    const names = [need.name, need.key, need.for.replace(/^variable /, '')].filter((one) => one.length > 3);
    const line = (lines ?? []).findLast((one) => names.some((name) => one.includes(name)));
    const reference = seen.references.find((one) => one.kind === need.kind && one.name === need.name);
    return line === undefined ? [] : [{ need, reference, line }];
  });
}

function isMissing(reference: Reference | undefined, need: Need): boolean {
  if (reference?.is === 'missing') return true;
  return (
    reference?.is === 'there' && need.key !== '' && reference.keys.length > 0 && !reference.keys.includes(need.key)
  );
}
