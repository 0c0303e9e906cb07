import { z } from 'zod';
import type { Maybe, Outcome } from '../../src/core/contract.ts';
import type { Json } from '../../src/core/json.ts';
import type { Deployment } from '../../src/core/ports/kubernetes.ts';
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
/** Parts of a plan; absent in plans of older versions, and in ways back, whose pods nobody has counted yet. */
export const reachShape = { reach: z.array(z.string()).exactOptional(), pace: pace.exactOptional() };
export interface Reach {
  readonly reach?: readonly string[];
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

/** Later than usual where slow pods start one lot after the other. */
export function deadlineMsOf(plan: Reach, usualMs: number): number {
  const { seconds, rounds } = plan.pace ?? { seconds: null, rounds: 0 };
  const neededMs = (seconds ?? 0) * rounds * 2 * 1000 + settleMsOf(plan, usualMs);
  return Math.max(usualMs, Math.min(mostMs, neededMs));
}

/** What moves by itself does not make it another offer. */
export function sameBut({ reach: _reach, pace: _pace, ...rest }: Reach & object): Json {
  return JSON.parse(JSON.stringify(rest)) as Json;
}

interface Plan {
  readonly reach: string[];
  readonly pace: z.infer<typeof pace>;
}
type Of = Pick<Deployment, 'replicas' | 'strategy'>;

/** Pods that a change of the template replaces (or starts, where others of that template run already), by the strategy. */
export function replacing(now: Of, pods: number, beside: Around, usualMs: number, verb = 'replaces'): Plan {
  const { wanted, ready } = now.replicas;
  const { type, surgePods, unavailablePods } = now.strategy;
  const together = type === 'Recreate' ? pods : Math.max(1, Math.min(pods, surgePods + unavailablePods));
  const least = Math.max(0, Math.min(ready, wanted - unavailablePods));
  const serve =
    least < ready || ready === wanted
      ? `at worst ${share(least, wanted)} serve here meanwhile${ready < wanted ? `, ${ready} do now` : ''}`
      : `the ${share(ready, wanted)} that serve here now go on`;
  const moves =
    pods === 0
      ? `${verb} no pod`
      : type === 'Recreate'
        ? `${verb} all ${plural(pods, 'pod')} at once: none of ${wanted} serves here until they are ready`
        : `${verb} ${plural(pods, 'pod')}${pods === 1 ? '' : together === 1 ? ', one at a time' : `, up to ${together} at a time`}: ${serve}`;
  return told([moves, restsOn(beside, 'rollout')], pods, together, beside, usualMs);
}

/** Pods that are added to those that run, or taken from them. `may`: by an autoscaler, as it sees fit. */
export function scaling(now: Of, to: number, beside: Around, usualMs: number, may = false): Plan {
  const { wanted, ready } = now.replicas;
  const more = to - wanted;
  const moves = movesTo(to, { wanted, ready }, may);
  return told([moves, restsOn(beside, 'rollout')], Math.max(0, more), Math.max(1, more), beside, usualMs);
}

/** A lower end of an autoscaler's range. `to`: how far down it may go; `why`: where it would go by what it measures. */
export function lowering(now: Of, to: number, why: string, beside: Around, usualMs: number): Plan {
  return told([`${movesTo(to, now.replicas, true)}. ${why}`, restsOn(beside, 'rollout')], 0, 1, beside, usualMs);
}

function movesTo(
  to: number,
  { wanted, ready }: Pick<Deployment['replicas'], 'wanted' | 'ready'>,
  may: boolean,
): string {
  const more = to - wanted;
  return more > 0
    ? `${may ? 'it may start' : 'starts'} ${may ? 'up to ' : ''}${plural(more, 'pod')} beside the ${ready} that serve here; none is taken away`
    : more === 0
      ? 'starts and takes away no pod'
      : `${may ? 'it may take away' : 'takes away'} ${may ? 'up to ' : ''}${-more} of ${plural(wanted, 'pod')}: ${share(Math.min(ready, to), wanted)} are left to serve here`;
}

/** One pod is evicted and another made in its place. */
export function evicting(now: Of, beside: Around, usualMs: number): Plan {
  const { wanted, ready } = now.replicas;
  const moves = `replaces 1 pod: ${share(Math.max(0, ready - 1), wanted)} serve here meanwhile`;
  return told([moves, restsOn(beside, 'eviction')], 1, 1, beside, usualMs);
}

function told(lines: readonly string[], pods: number, together: number, beside: Around, usualMs: number): Plan {
  const seen = beside['start-up'];
  const measured = seen.known ? seen.value : { seconds: null, pods: 0 };
  const of = { ...measured, rounds: Math.ceil(pods / together) };
  const settleS = Math.round(settleMsOf({ pace: of }, usualMs) / 1000);
  const starts =
    of.seconds === null
      ? `how long its pods take to start is not known: assumed is that ${settleS} s of all ready are enough`
      : `a pod is usually ready ${inWords(of.seconds)} after it is placed (slowest of ${of.pods}); done counts once all have stayed ready for ${inWords(settleS)}`;
  const lets = pods === 0 ? null : unsureOf(beside);
  return { reach: [...lines, ...(pods === 0 ? [] : [starts]), ...(lets === null ? [] : [lets])], pace: of };
}

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
    ? 'nothing else rests on its pods: no service, disruption budget or autoscaler is for them'
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
