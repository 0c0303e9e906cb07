import type { Answer } from '../../src/core/contract.ts';
import type { Series } from '../../src/core/ports/metrics.ts';
import type { Container, Deployment } from '../../src/core/ports/kubernetes.ts';
import { percent } from '../../src/core/impact.ts';
import { clock, code, say } from '../../src/core/words.ts';
import { deployment, revisions } from '../readings/deployment.ts';
import { facts, variables } from '../readings/facts.ts';
import { loweredOf } from '../readings/limit-before.ts';
import { median, newest, present, valuesOf } from '../readings/measures.ts';
import type { Measured } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { amount, quantity } from '../readings/quantity.ts';
import { nodes } from '../readings/room.ts';
import { plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { inside, threadsText, topQuotes } from './inside.ts';
import { ifSlow, lasts, p95Text, sinceOf } from './judge.ts';
import { cpuByPod, latency, p95ByPod, throttledByPod } from './latency.ts';

const { check } = onDeployment;

/** Cores that a container may use: its limit, else what it asked for; null: neither is set. */
export function coresOf(
  container: Container | undefined,
): { readonly cores: number; readonly is: 'limit' | 'request' } | null {
  const limit = quantity(container?.limits['cpu'] ?? '');
  const request = quantity(container?.requests['cpu'] ?? '');
  if (limit !== null) return { cores: limit, is: 'limit' };
  return request === null ? null : { cores: request, is: 'request' };
}

const serving = (of: Deployment, name: string): Container | undefined =>
  of.template.containers.find((one) => one.name === name);

/** The highest of the newest values of one container, over its pods. */
function highest(all: Measured, container: string): number | null {
  const values = present(all.series)
    .filter((one) => one.labels['container'] === container)
    .map(newest);
  const known = values.filter((one) => one !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Held back in this share of the periods, or more, is felt. */
const held = 0.25;
/** So many times its cores: threads wait for each other. */
const timesCores = 2;
const many = 8;

export const threads = check('threads', {
  severity: 'critical',
  ask: 'Do the pods run no more threads than they have cores?',
  rulesOut: 'too many threads',
  needs: [latency, facts, podRows, deployment, variables],
  also: [p95ByPod, throttledByPod, cpuByPod, nodes, inside, revisions],
  find: (seen, also, { t, at }): Answer =>
    ifSlow(seen, also, at, (slow) => {
      const name = seen.config.variables.threads;
      const value = seen.variables.values[name] ?? null;
      const container = serving(seen.deployment, seen.variables.container);
      const own = coresOf(container);
      if (own === null) return 'clear';
      const hosts = new Set(seen['pod rows'].rows.map((one) => one.node));
      const there = also.nodes.known ? also.nodes.value.filter((one) => hosts.has(one.name)) : [];
      const nodeCores = Math.max(0, ...there.map((one) => Math.ceil(quantity(one.allocatable['cpu'] ?? '') ?? 0)));
      const isSet = value !== null && /^\d+$/.test(value);
      // Elsewhere, such as in a config map, it may well be set.
      const elsewhere = container?.env.some((one) => one.variable === name && one.is !== 'value') === true;
      if (!isSet && (value !== null || elsewhere)) return { unsure: `${name} comes from elsewhere or is no number` };
      const count = isSet ? Number(value) : nodeCores;
      // A few more than cores do little; one for each core of a large node is what hurts.
      const isMany = count >= many || (nodeCores > 0 && count * 2 >= nodeCores);
      if (count < own.cores * timesCores || !isMany) return 'clear';
      const share = also['cpu throttled'].known ? highest(also['cpu throttled'].value, seen.variables.container) : null;
      // Left alone it only matters where the kernel is seen to hold the threads back.
      if (!isSet && (share ?? 0) < held) return 'clear';
      const used = also['cpu by pod'].known ? highest(also['cpu by pod'].value, seen.variables.container) : null;
      const cpu = used === null ? '' : `. A pod uses ${plural(Number(amount('cpu', used)), 'core')} at most`;
      const throttled = share === null || share < held ? '' : `, held back in ${percent(share)} of its CFS periods`;
      const counted = threadsText(also.inside, seen.variables.container);
      const { before } = seen.variables;
      const lowered = loweredOf(
        seen.deployment,
        also.revisions.known ? also.revisions.value : [],
        seen.variables.container,
      );
      // As many threads as before, on fewer cores: what changed is the limit.
      if (lowered !== null && (before?.values[name] ?? null) === value) {
        const from = lowered.from === null ? 'no limit' : amount('cpu', lowered.from);
        return {
          unsure: `${name} is ${value ?? 'not set'}, as before; what changed is the CPU limit, from ${from} to ${amount('cpu', own.cores)}`,
        };
      }
      const old = before === null ? undefined : before.values[name];
      const was =
        old === undefined || old === value
          ? ''
          : say` (${old ?? 'not set'} until ${before?.changedAt == null ? 'the last change' : clock(before.changedAt)})`;
      const what = isSet
        ? say`${code(`${name}=${count}`)}${was}`
        : say`${code(name)} is not set, so that libraries start one thread for each of the node's ${count} cores`;
      return {
        found: say`${what}, and container ${seen.variables.container} has ${plural(own.cores, 'core')} (its ${own.is}): points to threads that wait for each other${counted ?? ''}${cpu}${throttled}`,
        short: `${count} threads on ${plural(own.cores, 'core')}`,
        ...sinceOf(slow),
        quotes: topQuotes(also.inside),
        ...(counted === null
          ? {
              notKnown: say`how many threads really run: ${also.inside.known ? 'nothing showed them' : `I could not look inside (${also.inside.why})`}`,
            }
          : {}),
        byHand: `${kubectl(t)} exec ${seen['pod rows'].rows.find((one) => one.ready)?.name ?? '<POD>'} -c ${seen.variables.container} -- top -b -H -n 1`,
      };
    }),
});

export const throttled = check('cpu-throttled', {
  severity: 'critical',
  ask: 'May the containers use the CPU that they need?',
  rulesOut: 'CPU throttling',
  needs: [latency, facts, podRows, deployment],
  also: [p95ByPod, throttledByPod, cpuByPod],
  find: (seen, also, { t, at }): Answer =>
    ifSlow(seen, also, at, (slow) => {
      const limited = seen.deployment.template.containers.filter((one) => one.limits['cpu'] !== undefined);
      // Only a limit throttles.
      if (limited.length === 0) return 'clear';
      if (!also['cpu throttled'].known) return { unsure: `cpu throttled: ${also['cpu throttled'].why}` };
      const all = present(also['cpu throttled'].value.series);
      const bad = all.filter(
        (one) => (newest(one) ?? 0) >= held && lasts(one, at, 12, (value) => value >= held).yes >= 3,
      );
      const [worst] = bad;
      if (worst === undefined) return 'clear';
      const name = worst.labels['container'] ?? '';
      const of = limited.find((one) => one.name === name);
      const limit = quantity(of?.limits['cpu'] ?? '');
      const mine = bad.filter((one) => one.labels['container'] === name);
      const used = also['cpu by pod'].known ? highest(also['cpu by pod'].value, name) : null;
      const cpu =
        limit === null
          ? ''
          : `; it uses ${used === null ? '(not known)' : amount('cpu', used)} of its limit of ${plural(limit, 'core')}`;
      const middle = median(mine.map((one) => newest(one) ?? 0));
      return {
        found: say`container ${name} is held back in ${percent(middle)} of its CFS periods (100 ms each; middle of ${plural(mine.length, 'pod')}, highest ${percent(newest(worst))}, at least 3 samples in 12 min)${cpu}. ${p95Text(slow)}`,
        short: `CPU throttled in ${percent(middle)} of periods`,
        ...(startOf(worst) ?? sinceOf(slow)),
        byHand: `${kubectl(t)} exec ${worst.labels['pod'] ?? '<POD>'} -c ${name} -- cat /sys/fs/cgroup/cpu.stat`,
      };
    }),
});

/** Where it first was so much, if it was less before. */
function startOf(series: Series): { readonly since: string } | null {
  const under = series.points.findLastIndex(([, value]) => value !== null && value < held);
  const first = series.points[under + 1];
  return under < 0 || first === undefined || valuesOf(series).length < 4
    ? null
    : { since: new Date(first[0] * 1000).toISOString() };
}
