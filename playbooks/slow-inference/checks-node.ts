import type { Answer } from '../../src/core/contract.ts';
import { percent } from '../../src/core/impact.ts';
import type { Series } from '../../src/core/ports/metrics.ts';
import { promqlByHand } from '../../src/core/promql.ts';
import { code, say } from '../../src/core/words.ts';
import { facts } from '../readings/facts.ts';
import { median, newest, valuesOf } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { nodes } from '../readings/room.ts';
import { nodeName, plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { heldText, inside } from './inside.ts';
import { duration, ifSlow, lasts } from './judge.ts';
import type { Slow } from './judge.ts';
import { latency, nodeDisk, nodeSteal, p95ByPod, requestsByPod } from './latency.ts';
import { slowSpotOf, spreadOf } from './spots.ts';
import type { Spread } from './spots.ts';

const { check, reading } = onDeployment;

/** The pod, or node, that is slow while the others are not: what a remedy for one pod or one node needs to know. */
export const slowSpot = reading('odd pod', {
  after: [podRows, p95ByPod, requestsByPod, facts, nodes],
  byHand: (t) =>
    promqlByHand({ ask: 'latency', quantile: 0.95, of: { namespace: t.namespace, name: t.name }, by: 'pod' }),
  read: (_read, _t, seen) =>
    Promise.resolve(
      slowSpotOf(
        spreadOf(seen['pod rows'].rows, seen['p95 by pod'], seen['requests of each pod'], seen.config),
        seen.nodes,
      ),
    ),
});

const minutes = 20;
const fewestSamples = 3;
const lastsOn = (line: Series, at: string, least: number): boolean => {
  const { yes, of } = lasts(line, at, minutes, (value) => value >= least);
  return yes >= fewestSamples && yes === of;
};

interface NodeCause {
  readonly ask: string;
  readonly rulesOut: string;
  /** At least so much in every sample. */
  readonly least: number;
  readonly what: (node: string, share: string, samples: string, others: string) => ReturnType<typeof say>;
  readonly short: (node: string, share: string) => string;
  readonly measure: 'node disk' | 'node steal';
}

/** Nodes that have it, hold pods of this deployment, and are where the slow ones are. */
function nodeCause<const I extends string>(id: I, c: NodeCause) {
  const reading_ = c.measure === 'node disk' ? nodeDisk : nodeSteal;
  return check(id, {
    severity: 'critical',
    ask: c.ask,
    rulesOut: c.rulesOut,
    needs: [latency, facts, podRows],
    also: [p95ByPod, requestsByPod, nodeDisk, nodeSteal],
    find: (seen, also, { at }): Answer =>
      ifSlow(seen, also, at, (slow) => {
        const measured = also[c.measure];
        if (!measured.known) return { unsure: `${reading_.id}: ${measured.why}` };
        const rows = seen['pod rows'].rows.filter((one) => one.ready);
        const hosts = new Set(rows.map((one) => one.node));
        const lines = measured.value.series.filter((one) => hosts.has(one.labels['node'] ?? ''));
        const bad = lines.filter((one) => lastsOn(one, at, c.least));
        const [worst] = bad;
        if (worst === undefined) return 'clear';
        if (!also['p95 by pod'].known || !also['requests of each pod'].known) {
          return {
            unsure: 'a node has it, but whether its pods are slower than the others is not known: no p95 by pod',
          };
        }
        const spread = spreadOf(rows, also['p95 by pod'].value, also['requests of each pod'].value, seen.config);
        const names = new Set(bad.map((one) => one.labels['node'] ?? ''));
        const on = spread.filter((one) => names.has(one.row.node));
        const off = spread.filter((one) => !names.has(one.row.node));
        const [here, there] = [middleOf(on), middleOf(off)];
        // Where the others are as slow, it is not this node's doing.
        if (here === null || (there !== null && here < there * 1.4)) return 'clear';
        const node = worst.labels['node'] ?? '';
        const samples = plural(lasts(worst, at, minutes, () => true).of, 'sample');
        const others = lines.filter((one) => !bad.includes(one)).map((one) => newest(one) ?? 0);
        const rest = others.length === 0 ? '' : `; other nodes ${percent(Math.max(...others))} at most`;
        const share = percent(median(valuesOf(worst, { at, minutes })));
        const pods =
          there === null
            ? `all ${on.length} pods are there, p95 ${duration(here)}`
            : `its ${plural(on.length, 'pod')} take ${duration(here)} at p95, the other ${off.length} ${duration(there)} (middle of each)`;
        return {
          found: say`${c.what(node, share, `${samples} in ${minutes} min`, rest)}: ${pods}`,
          short: c.short(nodeName(node), share),
          ...startOf(worst, c.least, slow),
          byHand: promqlByHand({ ask: c.measure }),
        };
      }),
  });
}

function middleOf(all: readonly Spread[]): number | null {
  return median(all.map((one) => one.p95));
}

/** Of two samples it began between: where requests were slow within that time already, since then. */
function startOf(series: Series, least: number, slow: Slow): { readonly since?: string } {
  const under = series.points.findLastIndex(([, value]) => value !== null && value < least);
  const [before, first] = [series.points[under], series.points[under + 1]];
  if (before === undefined || first === undefined) return {};
  const at = new Date(first[0] * 1000).toISOString();
  const isBetween =
    slow.since !== null && slow.begun && slow.since < at && slow.since >= new Date(before[0] * 1000).toISOString();
  return { since: isBetween ? (slow.since ?? at) : at };
}

export const slowDisk = nodeCause('slow-disk', {
  ask: 'Have the disks of the nodes time left?',
  rulesOut: 'slow disk',
  least: 0.85,
  measure: 'node disk',
  what: (node, share, samples, others) =>
    say`the disk of node ${code(nodeName(node))} is busy ${share} of the time (${samples}${others})`,
  short: (node, share) => `disk of ${node} busy ${share}`,
});

export const noisyNeighbour = nodeCause('noisy-neighbour', {
  ask: 'Do the nodes get the CPU time that they are paid for?',
  rulesOut: 'noisy neighbour',
  least: 0.1,
  measure: 'node steal',
  what: (node, share, samples, others) =>
    say`the hypervisor takes ${share} of the CPU time of node ${code(nodeName(node))} (steal, ${samples}${others}), as with another tenant or spent CPU credits`,
  short: (node, share) => `${share} of ${node}'s CPU stolen`,
});

export const onePod = check('one-pod-slow', {
  severity: 'critical',
  ask: 'Are all pods as fast as each other?',
  rulesOut: 'a single slow pod or node',
  needs: [latency, facts, podRows],
  also: [p95ByPod, slowSpot, nodeDisk, nodeSteal, inside],
  find: (seen, also, { t, at }): Answer =>
    ifSlow(seen, also, at, () => {
      if (!also['odd pod'].known) return { unsure: `p95 by pod: ${also['odd pod'].why}` };
      const spot = also['odd pod'].value;
      if (spot === null) return 'clear';
      const took = `${duration(spot.p95)} at p95`;
      const rest = `the other ${spot.others} ${duration(spot.othersP95)}`;
      const seenNode = also['node disk'].known && also['node steal'].known;
      const node = seenNode ? "neither the node's disk nor stolen CPU time explains it; " : '';
      return {
        found: spot.node
          ? say`only node ${code(nodeName(spot.nodeName))} is slow: its ${plural(spot.pods, 'pod')} take up to ${took}, ${rest} (middle)`
          : say`only pod ${code(spot.pod)} (on ${nodeName(spot.nodeName)}) is slow: ${took} (${spot.requests} requests in 5 min), ${rest} (middle)`,
        short: spot.node ? `only node ${nodeName(spot.nodeName)} is slow` : 'one pod is slow',
        ...heldText(also.inside, spot.pod),
        notKnown: say`why: ${node}a hot or power-capped GPU, or a neighbour on it, would`,
        byHand: `${kubectl(t)} exec ${spot.pod} -- nvidia-smi -q -d PERFORMANCE`,
      };
    }),
});
