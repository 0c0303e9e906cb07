import { z } from 'zod';
import type { Verdict } from '../../src/core/contract.ts';
import type { Question, Series } from '../../src/core/ports/metrics.ts';
import type { Read, ServiceFacts } from '../../src/core/ports/platform.ts';
import { median, newest, present } from '../readings/measures.ts';
import { quantity } from '../readings/quantity.ts';

/** What a change is meant to better: pods that are ready are no proof that users are served. Judged by the metric that was bad, against what it was before. */
export const goalSchema = z.object({
  measure: z.enum(['p95 latency', 'error ratio', 'CPU per pod', 'CPU of request', 'throttling']),
  /** Seconds, a share (0 to 1), or cores: below this it is well. */
  below: z.number(),
});
export type Goal = z.infer<typeof goalSchema>;

/** What a playbook says a remedy is judged by: fixed, or by the service's own limits in the config. */
export type GoalFor = Goal | null | ((config: ServiceFacts) => Goal | null);
export const goalOf = (goal: GoalFor, config: ServiceFacts): Goal | null =>
  typeof goal === 'function' ? goal(config) : goal;

/** As observed with each look; `value` null: could not be read, `why` says so. */
export interface GoalSeen {
  readonly value: number | null;
  /** Requests in five minutes; null where the measure has none. */
  readonly requests: number | null;
  readonly enough: number;
  /** Seconds since its youngest pod was made; null: not known. */
  readonly youngestS: number | null;
  readonly why: string;
}

interface Name {
  readonly namespace: string;
  readonly name: string;
}
const window = { forMs: 5 * 60_000, stepMs: 60_000 };

/** Until a pod has two numbers. */
const startS = 120;

/** Never throws: a metric that is away must not stop the look at the pods. */
export async function observeGoal(read: Read, of: Name, goal: Goal | null): Promise<GoalSeen | null> {
  if (goal === null) return null;
  const enough = read.service({ namespace: of.namespace, name: of.name }).minRequests;
  try {
    const [value, rate, youngestS] = await Promise.all([
      measured(read, of, goal.measure),
      valueAt(read, requestsOf(of)),
      youngest(read, of),
    ]);
    return {
      value,
      requests: rate === null ? null : Math.round(rate * 300),
      enough,
      youngestS,
      why: value !== null ? '' : youngestS !== null && youngestS < startS ? 'its new pods are too young' : 'no data',
    };
  } catch (error) {
    return {
      value: null,
      requests: null,
      enough,
      youngestS: null,
      why: error instanceof Error ? error.message : String(error),
    };
  }
}

/** By the clock of the metrics: a look has none of its own. */
async function youngest(read: Read, of: Name): Promise<number | null> {
  const [found, answer] = await Promise.all([
    read.kubernetes.deployment({ namespace: of.namespace, name: of.name }),
    read.metrics.series(requestsOf(of), window),
  ]);
  if (found === null || answer.is !== 'series') return null;
  const rows = await read.kubernetes.pods(of.namespace, found.selector);
  const now = Math.max(...answer.series.map((one) => one.points.at(-1)?.[0] ?? 0));
  const made = Math.max(...rows.filter((one) => !one.terminating).map((one) => Date.parse(one.createdAt) / 1000));
  return Number.isFinite(made) && now > 0 ? Math.max(0, Math.round(now - made)) : null;
}

const requestsOf = (of: Name): Question => ({
  ask: 'requests',
  of: { namespace: of.namespace, name: of.name },
  by: 'all',
});

async function measured(read: Read, { namespace, name }: Name, measure: Goal['measure']): Promise<number | null> {
  const of = { namespace, name };
  switch (measure) {
    case 'p95 latency':
      return await valueAt(read, { ask: 'latency', quantile: 0.95, of, by: 'all' });
    case 'error ratio': {
      const [errors, requests] = await Promise.all([
        read.metrics.series({ ask: 'errors', of, by: 'all' }, window),
        read.metrics.series(requestsOf(of), window),
      ]);
      return requests.is !== 'series' ? null : failingOf(errors.is === 'series' ? errors.series : [], requests.series);
    }
    case 'CPU per pod':
      return await highestAt(read, { ask: 'cpu', of });
    case 'CPU of request':
      return await shareOfRequest(read, of);
    case 'throttling':
      return await highestAt(read, { ask: 'cpu throttled', of });
  }
}

/** A line of failures ends with the pods that failed: at the newest moment of the requests it then counts nothing. */
function failingOf(errors: readonly Series[], requests: readonly Series[]): number | null {
  const last = requests[0]?.points.findLast(([, value]) => value !== null);
  if (last === undefined || last[1] === null || last[1] === 0) return null;
  const failed = errors.flatMap(({ points }) => points.findLast(([at]) => at === last[0])?.[1] ?? []);
  return failed.reduce((sum, one) => sum + one, 0) / last[1];
}

async function newestOf(read: Read, question: Question): Promise<readonly number[] | null> {
  const answer = await read.metrics.series(question, window);
  return answer.is === 'series' ? present(answer.series).flatMap((one) => newest(one) ?? []) : null;
}

/** Of each pod: a rate over the first seconds of a new one is far too low, so that one of which there is a single number tells nothing yet. */
const settled = (all: readonly Series[]): readonly Series[] =>
  present(all).filter(({ points }) => points.filter(([, value]) => value !== null).length > 1);

/** Of the median pod's first container, against what it asks for now. */
async function shareOfRequest(read: Read, of: Name): Promise<number | null> {
  const [answer, found] = await Promise.all([
    read.metrics.series({ ask: 'cpu', of }, window),
    read.kubernetes.deployment(of),
  ]);
  const [main] = found?.template.containers ?? [];
  const request = quantity(main?.requests['cpu'] ?? main?.limits['cpu'] ?? '');
  if (answer.is !== 'series' || request === null || request <= 0) return null;
  const mine = answer.series.filter((one) => one.labels['container'] === main?.name);
  const middle = median(settled(mine).flatMap((one) => newest(one) ?? []));
  return middle === null ? null : middle / request;
}
const valueAt = async (read: Read, question: Question): Promise<number | null> =>
  (await newestOf(read, question))?.[0] ?? null;
const highestAt = async (read: Read, question: Question): Promise<number | null> => {
  const answer = await read.metrics.series(question, window);
  const all = answer.is === 'series' ? settled(answer.series).flatMap((one) => newest(one) ?? []) : [];
  return all.length === 0 ? null : Math.max(...all);
};

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
  const missing = missingBefore(before);
  if (missing !== null || before?.value === null || before === null) return withoutBaseline(goal, now, missing ?? '');
  if (now === null || now.value === null)
    return { is: 'not yet', because: `${goal.measure} could not be read (${now?.why ?? 'not looked at'})` };
  if (now.requests !== null && now.requests < now.enough) {
    return { is: 'not yet', because: `too few requests to tell by ${goal.measure} (${now.requests} in 5 min)` };
  }
  const was = shown(goal, before.value);
  const step = `${goal.measure} ${was} → ${shown(goal, now.value)}${samples(before, now)}`;
  const wasWell = before.value < goal.below;
  if (now.value < goal.below) {
    if (!wasWell) return { is: 'yes', note: step };
    if (now.value < before.value) return { is: 'yes', note: `${step}; it was under ${shown(goal, goal.below)} before` };
    return mustFall
      ? { is: 'not yet', because: `${step}: not lower than before` }
      : { is: 'yes', note: `${step}; it was good before, so it does not show whether this helped` };
  }
  const is = `${goal.measure} is ${shown(goal, now.value)}, was ${was}, should be under ${shown(goal, goal.below)}`;
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
    ? `too few requests before (${before.requests} in 5 min)`
    : null;
}

/** Never a plain yes: it was done, and whether it helped nobody can say. What is bad now is not well, whatever it was. */
function withoutBaseline(goal: Goal, now: GoalSeen | null, because: string): Verdict {
  const missing = `no ${goal.measure} of before, because: ${because}`;
  const value = now?.value ?? null;
  const enough = now !== null && (now.requests === null || now.requests >= now.enough);
  if (value !== null && enough && value >= goal.below) {
    return {
      is: 'not yet',
      because: `${goal.measure} is ${shown(goal, value)}, should be under ${shown(goal, goal.below)} (${missing})`,
    };
  }
  const untold = `hether users are better off cannot be told: ${missing}`;
  return {
    is: 'yes',
    note:
      value === null || !enough
        ? `done; w${untold}`
        : `done; ${goal.measure} is ${shown(goal, value)}${samples(null, now)}. W${untold}`,
  };
}

/** " (8,410 and 8,277 requests in 5 min)". */
function samples(before: GoalSeen | null, now: GoalSeen | null): string {
  const of = (seen: GoalSeen | null): string =>
    seen === null || seen.requests === null ? 'not counted' : seen.requests.toLocaleString('en-GB');
  const counts = before === null ? of(now) : `${of(before)} and ${of(now)}`;
  return now?.requests === null && (before === null || before.requests === null)
    ? ''
    : ` (${counts} requests in 5 min)`;
}

export function goalText(goal: Goal | null): string {
  return goal === null ? '' : `; judged by ${goal.measure} under ${shown(goal, goal.below)}`;
}

function shown({ measure }: Goal, value: number): string {
  switch (measure) {
    case 'p95 latency':
      return `${Math.round(value * 1000)} ms`;
    case 'CPU per pod':
      return `${Math.round(value * 10) / 10} cores`;
    default:
      return `${Math.round(value * 1000) / 10} %`;
  }
}
