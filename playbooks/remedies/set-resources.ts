import { z } from 'zod';
import type { Maybe } from '../../src/core/contract.ts';
import type { Deployment, PodTemplate } from '../../src/core/ports/kubernetes.ts';
import { say } from '../../src/core/words.ts';
import { containerUse } from '../readings/container-use.ts';
import { deployment, revisions } from '../readings/deployment.ts';
import { facts } from '../readings/facts.ts';
import { freeRoom } from '../readings/free-room.ts';
import { memory } from '../readings/memory.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { quantity } from '../readings/quantity.ts';
import { limitRanges, quotas } from '../readings/room.ts';
import { listed } from '../readings/wording.ts';
import { againstUse } from './against-use.ts';
import { barred } from './barred.ts';
import { editDeadlineMs, editing, restartsText } from './edit.ts';
import type { EditPlan } from './edit.ts';
import { boughtBy, goalOf, goalText } from './goal.ts';
import type { GoalFor } from './goal.ts';
import { otherTemplate } from './preflight.ts';
import { around, replacing } from './reach.ts';
import { stateOf, underWay } from './state.ts';

const amountText = z
  .string()
  .max(20)
  .regex(/^\d+(\.\d+)?(m|Ki|Mi|Gi|Ti|k|M|G|T)?$/, 'what it takes is an amount such as 4, 500m or 8Gi');
const asked = z.object({
  /** '': the container that serves, which is the first. */
  container: z.string().max(63).default(''),
  request: amountText.nullable().default(null),
  limit: amountText,
});
type Wish = z.infer<typeof asked>;

/** What a goal may be told by: how its memory grew. */
const besides = [memory, revisions, podRows] as const;
export type Beside = Maybe<typeof besides, 'region'> & {
  readonly deployment: Deployment;
  /** Bytes, cores or GPUs; null: it is not set. */
  readonly to: number | null;
};

type Resource = 'cpu' | 'memory' | 'nvidia.com/gpu';
const ids = { cpu: 'set-cpu', memory: 'set-memory', 'nvidia.com/gpu': 'set-gpu' } as const;
const titles = { cpu: 'Set CPU', memory: 'Set memory', 'nvidia.com/gpu': 'Set GPUs' } as const;

/** Limit and request of one resource of one named container: `kubectl set resources` would take all containers (domain fact 12). */
function setResource<const R extends Resource, const W extends string>(
  resource: R,
  o: { readonly when: readonly W[]; readonly goal: GoalFor<Beside> },
) {
  return onDeployment.remedy(ids[resource], {
    ...editing,
    title: titles[resource],
    when: o.when,
    needs: [deployment, quotas, limitRanges, freeRoom, facts],
    also: [...around, containerUse, ...besides],
    asks: { schema: asked, usage: 'limit=<amount> request=<amount> container=<name>' },
    plan: (t, seen, _at, want, beside) => {
      const now = seen.deployment;
      const container = containerFor(now.template, want?.container ?? '');
      if ('no' in container) return container;
      if (resource === 'nvidia.com/gpu' && !seen.config.shards) {
        return {
          no: `more GPUs only help a model that spreads over them: set \`shards: true\` for ${t.name} in the config if it does`,
        };
      }
      const wish = wanted(resource, container, want);
      if ('no' in wish) return wish;
      const { values } = wish;
      const limit = values[`limits.${resource}`];
      const against = againstUse(
        { resource, container: container.name, from: limit?.from ?? null, to: limit?.to ?? '0' },
        beside['container use'],
      );
      if ('no' in against) return against;
      const template = withValues(now.template, container.name, values);
      const bar = underWay(now) ?? barred(beside, t.namespace, now.templateDigest);
      if (bar !== null) return { no: bar };
      const preflight = otherTemplate(now, template, seen);
      if ('no' in preflight) return preflight;
      if (now.paused) return { no: 'it is paused: the change would wait until it is resumed' };
      const moved = replacing(now, now.replicas.wanted, beside, editDeadlineMs, preflight);
      return {
        namespace: t.namespace,
        name: t.name,
        uid: now.uid,
        digest: now.templateDigest,
        paused: now.paused,
        strategy: stateOf(now, []).strategy,
        owner: now.owner,
        container: container.name,
        values,
        restarts: now.replicas.wanted,
        ...moved,
        reach: [...(against.line === null ? [] : [against.line]), ...moved.reach],
        ...(against.isRisky ? { risky: true as const } : {}),
        caution: preflight.caution,
        recreates: now.strategy.type === 'Recreate',
        goal: goalOf(o.goal, seen.config, { ...beside, deployment: now, to: quantity(limit?.to ?? '') }),
      };
    },
    label: titles[resource].toLowerCase().replace('cpu', 'CPU').replace('gpus', 'GPUs'),
    risk: (plan) => (plan.recreates || plan.risky === true ? 'high' : 'medium'),
    buys: (plan) => boughtBy(plan.goal),
    says: (plan) => say`set ${changes(plan)} of container ${plan.container}${restartsText(plan)}${goalText(plan.goal)}`,
  });
}

export const setCpu = <const W extends string>(o: { readonly when: readonly W[]; readonly goal: GoalFor<Beside> }) =>
  setResource('cpu', o);
export const setMemory = <const W extends string>(o: { readonly when: readonly W[]; readonly goal: GoalFor<Beside> }) =>
  setResource('memory', o);
/** Only where the config says that the service shards, and with that many free on one node. */
export const setGpu = <const W extends string>(o: { readonly when: readonly W[]; readonly goal: GoalFor<Beside> }) =>
  setResource('nvidia.com/gpu', o);

type Container = PodTemplate['containers'][number];

function containerFor(template: PodTemplate, name: string): Container | { readonly no: string } {
  const names = template.containers.map((one) => one.name);
  const found = template.containers.find((one) => name === '' || one.name === name);
  return found ?? { no: `it has no container ${name}: ${listed(names, 'or')}` };
}

/** What is asked for; or twice the CPU, half as much memory again, one more GPU, with the request in the same proportion. */
function wanted(
  resource: Resource,
  { limits, requests }: Container,
  want: Wish | null,
): { readonly values: EditPlan['values'] } | { readonly no: string } {
  const [limit, request] = [limits[resource] ?? null, requests[resource] ?? null];
  if (want === null && limit === null) return { no: `it has no limit of ${resource}, so none is to be raised` };
  const to = want?.limit ?? raised(resource, limit ?? '0');
  // Where both are one, they stay so: else the pods would lose their class (Guaranteed), and be the first to go.
  const isOne = request !== null && limit !== null && quantity(request) === quantity(limit);
  const toRequest =
    resource === 'nvidia.com/gpu' || (isOne && want === null)
      ? to
      : (want?.request ?? (request === null ? null : kept(request, to)));
  if ((quantity(toRequest ?? '0') ?? 0) > (quantity(to) ?? 0)) {
    return { no: `its request (${toRequest}) would be above its limit (${to})` };
  }
  const same = limit !== null && quantity(limit) === quantity(to) && toRequest === request;
  if (same) return { no: `its limit of ${resource} is ${to} already` };
  return {
    values: {
      [`limits.${resource}`]: { from: limit, to },
      ...(toRequest === request ? {} : { [`requests.${resource}`]: { from: request, to: toRequest } }),
    },
  };
}

function raised(resource: Resource, limit: string): string {
  const now = quantity(limit) ?? 0;
  switch (resource) {
    case 'cpu':
      return String(Math.max(1, Math.ceil(now * 2)));
    case 'memory':
      return `${Math.ceil((now * 1.5) / 2 ** 30)}Gi`;
    case 'nvidia.com/gpu':
      return String(now + 1);
  }
}

/** A request stays as it is while it is not above the limit: more of it would need more room. */
function kept(request: string, limit: string): string {
  return (quantity(request) ?? 0) <= (quantity(limit) ?? 0) ? request : limit;
}

function withValues(template: PodTemplate, name: string, values: EditPlan['values']): PodTemplate {
  const set = (part: 'requests' | 'limits', old: Readonly<Record<string, string>>): Record<string, string> => {
    const now = { ...old };
    for (const [path, { to }] of Object.entries(values)) {
      if (!path.startsWith(`${part}.`)) continue;
      const resource = path.slice(part.length + 1);
      if (to === null) delete now[resource];
      else now[resource] = to;
    }
    return now;
  };
  return {
    ...template,
    containers: template.containers.map((one) =>
      one.name === name ? { ...one, requests: set('requests', one.requests), limits: set('limits', one.limits) } : one,
    ),
  };
}

function changes(plan: EditPlan): string {
  return listed(
    Object.entries(plan.values).map(([path, { from, to }]) => {
      const [part = '', ...rest] = path.split('.');
      return `${rest.join('.')} ${part.slice(0, -1)} from ${from ?? 'none'} to ${to ?? 'none'}`;
    }),
  );
}
