import { z } from 'zod';
import type { Maybe, Outcome } from '../../src/core/contract.ts';
import type { Json } from '../../src/core/json.ts';
import type { Deployment } from '../../src/core/ports/kubernetes.ts';
import type { Goal } from './goal.ts';
import type { NodePods } from '../readings/node-pods.ts';
import { standing } from '../readings/standing.ts';
import { startUp } from '../readings/start-up.ts';
import { users } from '../readings/users.ts';
import { brief, listed, plural } from '../readings/wording.ts';

/** How far a change reaches beyond its own lines: which pods, how many of those that serve, what rests on them, how long they take. Said in the preview. */

/** What every remedy looks at beside, as far as its playbook does; what is not known is said to be so. */
export const around = [users, startUp, standing] as const;
export type Around = Maybe<typeof around, 'region'>;

const pace = z.object({
  /** From being placed to ready; null: not measured. */
  seconds: z.number().nullable(),
  /** Over so many pods. */
  pods: z.number(),
  /** Pods start one lot after the other, so many times. */
  rounds: z.number(),
});
/** Parts of a plan; absent in plans of older versions. */
export const reachShape = {
  reach: z.array(z.string()).exactOptional(),
  /** The same of its way back, once it is done. */
  backReach: z.array(z.string()).exactOptional(),
  pace: pace.exactOptional(),
};
export interface Reach {
  readonly reach?: readonly string[];
  readonly backReach?: readonly string[];
  readonly pace?: z.infer<typeof pace>;
}

const leastMs = 30_000;
const assumedMs = 60_000;
const mostMs = 60 * 60_000;

/** How long all must have stayed ready: as long as a pod takes to start, since one that fails shows it by then. `usualMs`: the remedy's own deadline. */
export function settleMsOf({ pace: of }: Reach, usualMs: number): number {
  if (of === undefined || of.seconds === null) return assumedMs;
  return Math.min(Math.max(leastMs, of.seconds * 1000), Math.round(usualMs / 3));
}

/** The window of the metric that a change is judged by, and the first scrapes of new pods. */
const judgingMs = 8 * 60_000;

/** Later than usual where slow pods start one lot after the other, and are judged by a metric once all have. */
export function deadlineMsOf(plan: Reach & { readonly goal?: Goal | null }, usualMs: number): number {
  const { seconds, rounds } = plan.pace ?? { seconds: null, rounds: 0 };
  const judgeMs = plan.goal !== undefined && plan.goal !== null && 'measure' in plan.goal ? judgingMs : 0;
  const neededMs = (seconds ?? 0) * rounds * 2 * 1000 + judgeMs + settleMsOf(plan, usualMs);
  return Math.max(usualMs, Math.min(mostMs, neededMs));
}

/** What moves by itself does not make it another offer. */
export function sameBut({ reach: _reach, backReach: _back, pace: _pace, ...rest }: Reach & object): Json {
  return JSON.parse(JSON.stringify(rest)) as Json;
}

interface Plan {
  readonly reach: string[];
  readonly backReach: string[];
  readonly pace: z.infer<typeof pace>;
}
type Of = Pick<Deployment, 'replicas' | 'strategy'>;

/**
 * Pods that a change of the template replaces (or starts, where others of that template run already), by the strategy. `extra`: how many have
 * room beside the old ones now; absent: not known. Its way back replaces all of them.
 */
export function replacing(
  now: Of,
  pods: number,
  beside: Around,
  usualMs: number,
  { verb = 'replaces', extra }: { readonly verb?: string; readonly extra?: number | undefined } = {},
): Plan {
  const { wanted } = now.replicas;
  const together = atOnce(now, pods, extra);
  const whole = { ...now, replicas: { ...now.replicas, ready: wanted } };
  return told(
    [movesBy(now, pods, verb, extra)],
    [movesBy(whole, wanted, 'replaces', extra)],
    { pods, together, by: 'rollout' },
    beside,
    usualMs,
  );
}

/** An extra pod counts only where there is room for it: else each waits until an old one has gone. */
function atOnce({ strategy: { type, surgePods, unavailablePods } }: Of, pods: number, extra = surgePods): number {
  return type === 'Recreate' ? pods : Math.max(1, Math.min(pods, Math.min(surgePods, extra) + unavailablePods));
}

function movesBy(now: Of, pods: number, verb: string, extra: number | undefined): string {
  const { wanted, ready } = now.replicas;
  const { type, surgePods, unavailablePods } = now.strategy;
  if (pods === 0) return `${verb} no pod`;
  if (type === 'Recreate')
    return `${verb} all ${plural(pods, 'pod')} at once: none of ${wanted} serves here until they are ready`;
  const together = atOnce(now, pods, extra);
  const least = Math.max(0, Math.min(ready, wanted - unavailablePods));
  const serve =
    least < ready || ready === wanted
      ? `at worst ${servingHere(least, wanted)} meanwhile${ready < wanted ? `, ${ready} do now` : ''}`
      : ready === 0
        ? `${servingHere(0, wanted)} now`
        : `the ${share(ready, wanted)} that serve here now go on`;
  const steps = pods === 1 ? '' : together === 1 ? ', one at a time' : `, up to ${together} at a time`;
  const waits = extra === 0 && surgePods > 0 ? ', each when an old one has gone (no room for an extra pod)' : '';
  return `${verb} ${plural(pods, 'pod')}${steps}${waits}: ${serve}`;
}

/** Pods that are added to those that run, or taken from them. */
export function scaling(now: Of, to: number, beside: Around, usualMs: number): Plan {
  const { wanted } = now.replicas;
  const more = to - wanted;
  return told(
    [movesTo(to, now.replicas, false)],
    [movesTo(wanted, { wanted: to, ready: to }, false)],
    { pods: Math.max(0, more), together: Math.max(1, more), by: 'rollout' },
    beside,
    usualMs,
  );
}

interface Range {
  readonly min: number;
  readonly max: number;
}
/** Bounds of an autoscaler, which decides itself how far it goes; `why`: where it would go by what it measures, said where it may take pods away. */
export function bounding(
  now: Of,
  { from, to, why }: { readonly from: Range; readonly to: Range; readonly why: string },
  beside: Around,
  usualMs: number,
): Plan {
  const { wanted } = now.replicas;
  const more = Math.max(0, (to.max > from.max ? to.max : Math.max(to.min, Math.min(wanted, to.max))) - wanted);
  const less = mayGo(wanted, from, to);
  return told(
    [boundsMove(now.replicas, to, { more, less }) + (less === 0 ? '' : `. ${why}`)],
    [boundsBack(from, to)],
    { pods: more, together: Math.max(1, more), by: 'rollout', uncounted: true },
    beside,
    usualMs,
  );
}

/** Pods that run now and that it may take away under new bounds, where it might not before. */
export function mayGo(wanted: number, from: Range, to: Range): number {
  const least = to.min < from.min ? to.min : to.max < from.max ? to.max : wanted;
  return Math.max(0, wanted - least);
}

function boundsMove(
  now: Pick<Deployment['replicas'], 'wanted' | 'ready'>,
  to: Range,
  { more, less }: { readonly more: number; readonly less: number },
): string {
  const { wanted } = now;
  if (less === 0) return movesTo(wanted + more, now, wanted + more > to.min);
  const down = movesTo(wanted - less, now, to.max > wanted - less);
  return more === 0 ? down : `it may start up to ${plural(more, 'pod')}, or ${down.replace(/^it may /, '')}`;
}

/** How many run when it is taken back nobody knows yet. */
function boundsBack(from: Range, to: Range): string {
  const isRange = from.min < from.max;
  const parts = [
    ...(to.min < from.min ? [`if fewer than ${from.min} run then, it starts the rest`] : []),
    ...(to.max > from.max ? [`if more than ${from.max} run then, it takes those above away`] : []),
    ...(isRange && to.min > from.min ? [`it may go down to ${plural(from.min, 'pod')} again`] : []),
    ...(isRange && to.max < from.max ? [`it may go up to ${plural(from.max, 'pod')} again`] : []),
  ];
  return parts.join('; ');
}

function movesTo(
  to: number,
  { wanted, ready }: Pick<Deployment['replicas'], 'wanted' | 'ready'>,
  may: boolean,
): string {
  const more = to - wanted;
  return more > 0
    ? `${may ? 'it may start' : 'starts'} ${may ? 'up to ' : ''}${plural(more, 'pod')}${ready === 0 ? ' (none serves here now)' : ` beside the ${ready} that serve here`}; none is taken away`
    : more === 0
      ? 'starts and takes away no pod'
      : `${may ? 'it may take away' : 'takes away'} ${may ? 'up to ' : ''}${-more} of ${plural(wanted, 'pod')}: ${Math.min(ready, to) === 0 ? 'none is' : `${share(Math.min(ready, to), wanted)} are`} left to serve here`;
}

/** One pod is evicted and another made in its place. */
export function evicting(now: Of, beside: Around, usualMs: number): Plan {
  const { wanted, ready } = now.replicas;
  const moves = `replaces 1 pod: ${servingHere(Math.max(0, ready - 1), wanted)} meanwhile`;
  return told([moves], [], { pods: 1, together: 1, by: 'eviction' }, beside, usualMs);
}

interface Steps {
  readonly pods: number;
  readonly together: number;
  readonly by: 'rollout' | 'eviction';
  /** The way back is told for however many run then. */
  readonly uncounted?: true;
}

function told(
  there: readonly string[],
  back: readonly string[],
  { pods, together, by, uncounted }: Steps,
  beside: Around,
  usualMs: number,
): Plan {
  const seen = beside['start-up'];
  const measured = seen.known ? seen.value : { seconds: null, pods: 0 };
  const of = { ...measured, rounds: Math.ceil(pods / together) };
  const settleS = Math.round(settleMsOf({ pace: of }, usualMs) / 1000);
  const starts =
    of.seconds === null
      ? `how long its pods take to start is not known: assumed is that ${settleS} s of all ready are enough`
      : `a pod is usually ready ${inWords(of.seconds)} after it is placed (slowest of ${of.pods}); done counts once all have stayed ready for ${inWords(settleS)}`;
  const lets = pods === 0 ? null : unsureOf(beside);
  const rests = restsOn(beside, by);
  return {
    reach: [...there, rests, ...(pods === 0 ? [] : [starts]), ...(lets === null ? [] : [lets])],
    backReach:
      back.length === 0
        ? []
        : [...back, rests, ...(uncounted === true ? [] : ['counted as if all of its pods were ready by then'])],
    pace: of,
  };
}

const servingHere = (some: number, all: number): string =>
  some === 0 ? `none of ${all} serves here` : `${share(some, all)} serve here`;

const share = (some: number, all: number): string =>
  `${some} of ${all}${all === 0 ? '' : ` (${Math.round((some / all) * 100)} %)`}`;

const inWords = (seconds: number): string => (seconds < 600 ? `${seconds} s` : `${Math.round(seconds / 60)} min`);

/** Rollouts do not heed disruption budgets; evictions do. */
function restsOn({ users: seen }: Around, by: 'rollout' | 'eviction'): string {
  if (!seen.known) return `what else rests on its pods: could not tell (${shortly(seen.why)})`;
  const { services, budgets, scaledBy } = seen.value;
  const parts = [
    ...services.map((name) => `service ${name}`),
    ...budgets.map(({ name, allowed }) =>
      by === 'rollout'
        ? `disruption budget ${name} (not heeded by this)`
        : `disruption budget ${name} (lets ${allowed} go now)`,
    ),
    ...scaledBy,
  ];
  return parts.length === 0
    ? 'no service, disruption budget or autoscaler is for its pods'
    : `rests on its pods too: ${listed(parts)}`;
}

/** What could not be looked at and might refuse new pods; null: nothing. */
function unsureOf({ namespace: seen }: Around): string | null {
  if (!seen.known) return `whether its namespace lets new pods in: could not tell (${shortly(seen.why)})`;
  const { says, podSecurity } = seen.value;
  return says?.isNewer === true && podSecurity !== null
    ? `whether Pod Security (${podSecurity.level}, ${podSecurity.version}) refuses new pods: could not tell, that version is newer than the one I know`
    : null;
}

/** The rule to add stands in the evidence. */
const shortly = (why: string): string => brief(why.split('; the rule to add')[0] ?? why, 140);

/** A node that takes no new pods any more (or takes them again): nothing is moved by it. */
export function cordonReach(seen: Outcome<NodePods | null>): string[] {
  if (!seen.known) return [`which pods stand on it, and what is free elsewhere: could not tell (${shortly(seen.why)})`];
  if (seen.value === null) return [];
  const { workloads, others, daemons, elsewhere } = seen.value;
  const all = workloads.map(
    ({ name, pods, gpus }) => `${name} ${plural(pods, 'pod')}${gpus === 0 ? '' : ` (${plural(gpus, 'GPU')})`}`,
  );
  const rest = others + daemons;
  const more = rest === 0 ? [] : [`${plural(rest, 'other')}${others === 0 ? ' of DaemonSets' : ''}`];
  const stay = [...all, ...more];
  const { nodes, cpu, gpus } = elsewhere;
  return [
    stay.length === 0 ? 'no pod stands on it' : `goes on there: ${listed(stay)}`,
    `new pods have what is free on ${plural(nodes, 'other node')}: ${cpu} CPUs and ${plural(gpus, 'GPU')}`,
  ];
}
