import type { Pod } from '../../src/core/ports/kubernetes.ts';
import { kubectl } from '../targets/deployment.ts';
import { deployment } from './deployment.ts';
import { median } from './measures.ts';
import { onDeployment } from './on.ts';
import { pods } from './pods.ts';

/** How long its pods took from being placed to being ready: image, init containers, model load and warm-up included. */
export interface StartUp {
  /** The slowest of those that can be judged; null: none can. */
  readonly seconds: number | null;
  /** How many were judged. */
  readonly pods: number;
}

/** Ready pods of the present template, else of an older one. */
export const startUp = onDeployment.reading('start-up', {
  after: [deployment, pods],
  withinMs: 8_000,
  byHand: (t) =>
    `${kubectl(t)} get pods -o 'custom-columns=POD:.metadata.name,PLACED:.status.startTime,CONDITIONS:.status.conditions[*].type,SINCE:.status.conditions[*].lastTransitionTime'`,
  read: async (read, t, seen): Promise<StartUp> => {
    const { fresh, old } = seen.pods;
    const names = [fresh, old].map(({ groups }) => groups.flatMap((one) => (one.ready ? one.names : [])));
    const asked = (names[0]?.length === 0 ? names[1] : names[0])?.slice(0, atMost) ?? [];
    const found = await Promise.all(asked.map((name) => read.kubernetes.pod({ namespace: t.namespace, name })));
    return startUpOf(found.filter((one) => one !== null));
  },
});

/** More would be asked one by one. */
const atMost = 5;
/** `Ready` has only the time of its last change: a readiness that flapped hours later looks like a slow start. */
const mostSeconds = 45 * 60;
const timesMedian = 5;

export function startUpOf(all: readonly Pod[]): StartUp {
  const took = all.flatMap((pod) => {
    const seconds = tookOf(pod);
    return seconds === null || seconds > mostSeconds ? [] : [seconds];
  });
  const middle = median(took) ?? 0;
  // Of two that differ nobody knows which one flapped.
  const sure = took.length < 3 ? took : took.filter((one) => one <= Math.max(60, middle * timesMedian));
  return { seconds: sure.length === 0 ? null : Math.max(...sure), pods: sure.length };
}

/** Null: it was restarted, or is not ready, or its times are not recorded. */
function tookOf({ conditions, containers, terminating }: Pod): number | null {
  const since = (type: string): string | null =>
    conditions.find((one) => one.type === type && one.status === 'True')?.since ?? null;
  const [placed, ready] = [since('PodScheduled'), since('Ready')];
  if (terminating || placed === null || ready === null || containers.some((one) => one.restarts > 0)) return null;
  const seconds = Math.round((Date.parse(ready) - Date.parse(placed)) / 1000);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
