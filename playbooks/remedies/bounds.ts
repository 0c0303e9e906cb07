import { z } from 'zod';
import type { Json } from '../../src/core/json.ts';
import type { Verdict } from '../../src/core/contract.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Autoscaler, Bounds, BoundsAct, BoundsRehearse } from '../../src/core/ports/kubernetes.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { say } from '../../src/core/words.ts';
import { autoscaler, deployment } from '../readings/deployment.ts';
import { facts } from '../readings/facts.ts';
import { freeRoom, placesFor } from '../readings/free-room.ts';
import { onDeployment } from '../readings/on.ts';
import { limitRanges, quotas } from '../readings/room.ts';
import { goalOf, goalSchema, goalText, observeGoal, reached } from './goal.ts';
import type { Goal, GoalFor, GoalSeen } from './goal.ts';
import { plural } from '../readings/wording.ts';
import { morePods } from './preflight.ts';

/** Where an autoscaler owns the replica count, its bounds are what can be changed: those of the HPA, or of the ScaledObject that makes the HPA. */

const bounds = z.object({ min: z.number(), max: z.number() });
const boundsPlan = z.object({
  namespace: z.string(),
  /** Of the object that is changed. */
  name: z.string(),
  uid: z.string(),
  workload: z.string(),
  from: bounds,
  to: bounds,
  caution: z.string(),
  goal: goalSchema.nullable(),
});
type BoundsPlan = z.infer<typeof boundsPlan>;

interface BoundsState {
  readonly uid: string;
  readonly now: Bounds | null;
  readonly wanted: number;
  readonly available: number;
  /** The deployment's controller has seen the newest number: only then do the counts speak of it. */
  readonly observed: boolean;
  /** Of a ScaledObject: the maximum of the autoscaler that KEDA makes of it; null: not one, or it is not to be seen. */
  readonly passedOn: number | null;
  readonly goal: GoalSeen | null;
}

const asked = z.object({
  min: z.int().min(0).max(1_000).nullable().default(null),
  max: z.int().min(1).max(1_000).nullable().default(null),
});
const usage = 'min=<replicas> max=<replicas>';
/** More by a half. */
const step = 1.5;

async function hpaOf(read: Read, plan: BoundsPlan): Promise<{ readonly uid: string; readonly now: Bounds } | null> {
  const found = await read.kubernetes.autoscaler({ namespace: plan.namespace, name: plan.workload });
  return found === null || found.name !== plan.name
    ? null
    : { uid: found.uid, now: { min: found.min, max: found.max } };
}

/** KEDA's defaults where the object says nothing: 0 and 100 (ScaledObject spec). */
const scaledSpec = z.object({ minReplicaCount: z.number().default(0), maxReplicaCount: z.number().default(100) });

export async function scaledObjectOf(
  read: Read,
  of: { readonly namespace: string; readonly name: string },
): Promise<{ readonly uid: string; readonly now: Bounds } | null> {
  const all = await read.kubernetes.custom('ScaledObject', of.namespace);
  const found = all?.find((one) => one.name === of.name);
  if (found === undefined) return null;
  const spec = scaledSpec.safeParse(JSON.parse(found.spec));
  if (!spec.success) throw new Failure('unreadable', `ScaledObject ${of.name}: its bounds are not numbers`);
  return { uid: found.uid, now: { min: spec.data.minReplicaCount, max: spec.data.maxReplicaCount } };
}

async function observe(
  read: Read,
  plan: BoundsPlan,
  find: (read: Read, plan: BoundsPlan) => Promise<{ readonly uid: string; readonly now: Bounds } | null>,
): Promise<BoundsState> {
  const of = { namespace: plan.namespace, name: plan.workload };
  const [found, workload, scaler, goal] = await Promise.all([
    find(read, plan),
    read.kubernetes.deployment(of),
    read.kubernetes.autoscaler(of),
    observeGoal(read, of, plan.goal),
  ]);
  return {
    uid: found?.uid ?? '',
    now: found?.now ?? null,
    wanted: workload?.replicas.wanted ?? 0,
    available: workload?.replicas.available ?? 0,
    observed: workload !== null && workload.observedGeneration >= workload.generation,
    passedOn: scaler === null || scaler.scaledObject !== plan.name ? null : scaler.max,
    goal,
  };
}

const isAt = (now: Bounds | null, end: Bounds): boolean => now !== null && now.min === end.min && now.max === end.max;

function fits(plan: BoundsPlan, { uid, now }: BoundsState): Verdict {
  const no = (because: string): Verdict => ({ is: 'no', because });
  if (now === null) return no('it does not exist any more');
  if (uid !== plan.uid) return no('it was deleted and made anew since');
  if (isAt(now, plan.to)) return no('its bounds are so already');
  if (!isAt(now, plan.from)) return no(`its bounds were changed since (${now.min} to ${now.max})`);
  return { is: 'yes' };
}

function verify(plan: BoundsPlan, before: BoundsState, now: BoundsState): Verdict {
  if (!isAt(now.now, plan.to)) return { is: 'no', because: 'its bounds were changed since' };
  if (now.passedOn !== null && now.passedOn !== plan.to.max) {
    return { is: 'not yet', because: `KEDA has not passed it on to its autoscaler yet (maximum ${now.passedOn})` };
  }
  // At its old maximum it wanted more: only more pods show that raising it did anything.
  if (plan.to.max > plan.from.max && before.wanted >= plan.from.max && now.wanted <= before.wanted) {
    return { is: 'not yet', because: `it has not scaled yet (${now.wanted} replicas)` };
  }
  if (now.wanted < plan.to.min) {
    return { is: 'not yet', because: `it has not scaled yet (${now.wanted} of at least ${plan.to.min} replicas)` };
  }
  if (!now.observed) return { is: 'not yet', because: 'the deployment controller has not seen the new number yet' };
  if (now.available < now.wanted) return { is: 'not yet', because: `${now.available} of ${now.wanted} available` };
  return reached(plan.goal, before.goal, now.goal, { mustFall: true });
}

const word = (noun: string, plan: BoundsPlan): string => `${noun} ${plan.namespace}/${plan.name}`;

/** "12 to 24 replicas", "12 replicas, no more and no fewer". */
function range({ min, max }: Bounds): string {
  return min === max ? `exactly ${plural(min, 'replica')}` : `${min} to ${max} replicas`;
}

/** "at most 30 replicas instead of 24 (at least 12, as before)". */
function boundsMoves(from: Bounds, to: Bounds): string {
  if (from.min === from.max || to.min === to.max) return `${range(to)} instead of ${range(from)}`;
  if (from.min === to.min) return `at most ${to.max} replicas instead of ${from.max} (at least ${to.min}, as before)`;
  if (from.max === to.max) return `at least ${to.min} replicas instead of ${from.min} (at most ${to.max}, as before)`;
  return `${range(to)} instead of ${range(from)}`;
}

function shared(noun: string) {
  return {
    schema: boundsPlan,
    target: (plan: BoundsPlan) => ({ namespace: plan.namespace, name: plan.name }),
    label: 'change bounds',
    risk: (plan: BoundsPlan) =>
      plan.to.max < plan.from.max || plan.caution !== '' ? ('medium' as const) : ('low' as const),
    says: (plan: BoundsPlan) =>
      say`${noun} ${plan.name}: ${boundsMoves(plan.from, plan.to)}${plan.caution === '' ? '' : `. Caution: ${plan.caution}`}${goalText(plan.goal)}`,
    after: () => null,
    temporary: (plan: BoundsPlan) => `${word(noun, plan)}: ${range(plan.to)} instead of ${range(plan.from)}`,
    preview: (plan: BoundsPlan) => [
      word(noun, plan),
      ...(['min', 'max'] as const).flatMap((one) =>
        plan.from[one] === plan.to[one] ? [] : [`- ${one}: ${plan.from[one]}`, `+ ${one}: ${plan.to[one]}`],
      ),
      '+ annotation mlp-bot/fence: a new value with each attempt',
    ],
    knownGood: () => false,
    settleMs: 60_000,
    deadlineMs: 15 * 60_000,
    binds: ({ uid, now }: BoundsState): Json => ({ uid, now: now === null ? null : { min: now.min, max: now.max } }),
    fits,
    holds: (plan: BoundsPlan, { uid, now }: BoundsState) => uid === plan.uid && isAt(now, plan.to),
    rehearse: (rehearse: BoundsRehearse, plan: BoundsPlan) =>
      rehearse.rehearse(plan.to, { uid: plan.uid, ...plan.from }),
    execute: (act: BoundsAct, plan: BoundsPlan) => act.change(plan.to, { uid: plan.uid, ...plan.from }),
    verify,
    progress: (_plan: BoundsPlan, now: BoundsState) => `${now.wanted} replicas wanted, ${now.available} available`,
    undo: (plan: BoundsPlan): BoundsPlan => ({ ...plan, from: plan.to, to: plan.from, caution: '', goal: null }),
  };
}

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

interface Offering<W extends string> {
  readonly when: readonly W[];
  readonly goal: GoalFor;
}
const needs = [deployment, autoscaler, quotas, limitRanges, freeRoom, facts] as const;

/** Of a HorizontalPodAutoscaler that nothing else makes. */
export const autoscalerBounds = <const W extends string>(o: Offering<W>) =>
  onDeployment.remedy('autoscaler-bounds', {
    ...shared('autoscaler'),
    title: "Change the autoscaler's bounds",
    acts: 'autoscaler',
    when: o.when,
    needs,
    asks: { schema: asked, usage },
    plan: (t, seen, _at, want) => {
      const found = seen.autoscaler;
      if (found === null) return { moot: true, no: 'no autoscaler scales it: see scale' };
      if (found.scaledObject !== null) {
        return {
          moot: true,
          no: `KEDA's ScaledObject ${found.scaledObject} makes this autoscaler and would set it back: see its bounds`,
        };
      }
      return planFor(
        t,
        seen,
        { name: found.name, uid: found.uid, from: { min: found.min, max: found.max } },
        want,
        goalOf(o.goal, seen.config),
      );
    },
    observe: (read, plan) => observe(read, plan, hpaOf),
  });

/** The ScaledObject whose bounds are changed where KEDA makes the autoscaler; null: none does. */
export const scaledObject = onDeployment.reading('scaled object', {
  after: [autoscaler],
  byHand: (t) => `kubectl --context=${t.region} -n ${t.namespace} get scaledobject`,
  read: async (
    read,
    t,
    seen,
  ): Promise<{ readonly name: string; readonly uid: string; readonly from: Bounds } | null> => {
    const name = seen.autoscaler?.scaledObject ?? null;
    if (name === null) return null;
    const found = await scaledObjectOf(read, { namespace: t.namespace, name });
    return found === null ? null : { name, uid: found.uid, from: found.now };
  },
});

export const scaledObjectBounds = <const W extends string>(o: Offering<W>) =>
  onDeployment.remedy('scaled-object-bounds', {
    ...shared('ScaledObject'),
    title: "Change the ScaledObject's bounds",
    acts: 'scaled object',
    when: o.when,
    needs: [...needs, scaledObject],
    asks: { schema: asked, usage },
    plan: (t, seen, _at, want) => {
      const found = seen['scaled object'];
      if (found === null) return { moot: true, no: 'no ScaledObject of KEDA scales it' };
      return planFor(t, seen, found, want, goalOf(o.goal, seen.config));
    },
    observe: (read, plan) =>
      observe(read, plan, (reader, { namespace, name }) => scaledObjectOf(reader, { namespace, name })),
  });

function planFor(
  t: { readonly namespace: string; readonly name: string },
  seen: {
    readonly deployment: Parameters<typeof morePods>[0];
    readonly autoscaler: Autoscaler | null;
  } & Parameters<typeof morePods>[2],
  owner: { readonly name: string; readonly uid: string; readonly from: Bounds },
  want: z.infer<typeof asked> | null,
  goal: Goal | null,
): BoundsPlan | { readonly no: string } {
  const { wanted } = seen.deployment.replicas;
  const to = next(owner.from, want, wanted, placesFor(seen.deployment.template, seen['free room']));
  if ('no' in to) return to;
  // Whether it will use its new room is its own decision; whether there is any is ours to say.
  const more = to.max > owner.from.max ? to.max : Math.max(to.min, wanted);
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
  };
}
