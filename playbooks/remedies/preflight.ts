import type { Deployment, LimitRange, PodTemplate, Quota } from '../../src/core/ports/kubernetes.ts';
import { freeRoomText, placesFor } from '../readings/free-room.ts';
import type { FreeRoom } from '../readings/free-room.ts';
import { amount, askedFor, quantity } from '../readings/quantity.ts';
import { noneMayMiss } from '../readings/quantity.ts';
import { listed, plural } from '../readings/wording.ts';

/** What would refuse or strand the new pods. A Deployment's dry run passes all of it: quotas and limit ranges act on pods (domain fact 10). */
export interface Ground {
  readonly quotas: readonly Quota[];
  readonly 'limit ranges': readonly LimitRange[];
  readonly 'free room': FreeRoom;
}

/** `no`: it would not work; `caution`: it works in part, or only later. */
export type Preflight =
  | { readonly no: string }
  | {
      readonly caution: string;
      /** Of another template: extra pods that have room now, beside the old ones. */
      readonly extra?: number;
    };

/** More pods of the present template. */
export function morePods(of: Deployment, more: number, ground: Ground): Preflight {
  if (more <= 0) return { caution: '' };
  // One that came after the present pods refuses the next ones.
  const range = limitRangeAgainst(of.template, ground['limit ranges']);
  if (range !== null) return { no: range };
  const quota = quotaAgainst(of.template, more, ground.quotas);
  if (quota !== null) return { no: quota };
  const places = placesFor(of.template, ground['free room']);
  const room = freeRoomText(of.template, ground['free room']);
  if (places === 0) return { no: `no node has room for one more pod now: ${room}` };
  return { caution: places < more ? `room for ${places} of the ${more} now (${room}); the others wait for nodes` : '' };
}

/** How many more pods of this template nodes and quotas have room for now. */
export function placesUnder(template: PodTemplate, ground: Ground): number {
  const allowed = ground.quotas.flatMap((quota) =>
    Object.entries(quota.hard).flatMap(([key, hard]) => {
      const each = askedUnder(template, key);
      const [there, used] = [quantity(hard), quantity(quota.used[key] ?? '0')];
      return each === null || each === 0 || there === null || used === null
        ? []
        : [Math.max(0, Math.floor((there - used) / each + 1e-9))];
    }),
  );
  return Math.min(placesFor(template, ground['free room']), ...allowed);
}

/** Another template for all pods, one surge at a time. */
export function otherTemplate(of: Deployment, to: PodTemplate, ground: Ground): Preflight {
  const range = limitRangeAgainst(to, ground['limit ranges']);
  if (range !== null) return { no: range };
  const { surgePods, unavailablePods, maxUnavailable, type } = of.strategy;
  const surge = type === 'Recreate' ? 0 : surgePods;
  const quota = quotaAgainst(to, surge, ground.quotas);
  const needsSurge = type !== 'Recreate' && unavailablePods === 0;
  const growth = growthAgainst(of, to, ground.quotas);
  if (growth !== null) return { no: growth };
  if (quota !== null && needsSurge) return { no: quota };
  const places = placesFor(to, ground['free room']);
  const room = freeRoomText(to, ground['free room']);
  if (needsSurge && places === 0) {
    return {
      no: `it would hang: no pod may be missing meanwhile (${noneMayMiss(maxUnavailable, of.replicas.wanted)}), and its extra pod has no room: ${room}`,
    };
  }
  const grows = resourcesOf(to).filter((one) => askedFor(to, one) > askedFor(of.template, one));
  if (grows.length > 0 && !fitsInPlace(of.template, to, ground['free room'])) {
    return {
      no: `its pods would ask for more ${listed(grows)} than any node has, also when the old pod has gone: ${room}`,
    };
  }
  return {
    caution: places > 0 ? '' : 'no node has room for an extra pod now: each new pod waits until an old one has gone',
    extra: places,
  };
}

/** Old pods make room as they go, but only as much as they held themselves. */
function fitsInPlace(from: PodTemplate, to: PodTemplate, { nodes }: FreeRoom): boolean {
  const all = resourcesOf(to);
  return nodes.some(({ free }) => all.every((one) => (free[one] ?? 0) + askedFor(from, one) >= askedFor(to, one)));
}

function resourcesOf(template: PodTemplate): readonly string[] {
  return [...new Set(template.containers.flatMap((one) => [...Object.keys(one.requests), ...Object.keys(one.limits)]))];
}

function quotaAgainst(template: PodTemplate, more: number, quotas: readonly Quota[]): string | null {
  if (more <= 0) return null;
  for (const quota of quotas) {
    for (const [key, hard] of Object.entries(quota.hard)) {
      const each = askedUnder(template, key);
      const [there, used] = [quantity(hard), quantity(quota.used[key] ?? '0')];
      if (each === null || each === 0 || there === null || used === null || used + each * more <= there) continue;
      const name = key.replace(/^(requests|limits)\./, '');
      return `quota ${quota.name} would refuse ${more === 1 ? 'it' : 'them'}: ${key} ${amount(name, used)} of ${amount(name, there)} taken, ${plural(more, 'more pod')} ${more === 1 ? 'asks' : 'ask'} for ${amount(name, each * more)}`;
    }
  }
  return null;
}

/** A quota that has room for the first of them may have none for the last: all pods become larger. */
function growthAgainst(of: Deployment, to: PodTemplate, quotas: readonly Quota[]): string | null {
  for (const quota of quotas) {
    for (const [key, hard] of Object.entries(quota.hard)) {
      const more = ((askedUnder(to, key) ?? 0) - (askedUnder(of.template, key) ?? 0)) * of.replicas.wanted;
      const [there, used] = [quantity(hard), quantity(quota.used[key] ?? '0')];
      if (more <= 0 || there === null || used === null || used + more <= there) continue;
      const name = key.replace(/^(requests|limits)\./, '');
      return `quota ${quota.name} would refuse some of its pods: ${key} ${amount(name, used)} of ${amount(name, there)} taken, all ${plural(of.replicas.wanted, 'pod')} together would ask for ${amount(name, more)} more`;
    }
  }
  return null;
}

/** What one pod counts for under a quota's key; null: a key that does not count pods' resources. */
function askedUnder(template: PodTemplate, key: string): number | null {
  if (key === 'pods' || key === 'count/pods') return 1;
  const [, part, resource] = /^(requests|limits)\.(.+)$/.exec(key) ?? [null, 'requests', key];
  if (resource === undefined || part === undefined) return null;
  if (part === 'requests') return askedFor(template, resource);
  return template.containers.reduce((sum, one) => sum + (quantity(one.limits[resource] ?? '0') ?? 0), 0);
}

/** Per container: at most and at least; per pod: the sum of its containers. Where the template names no limit, the range's default is given to it. */
function limitRangeAgainst(template: PodTemplate, ranges: readonly LimitRange[]): string | null {
  for (const { name, limits } of ranges) {
    const given = limits.find((one) => one.type === 'Container')?.default ?? {};
    for (const limit of limits) {
      const why = limit.type === 'Pod' ? podAgainst(template, limit, given) : containersAgainst(template, limit, given);
      if (why !== null) return `limit range ${name} would refuse the pods: ${why}`;
    }
  }
  return null;
}

type Limit = LimitRange['limits'][number];
type Container = PodTemplate['containers'][number];

const mostOf = (one: Container, resource: string, given: Limit['default']): number =>
  quantity(one.limits[resource] ?? one.requests[resource] ?? given[resource] ?? '0') ?? 0;
const leastOf = (one: Container, resource: string, given: Limit['default']): number =>
  quantity(one.requests[resource] ?? one.limits[resource] ?? given[resource] ?? '0') ?? 0;

function containersAgainst(template: PodTemplate, { type, min, max }: Limit, given: Limit['default']): string | null {
  if (type !== 'Container') return null;
  for (const container of template.containers) {
    for (const [resource, text] of Object.entries(max)) {
      const [asked, most] = [mostOf(container, resource, given), quantity(text)];
      if (most !== null && asked > most)
        return `container ${container.name} would have ${amount(resource, asked)} ${resource}, at most ${amount(resource, most)} is allowed`;
    }
    for (const [resource, text] of Object.entries(min)) {
      const [asked, least] = [leastOf(container, resource, given), quantity(text)];
      // What names nothing is given the range's own default request, which is not known here.
      if (least !== null && asked > 0 && asked < least)
        return `container ${container.name} would ask for ${amount(resource, asked)} ${resource}, at least ${amount(resource, least)} is wanted`;
    }
  }
  return null;
}

function podAgainst(template: PodTemplate, { max }: Limit, given: Limit['default']): string | null {
  for (const [resource, text] of Object.entries(max)) {
    const asked = template.containers.reduce((sum, one) => sum + mostOf(one, resource, given), 0);
    const most = quantity(text);
    if (most !== null && asked > most)
      return `a pod would have ${amount(resource, asked)} ${resource} in all, at most ${amount(resource, most)} is allowed`;
  }
  return null;
}
