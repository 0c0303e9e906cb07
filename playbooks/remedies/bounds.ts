import { z } from 'zod';
import type { Json } from '../../src/core/json.ts';
import type { Verdict } from '../../src/core/contract.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Bounds, BoundsAct, BoundsRehearse, SpecWriter } from '../../src/core/ports/kubernetes.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { say } from '../../src/core/words.ts';
import { autoscaler, deployment } from '../readings/deployment.ts';
import { facts } from '../readings/facts.ts';
import { freeRoom } from '../readings/free-room.ts';
import { onDeployment } from '../readings/on.ts';
import { limitRanges, quotas } from '../readings/room.ts';
import { asked, boundsDeadlineMs, boundsPlan, isAt, planFor, usage } from './bounds-plan.ts';
import { around, deadlineMsOf, sameBut, settleMsOf } from './reach.ts';
import type { BoundsPlan } from './bounds-plan.ts';
import { goalOf, goalText, judgedFrom, reached } from './goal.ts';
import type { GoalFor } from './goal.ts';
import { observeGoal } from './goal-seen.ts';
import type { GoalSeen } from './goal-seen.ts';
import { plural } from '../readings/wording.ts';

/** Where an autoscaler owns the replica count, its bounds are what can be changed: those of the HPA, or of the ScaledObject that makes the HPA. */

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
): Promise<{ readonly uid: string; readonly now: Bounds; readonly writers?: readonly SpecWriter[] } | null> {
  const all = await read.kubernetes.custom('ScaledObject', of.namespace);
  const found = all?.find((one) => one.name === of.name);
  if (found === undefined) return null;
  const spec = scaledSpec.safeParse(JSON.parse(found.spec));
  if (!spec.success) throw new Failure('unreadable', `ScaledObject ${of.name}: its bounds are not numbers`);
  const now = { min: spec.data.minReplicaCount, max: spec.data.maxReplicaCount };
  return { uid: found.uid, now, ...(found.specWriters === undefined ? {} : { writers: found.specWriters }) };
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
    return { is: 'not yet', because: `it has not scaled yet (${plural(now.wanted, 'replica')})` };
  }
  if (now.wanted < plan.to.min) {
    return { is: 'not yet', because: `it has not scaled yet (${now.wanted} of at least ${plan.to.min} replicas)` };
  }
  if (!now.observed) return { is: 'not yet', because: 'the deployment controller has not seen the new number yet' };
  if (now.available < now.wanted) return { is: 'not yet', because: `${now.available} of ${now.wanted} available` };
  return reached(plan.goal, before.goal, now.goal, { mustFall: true });
}

const word = (noun: string, plan: BoundsPlan): string => `${noun} ${plan.namespace}/${plan.name}`;

/** "12 to 30 replicas instead of 12 to 24", "12 to 16 replicas instead of exactly 12". */
function instead(from: Bounds, to: Bounds): string {
  const range = ({ min, max }: Bounds): string => (min === max ? `exactly ${min}` : `${min} to ${max}`);
  return `${range(to)} replicas instead of ${range(from)}`;
}

/** What stays is said to stay. */
function moves(from: Bounds, to: Bounds): string {
  const isRange = from.min !== from.max && to.min !== to.max;
  if (isRange && from.min === to.min)
    return `at most ${to.max} replicas instead of ${from.max} (at least ${to.min}, as before)`;
  if (isRange && from.max === to.max)
    return `at least ${to.min} replicas instead of ${from.min} (at most ${to.max}, as before)`;
  return instead(from, to);
}

function shared(noun: string) {
  return {
    schema: boundsPlan,
    target: (plan: BoundsPlan) => ({ namespace: plan.namespace, name: plan.name }),
    label: 'change bounds',
    risk: riskOf,
    says: (plan: BoundsPlan) =>
      say`${noun} ${plan.name}: ${moves(plan.from, plan.to)}${plan.why === undefined ? '' : `: ${plan.why}`}${plan.caution === '' ? '' : `. Caution: ${plan.caution}`}${goalText(plan.goal)}`,
    after: () => null,
    temporary: (plan: BoundsPlan) => `${word(noun, plan)}: ${instead(plan.from, plan.to)}`,
    differs: (plan: BoundsPlan) =>
      plan.source === undefined
        ? null
        : { source: plan.source, what: `${word(noun, plan)}: ${plan.to.min} to ${plan.to.max} replicas` },
    // A wider room takes nothing away; a lower end lets the autoscaler do so.
    endsPods: ({ from, to }: BoundsPlan) => to.min < from.min || to.max < from.max,
    preview: (plan: BoundsPlan) => [
      word(noun, plan),
      ...(['min', 'max'] as const).flatMap((one) =>
        plan.from[one] === plan.to[one] ? [] : [`- ${one}: ${plan.from[one]}`, `+ ${one}: ${plan.to[one]}`],
      ),
      ...(plan.why === undefined ? [] : [plan.why]),
      ...(plan.by === undefined ? [] : [`its own arithmetic: ${plan.by}`]),
      ...(plan.reach ?? []),
      '+ annotation mlp-bot/fence: a new value with each attempt',
    ],
    // Its use moves with every look: while it goes by its own arithmetic it is the same offer.
    same: ({ goes: _goes, ...plan }: BoundsPlan) => sameBut(plan.why === undefined ? plan : withoutNumbers(plan)),
    knownGood: () => false,
    settleMs: (plan: BoundsPlan) => settleMsOf(plan, boundsDeadlineMs),
    deadlineMs: (plan: BoundsPlan) => deadlineMsOf(plan, boundsDeadlineMs),
    binds: ({ uid, now }: BoundsState): Json => ({ uid, now: now === null ? null : { min: now.min, max: now.max } }),
    fits,
    holds: (plan: BoundsPlan, { uid, now }: BoundsState) => uid === plan.uid && isAt(now, plan.to),
    rehearse: (rehearse: BoundsRehearse, plan: BoundsPlan) =>
      rehearse.rehearse(plan.to, { uid: plan.uid, ...plan.from }),
    execute: (act: BoundsAct, plan: BoundsPlan) => act.change(plan.to, { uid: plan.uid, ...plan.from }),
    verify,
    progress: (plan: BoundsPlan, now: BoundsState) =>
      `${now.wanted} replicas wanted, ${now.available} available${now.available < now.wanted ? '' : judgedFrom(plan.goal, now.goal)}`,
    undo: ({ reach: _reach, backReach, why: _why, by: _by, goes: _goes, ...plan }: BoundsPlan): BoundsPlan => ({
      ...plan,
      ...(backReach === undefined ? {} : { reach: backReach }),
      from: plan.to,
      to: plan.from,
      caution: '',
      goal: null,
    }),
  };
}

/** By the share of the pods that it may take away: of half or more it is as grave as taking them away. */
function riskOf({ from, to, goes, caution }: BoundsPlan): 'low' | 'medium' | 'high' {
  if (goes !== undefined && goes.pods * 2 >= goes.of && goes.pods > 0) return 'high';
  return (goes?.pods ?? 0) > 0 || to.max < from.max || caution !== '' ? 'medium' : 'low';
}

const withoutNumbers = ({ why: _why, by: _by, to: _to, ...rest }: BoundsPlan) => rest;

interface Offering<W extends string> {
  readonly when: readonly W[];
  readonly goal: GoalFor;
}
const NOT_SCALED = 'no autoscaler scales it, so it has no bounds: `scale` changes how many replicas it has';
const needs = [deployment, autoscaler, quotas, limitRanges, freeRoom, facts] as const;

/** Of a HorizontalPodAutoscaler that nothing else makes. */
export const autoscalerBounds = <const W extends string>(o: Offering<W>) =>
  onDeployment.remedy('autoscaler-bounds', {
    ...shared('autoscaler'),
    title: "Change the autoscaler's bounds",
    acts: 'autoscaler',
    when: o.when,
    needs,
    also: around,
    asks: { schema: asked, usage },
    plan: (t, seen, _at, want, beside) => {
      const found = seen.autoscaler;
      if (found === null) return { moot: true, no: NOT_SCALED };
      if (found.scaledObject !== null) {
        return {
          moot: true,
          no: `KEDA's ScaledObject ${found.scaledObject} makes this autoscaler and would set it back: see its bounds`,
        };
      }
      return planFor(
        t,
        seen,
        {
          name: found.name,
          uid: found.uid,
          from: { min: found.min, max: found.max },
          writers: found.specWriters ?? [],
        },
        want,
        goalOf(o.goal, seen.config, null),
        beside,
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
  ): Promise<{
    readonly name: string;
    readonly uid: string;
    readonly from: Bounds;
    readonly writers?: readonly SpecWriter[];
  } | null> => {
    const name = seen.autoscaler?.scaledObject ?? null;
    if (name === null) return null;
    const found = await scaledObjectOf(read, { namespace: t.namespace, name });
    if (found === null) return null;
    const { uid, now: from, writers } = found;
    return { name, uid, from, ...(writers === undefined ? {} : { writers }) };
  },
});

export const scaledObjectBounds = <const W extends string>(o: Offering<W>) =>
  onDeployment.remedy('scaled-object-bounds', {
    ...shared('ScaledObject'),
    title: "Change the ScaledObject's bounds",
    acts: 'scaled object',
    when: o.when,
    needs: [...needs, scaledObject],
    also: around,
    asks: { schema: asked, usage },
    plan: (t, seen, _at, want, beside) => {
      const found = seen['scaled object'];
      if (seen.autoscaler === null) return { moot: true, no: NOT_SCALED };
      if (found === null) return { moot: true, no: 'no ScaledObject of KEDA scales it' };
      return planFor(t, seen, found, want, goalOf(o.goal, seen.config, null), beside);
    },
    observe: (read, plan) =>
      observe(read, plan, (reader, { namespace, name }) => scaledObjectOf(reader, { namespace, name })),
  });
