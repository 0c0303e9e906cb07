import { z } from 'zod';
import type { Autoscaler, Bounds, Deployment, SpecWriter } from '../../src/core/ports/kubernetes.ts';
import { placesFor } from '../readings/free-room.ts';
import { barred } from './barred.ts';
import { goalSchema } from './goal.ts';
import type { Goal } from './goal.ts';
import { morePods } from './preflight.ts';
import { lowering, reachShape, scaling } from './reach.ts';
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
  caution: z.string(),
  goal: goalSchema.nullable(),
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
/** More by a half. */
const step = 1.5;

export const isAt = (now: Bounds | null, end: Bounds): boolean =>
  now !== null && now.min === end.min && now.max === end.max;

/** Without details: at its maximum that is raised by half; below it, it does not see the need, and the minimum is raised. No further than there is room now, as pods that wait for nodes help nobody. */
function chosen(from: Bounds, wanted: number, places: number): Bounds {
  const fits = (more: number): number => Math.max(1, Math.min(more, places));
  if (wanted >= from.max) return { min: from.min, max: from.max + fits(Math.ceil(from.max * (step - 1))) };
  const min = wanted + fits(Math.ceil(wanted * (step - 1)));
  return { min: Math.min(min, from.max), max: from.max };
}

function next(
  from: Bounds,
  want: z.infer<typeof asked> | null,
  wanted: number,
  places: number,
): Bounds | { readonly no: string } {
  const to = want === null ? chosen(from, wanted, places) : { min: want.min ?? from.min, max: want.max ?? from.max };
  if (to.min > to.max) return { no: `the minimum (${to.min}) would be above the maximum (${to.max})` };
  return isAt(to, from) ? { no: `its bounds are ${from.min} to ${from.max} already` } : to;
}

/** The share of the request that it aims at, with its own tolerance of a tenth; null: it does not go by CPU. */
function aimOf({ metrics }: Pick<Autoscaler, 'metrics'>): number | null {
  const target = /(\d+(?:\.\d+)?)\s*%/.exec(metrics.find((one) => /\bcpu\b/i.test(one.name))?.target ?? '')?.[1];
  return target === undefined ? null : (Number(target) / 100) * 1.1;
}

/** It will not go below what its autoscaler aims at. */
function reachable(goal: Goal | null, scaler: Autoscaler | null): Goal | null {
  const aim = scaler === null ? null : aimOf(scaler);
  if (goal?.measure !== 'CPU of request' || aim === null) return goal;
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
  const to = next(owner.from, want, wanted, placesFor(seen.deployment.template, seen['free room']));
  if ('no' in to) return to;
  // Whether it will use its new room is its own decision; whether there is any is ours to say.
  const more = to.max > owner.from.max ? to.max : Math.max(to.min, wanted);
  const no = more > wanted ? refusal(t.namespace, seen.deployment, beside) : null;
  if (no !== null) return { no };
  const preflight = morePods(seen.deployment, more - wanted, seen);
  if ('no' in preflight) return preflight;
  return {
    namespace: t.namespace,
    name: owner.name,
    uid: owner.uid,
    workload: t.name,
    from: owner.from,
    to,
    caution: preflight.caution,
    goal: to.max > owner.from.max || to.min > wanted ? reachable(goal, seen.autoscaler) : null,
    ...sourceOf(owner.writers ?? []),
    ...moved(seen, { from: owner.from, to, more }, beside),
  };
}

/** Wider room may start pods; a lower end lets the autoscaler take some away. */
function moved(
  seen: { readonly deployment: Deployment; readonly autoscaler: Autoscaler | null },
  { from, to, more }: { readonly from: Bounds; readonly to: Bounds; readonly more: number },
  beside: Around,
): ReturnType<typeof scaling> {
  const { wanted } = seen.deployment.replicas;
  const least = Math.min(to.min, to.max);
  const isLower = to.min < from.min || to.max < from.max;
  if (!isLower || least >= wanted || more > wanted)
    return scaling(seen.deployment, Math.min(more, to.max), beside, boundsDeadlineMs, to.max > from.max);
  return lowering(seen.deployment, least, goesTo(seen.autoscaler, wanted, to), beside, boundsDeadlineMs);
}

/** By the formula of the autoscaler: pods × present use ÷ target. */
function goesTo(scaler: Autoscaler | null, wanted: number, to: Bounds): string {
  const cpu = scaler?.metrics.find((one) => /\bcpu\b/i.test(one.name));
  const [now, target] = [cpu?.current, cpu?.target].map((text) => Number(/(\d+(?:\.\d+)?)\s*%/.exec(text ?? '')?.[1]));
  if (scaler?.metrics.length !== 1 || now === undefined || target === undefined || !(now >= 0) || !(target > 0))
    return 'How far down it would go by what it measures is not known';
  const wants = Math.ceil((wanted * now) / target);
  return `The autoscaler, at ${now} % of its ${target} % target, would go to about ${Math.min(to.max, Math.max(to.min, wants))}`;
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
