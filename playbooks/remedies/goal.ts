import { z } from 'zod';
import type { Outcome, Verdict } from '../../src/core/contract.ts';
import type { ServiceFacts } from '../../src/core/ports/platform.ts';
import { plural } from '../readings/wording.ts';
import { countedOver, spanText } from './goal-seen.ts';
import type { GoalSeen } from './goal-seen.ts';

/** What a change is meant to better: pods that are ready are no proof that users are served. Judged by the metric that was bad, against what it was before. */
const measured = z.object({
  measure: z.enum([
    'p95 latency',
    'error ratio',
    'CPU per pod',
    'CPU of request',
    'CPU of container',
    'CPU per request',
    'memory of limit',
    'throttling',
  ]),
  /** Seconds, a share (0 to 1), cores, or core seconds for each request: below this it is well. */
  below: z.number(),
  /** Of "CPU of container": which. */
  container: z.string().exactOptional(),
});
/** No metric shows yet whether it helped: what is open, and when it shows. "whether memory still grows shows in about 2 h". */
const open = z.object({ open: z.string() });
/** It ends nothing, and no metric will say that it did: how long it helps. "12 to 16 h until the limit again". */
const time = z.object({ buys: z.string() });
export const goalSchema = z.union([measured, open, time]);
export type Goal = z.infer<typeof goalSchema>;
export type Measured = z.infer<typeof measured>;

/** What a playbook says a remedy is judged by: fixed, or by the service's own limits in the config. */
export type GoalFor<S = unknown> = Goal | null | ((config: ServiceFacts, seen: S) => Goal | null);
const isMeasured = (goal: Goal | null | undefined): goal is Measured =>
  goal !== null && goal !== undefined && 'measure' in goal;
/** What an offer buys instead of mending anything; null: it is meant to mend. */
export const boughtBy = (goal: Goal | null | undefined): string | null =>
  goal !== null && goal !== undefined && 'buys' in goal ? goal.buys : null;
/** As part of a plan: absent where nothing is judged, or the service's limits could not be read. */
export function withGoal(goal: GoalFor | undefined, config: Outcome<ServiceFacts>): { readonly goal?: Goal } {
  const of = goal === undefined || !config.known ? null : goalOf(goal, config.value, null);
  return of === null ? {} : { goal: of };
}
export const goalOf = <S = unknown>(goal: GoalFor<S>, config: ServiceFacts, seen: S): Goal | null =>
  typeof goal === 'function' ? goal(config, seen) : goal;

/** Half as much again as before, with enough requests to mean it. */
const worseBy = 1.5;
/** Caches, compiled kernels, connections; and the numbers are of five minutes. */
const warmS = 10 * 60;

/**
 * After the pods are as wanted: the metric that was bad, against what it was before, with how many requests each rests on. Without a goal the
 * pods are all there is. `mustFall`: it may have been good enough before, and must be lower all the same (an autoscaler only aims at a share).
 */
export function reached(
  goal: Goal | null,
  before: GoalSeen | null,
  now: GoalSeen | null,
  { mustFall = false }: { readonly mustFall?: boolean } = {},
): Verdict {
  if (goal === null) return { is: 'yes' };
  if ('buys' in goal) return { is: 'yes', note: `bought time: ${goal.buys}` };
  if ('open' in goal) return { is: 'yes', note: goal.open };
  if (now?.countsFrom !== undefined) return { is: 'not yet', because: untilThen(goal, now, now.countsFrom) };
  const missing = missingBefore(before);
  if (missing !== null || before?.value === null || before === null) return withoutBaseline(goal, now, missing ?? '');
  if (now === null || now.value === null)
    return { is: 'not yet', because: `${named(goal)} could not be read (${now?.why ?? 'not looked at'})` };
  if (now.requests !== null && now.requests < now.enough) {
    return {
      is: 'not yet',
      because: `too few requests to tell by ${named(goal)} (${now.requests} in ${countedOver(now)})`,
    };
  }
  const was = shown(goal, before.value);
  const step = `${named(goal)} ${was} → ${shown(goal, now.value)}${samples(before, now)}`;
  const wasWell = before.value < goal.below;
  if (now.value < goal.below) {
    if (!wasWell) return { is: 'yes', note: step };
    if (now.value < before.value) return { is: 'yes', note: `${step}; it was under ${shown(goal, goal.below)} before` };
    return mustFall
      ? { is: 'not yet', because: `${step}: not lower than before` }
      : { is: 'yes', note: `${step}; it was good before, so it does not show whether this helped` };
  }
  const is = `${named(goal)} is ${shown(goal, now.value)}, was ${was}, should be under ${shown(goal, goal.below)}`;
  if (now.value <= before.value * worseBy) return { is: 'not yet', because: is };
  // A change makes its pods anew, and new pods are slow and busy at first: that is no verdict yet.
  return now.youngestS !== null && now.youngestS < warmS
    ? {
        is: 'not yet',
        because: `${is}; its youngest pod is ${Math.floor(now.youngestS / 60)} min old and may still warm up`,
      }
    : { is: 'worse', because: is };
}

/** Why there is nothing to compare with; null: there is. */
function missingBefore(before: GoalSeen | null): string | null {
  if (before === null) return 'it was not looked at before the change';
  if (before.value === null) return before.why === '' ? 'no data' : before.why;
  return before.requests !== null && before.requests < before.enough
    ? `too few requests before (${before.requests} in ${countedOver(before)})`
    : null;
}

/** Never a plain yes: it was done, and whether it helped nobody can say. What is bad now is not well, whatever it was. */
function withoutBaseline(goal: Measured, now: GoalSeen | null, because: string): Verdict {
  const missing = `no ${named(goal)} of before, because: ${because}`;
  const value = now?.value ?? null;
  const enough = now !== null && (now.requests === null || now.requests >= now.enough);
  if (value !== null && enough && value >= goal.below) {
    return {
      is: 'not yet',
      because: `${named(goal)} is ${shown(goal, value)}, should be under ${shown(goal, goal.below)} (${missing})`,
    };
  }
  const untold = `hether users are better off cannot be told: ${missing}`;
  return {
    is: 'yes',
    note:
      now === null || value === null || !enough
        ? `done; w${untold}`
        : `done; ${named(goal)} is ${shown(goal, value)}${samples(null, now)}. W${untold}`,
  };
}

/** Beside how far its pods are, once they are as wanted. */
export function judgedFrom(goal: Goal | null | undefined, now: GoalSeen | null | undefined): string {
  const from = now?.countsFrom;
  return from === undefined || !isMeasured(goal) ? '' : `; judged by ${named(goal)} from ${from.slice(11, 16)} UTC on`;
}

/** Numbers over a window hold what was before the change until the window has passed. */
function untilThen(goal: Measured, { windowS = 0 }: GoalSeen, from: string): string {
  return `the ${spanText(windowS)} of ${named(goal)} begin before its pods were ready: judged from ${from.slice(11, 16)} UTC on`;
}

/** " (12 pods, ready for all of its 5 min; 8,410 and 8,277 requests in 5 min)". */
function samples(before: GoalSeen | null, now: GoalSeen): string {
  const parts = [basis(now), counted(before, now)].filter((one) => one !== '');
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

/** What it was judged by. */
function basis({ pods, windowS = 0 }: GoalSeen): string {
  const of = pods === undefined ? '' : plural(pods, 'pod');
  if (windowS === 0) return of;
  const span = `ready for all of its ${spanText(windowS)}`;
  return of === '' ? `all pods ${span}` : `${of} ${span}`;
}

function counted(before: GoalSeen | null, now: GoalSeen): string {
  const of = ({ requests }: GoalSeen): string => (requests === null ? 'not counted' : requests.toLocaleString('en-GB'));
  if (now.requests === null && (before === null || before.requests === null)) return '';
  return `${before === null ? of(now) : `${of(before)} and ${of(now)}`} requests in ${countedOver(now)}`;
}

export function goalText(goal: Goal | null): string {
  if (goal === null) return '';
  if ('buys' in goal) return `. It buys time and ends nothing: ${goal.buys}`;
  if ('open' in goal) return `; ${goal.open}`;
  return `; judged by ${named(goal)} under ${shown(goal, goal.below)}`;
}

/** "CPU of log-shipper". */
function named({ measure, container }: Measured): string {
  return container === undefined ? measure : `CPU of ${container}`;
}

function shown({ measure }: Measured, value: number): string {
  switch (measure) {
    case 'p95 latency':
      return `${Math.round(value * 1000)} ms`;
    case 'CPU per request':
      return `${Number((value * 1000).toPrecision(2))} ms`;
    case 'CPU of container':
    case 'CPU per pod':
      return `${Number(value.toPrecision(2))} cores`;
    default:
      return `${Math.round(value * 1000) / 10} %`;
  }
}
