import { z } from 'zod';
import type { Autoscaler, Bounds, Deployment, SpecWriter } from '../../src/core/ports/kubernetes.ts';
import { barred } from './barred.ts';
import { chosen, wishOf } from './bounds-size.ts';
import type { Sized } from './bounds-size.ts';
import { goalSchema } from './goal.ts';
import type { Goal } from './goal.ts';
import { morePods, placesUnder } from './preflight.ts';
import { bounding, mayGo, reachShape } from './reach.ts';
import type { Around } from './reach.ts';

/** What the bounds of an autoscaler should become. */

const bounds = z.object({ min: z.number(), max: z.number() });
export const boundsPlan = z.object({
  namespace: z.string(),
  /** Of the object that is changed. */
  name: z.string(),
  uid: z.string(),
  workload: z.string(),
  from: bounds,
  to: bounds,
  /** How the new bounds came about, where nobody asked for them. */
  why: z.string().exactOptional(),
  by: z.string().exactOptional(),
  caution: z.string(),
  goal: goalSchema.nullable(),
  /** Pods that it may take away, of those that ran when it was planned. Absent: a way back, or a plan of an older version. */
  goes: z.object({ pods: z.number(), of: z.number() }).exactOptional(),
  ...reachShape,
  /** Where its bounds are declared, as far as who wrote them tells. */
  source: z.enum(['Git', 'the Helm chart']).exactOptional(),
});
export type BoundsPlan = z.infer<typeof boundsPlan>;

export const asked = z.object({
  min: z.int().min(0).max(1_000).nullable().default(null),
  max: z.int().min(1).max(1_000).nullable().default(null),
});
export const usage = 'min=<replicas> max=<replicas>';
export const boundsDeadlineMs = 15 * 60_000;
export const isAt = (now: Bounds | null, end: Bounds): boolean =>
  now !== null && now.min === end.min && now.max === end.max;

function next(
  from: Bounds,
  want: z.infer<typeof asked> | null,
  choose: () => Sized,
): (Pick<Sized, 'to'> & Partial<Sized>) | { readonly no: string } {
  const next = want === null ? choose() : { to: { min: want.min ?? from.min, max: want.max ?? from.max } };
  const { to } = next;
  if (to.min > to.max) return { no: `the minimum (${to.min}) would be above the maximum (${to.max})` };
  return isAt(to, from) ? { no: `its bounds are ${from.min} to ${from.max} already` } : next;
}

/** The share of the request that it aims at, with its own tolerance of a tenth; null: it does not go by CPU. */
function aimOf({ metrics }: Pick<Autoscaler, 'metrics'>): number | null {
  const target = /(\d+(?:\.\d+)?)\s*%/.exec(metrics.find((one) => /\bcpu\b/i.test(one.name))?.target ?? '')?.[1];
  return target === undefined ? null : (Number(target) / 100) * 1.1;
}

/** It will not go below what its autoscaler aims at. */
function reachable(goal: Goal | null, scaler: Autoscaler | null): Goal | null {
  const aim = scaler === null ? null : aimOf(scaler);
  if (goal === null || !('measure' in goal) || goal.measure !== 'CPU of request' || aim === null) return goal;
  return { ...goal, below: Math.max(goal.below, Math.ceil(aim * 100 + 1) / 100) };
}

export function planFor(
  t: { readonly namespace: string; readonly name: string },
  seen: {
    readonly deployment: Parameters<typeof morePods>[0];
    readonly autoscaler: Autoscaler | null;
  } & Parameters<typeof morePods>[2],
  owner: {
    readonly name: string;
    readonly uid: string;
    readonly from: Bounds;
    readonly writers?: readonly SpecWriter[];
  },
  want: z.infer<typeof asked> | null,
  goal: Goal | null,
  beside: Around,
): BoundsPlan | { readonly no: string } {
  const { wanted } = seen.deployment.replicas;
  const sized = next(owner.from, want, () =>
    chosen(owner.from, wanted, wishOf(seen.autoscaler, wanted), placesUnder(seen.deployment.template, seen)),
  );
  if ('no' in sized) return sized;
  const { to } = sized;
  // Whether it will use its new room is its own decision; whether there is any is ours to say.
  const more = to.max > owner.from.max ? to.max : Math.max(to.min, wanted);
  const no = more > wanted ? refusal(t.namespace, seen.deployment, beside) : null;
  if (no !== null) return { no };
  const preflight = morePods(seen.deployment, more - wanted, seen);
  if ('no' in preflight) return preflight;
  const moved = { from: owner.from, to, why: goesTo(seen.autoscaler, wanted, to) };
  return {
    namespace: t.namespace,
    name: owner.name,
    uid: owner.uid,
    workload: t.name,
    from: owner.from,
    ...sized,
    caution: preflight.caution,
    goal: to.max > owner.from.max || to.min > wanted ? reachable(goal, seen.autoscaler) : null,
    ...sourceOf(owner.writers ?? []),
    goes: { pods: mayGo(wanted, owner.from, to), of: wanted },
    ...bounding(seen.deployment, moved, beside, boundsDeadlineMs),
  };
}

function goesTo(scaler: Autoscaler | null, wanted: number, to: Bounds): string {
  const wish = wishOf(scaler, wanted);
  return wish === null
    ? 'How far down it would go by what it measures is not known'
    : `By its own arithmetic (${wish.by}) it would go to about ${Math.min(to.max, Math.max(to.min, wish.pods))}`;
}

function refusal(namespace: string, now: Deployment, beside: Around): string | null {
  if (now.paused) return 'it is paused: new pods would be made, but of which version is not decided';
  return barred(beside, namespace, now.templateDigest);
}

const sources = [
  [/^(?:argocd|kustomize-controller)/, 'Git'],
  [/^helm/, 'the Helm chart'],
] as const;

/** Who deploys from a source and holds its bounds: there they are declared, so that a change here differs from that. */
function sourceOf(writers: readonly SpecWriter[]): Pick<BoundsPlan, 'source'> {
  const bounding = writers.filter((one) => one.fields.some((field) => /^(?:min|max)Replica/.test(field)));
  const found = sources.find(([sign]) => bounding.some((one) => sign.test(one.manager)));
  return found === undefined ? {} : { source: found[1] };
}
