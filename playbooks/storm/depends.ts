import type { Answer, Apart, Outcome } from '../../src/core/contract.ts';
import { say } from '../../src/core/words.ts';
import { onNamespace } from '../readings/namespace.ts';
import { nodes } from '../readings/room.ts';
import { listed, minutesBetween, plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { placed } from './readings.ts';
import type { Placed } from './readings.ts';
import { lostOf, troubleOf, unlike } from './sharing.ts';

/** What fails because something fails that it needs: by the config's `dependsOn`, against what is there. */

export interface Needed {
  readonly name: string;
  readonly kind: 'deployment' | 'statefulset';
  readonly wanted: number;
  readonly ready: number;
  /** By name; also those that need it by way of another. */
  readonly by: readonly string[];
  /** What it needs itself, of those that are down: then it is not where this began. */
  readonly lacks: readonly string[];
}

/** A start that is so young is no outage (minutes). */
const starting = 5;
/** One that fails with what it needs is no group. */
const fewest = 2;

export const needed = onNamespace.reading('dependencies', {
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} get deployments,statefulsets`,
  read: async (read, t): Promise<readonly Needed[]> => {
    const all = await read.kubernetes.deployments(t.namespace);
    const needs = new Map(
      all.map(({ name }) => [name, read.service({ namespace: t.namespace, name }).dependsOn ?? []] as const),
    );
    const names = new Set([...needs.values()].flat());
    if (names.size === 0) return [];
    const others = [...names].some((name) => !needs.has(name))
      ? await read.kubernetes.workloads(t.namespace, 'StatefulSet')
      : [];
    const there = [
      ...all.map((one) => ({ name: one.name, kind: 'deployment' as const, wanted: one.wanted, ready: one.available })),
      ...others.map((one) => ({ name: one.name, kind: 'statefulset' as const, wanted: one.wanted, ready: one.ready })),
    ].filter((one) => names.has(one.name));
    const down = new Set(there.filter((one) => one.wanted > 0 && one.ready === 0).map((one) => one.name));
    return there
      .map((one) => ({
        ...one,
        by: needing(one.name, needs),
        lacks: (needs.get(one.name) ?? []).filter((name) => down.has(name)),
      }))
      .toSorted((a, b) => b.by.length - a.by.length || a.name.localeCompare(b.name));
  },
});

/** Whoever needs it, and whoever needs those; a circle in the config ends too. */
function needing(name: string, needs: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const found = new Set<string>();
  const open = [name];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    for (const [by, of] of needs) {
      if (by === name || found.has(by) || !of.includes(one)) continue;
      found.add(by);
      open.push(by);
    }
  }
  return [...found].toSorted();
}

/** The one that most fail with; null: none is down by itself, or too few need it. */
function rootOf(all: readonly Needed[], pods: Placed, at: string): Needed | null {
  return (
    all.find((one) => {
      if (one.wanted === 0 || one.ready > 0 || one.lacks.length > 0 || one.by.length < fewest) return false;
      const hit = pods.hit.find((each) => each.name === one.name);
      if (hit === undefined) return true;
      // Its nodes explain it, or it only just begins.
      const young = hit.since !== null && minutesBetween(hit.since, at) < starting;
      return troubleOf(hit) !== null || (hit.onLost === 0 && !young);
    }) ?? null
  );
}

/** Whose trouble is explained by something down that they need: no fault of their own. The one that is down is among them. */
export function explainedBy(also: Outcome<readonly Needed[]>, pods: Placed, at: string): ReadonlySet<string> {
  const root = also.known ? rootOf(also.value, pods, at) : null;
  return new Set(root === null ? [] : [root.name, ...root.by]);
}

export const dependencyDown = onNamespace.check('dependency-down', {
  severity: 'critical',
  ask: 'Is something down that several workloads need?',
  rulesOut: 'a dependency that is down',
  needs: [needed, placed, nodes],
  find: (seen, _also, { t, at }): Answer => {
    const pods = seen['pods and nodes'];
    const root = lostOf(seen.nodes)?.is === 'all' ? null : rootOf(seen.dependencies, pods, at);
    if (root === null) return 'clear';
    const { name, by, kind, wanted } = root;
    const hit = pods.hit.find((one) => one.name === name);
    const trouble = hit === undefined ? null : troubleOf(hit);
    const state = `0 of ${wanted} ready${trouble === null ? '' : `, ${trouble}`}`;
    const shown = by.length > 4 ? `${by.slice(0, 4).join(', ')} and ${by.length - 4} more` : listed(by, 'and');
    const ready = by.filter((one) => pods.hit.every((each) => each.name !== one));
    const own: readonly Apart[] =
      kind === 'deployment'
        ? [
            {
              playbook: 'rollout-stuck',
              target: { namespace: t.namespace, name },
              short: `${name}: ${trouble ?? 'no pod is ready'}`,
            },
          ]
        : [];
    const others = unlike(pods, new Set([name, ...by])).map((one) => ({
      playbook: 'rollout-stuck',
      target: { namespace: t.namespace, name: one.name },
      short: `${one.name}: ${troubleOf(one) ?? 'not ready'}`,
    }));
    return {
      found: say`${shown} depend on ${name}, which is down (${state})${ready.length === 0 || ready.length === by.length ? '' : `. ${plural(ready.length, 'of them is', 'of them are')} ready all the same`}`,
      short: `${name} is down, ${plural(by.length, 'workload')} depend on it`,
      ...(hit === undefined || hit.since === null || minutesBetween(hit.since, at) > 24 * 60
        ? {}
        : { since: hit.since }),
      byHand: `${kubectl(t)} describe ${kind} ${name}`,
      apart: [...own, ...others],
    };
  },
});
