import type { Answer } from '../../src/core/contract.ts';
import { percent } from '../../src/core/impact.ts';
import { code, say } from '../../src/core/words.ts';
import { deployment, revisions } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { amount } from '../readings/quantity.ts';
import { jumpOf } from '../readings/trend.ts';
import { plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { bare, topText, topQuotes } from './words.ts';
import { hotPod, isUneven, requestsByPodNow } from './hot-pod.ts';
import { inside } from './inside.ts';
import { nodeLoad, stolenShare } from './node-load.ts';
import { boundsOf, cores, pictureOf } from './picture.ts';
import { cpu, throttling } from './use.ts';

/** It is some of the pods, or a part of each: not what they serve. */

const { check } = onDeployment;

/** Instance types that run on CPU credits. */
const onCredits = /^(t\d+[a-z]*)\./;

export const nodeSteal = check('node-steal', {
  severity: 'critical',
  ask: 'Do the nodes get the CPU time that they should have?',
  rulesOut: 'stolen CPU time',
  needs: [nodeLoad],
  find: (seen, _also): Answer => {
    const { nodes } = seen['node load'];
    const robbed = nodes.filter((one) => (one.steal ?? 0) >= stolenShare);
    const [worst] = robbed.toSorted((a, b) => (b.steal ?? 0) - (a.steal ?? 0));
    if (worst === undefined) {
      return nodes.length > 0 && nodes.every((one) => one.steal === null)
        ? { unsure: 'node load: steal is not measured' }
        : 'clear';
    }
    const count = robbed.reduce((sum, one) => sum + one.pods, 0);
    const others = nodes.length - robbed.length;
    return {
      found: say`the hypervisor takes ${percent(worst.steal)} of the CPU time of node ${code(worst.node)} (steal, median of 10 min)${robbed.length > 1 ? `, and of ${plural(robbed.length - 1, 'more node')} ${percent(stolenShare)} or more` : ''}: the ${plural(count, 'pod')} there ${count === 1 ? 'gets' : 'get'} less CPU than ${count === 1 ? 'it seems' : 'they seem'} to use${others > 0 ? say`. The other ${plural(others, 'node')} ${others === 1 ? 'has' : 'have'} less than ${percent(stolenShare)}` : ''}`,
      short: `CPU of ${plural(robbed.length, 'node')} stolen by the hypervisor (${percent(worst.steal)})`,
      ...(worst.stolenSince === null ? {} : { since: worst.stolenSince }),
      notKnown: say`why: CPU credits that are used up (instance types such as t3), or a neighbour on the same host. The cloud's own metrics (\`CPUCreditBalance\`) would tell`,
      byHand: `promtool query instant <PROMETHEUS_URL> 'avg by (node) (rate(node_cpu_seconds_total{mode="steal"}[5m]))'`,
    };
  },
});

export const burst = (instanceType: string): string | null => onCredits.exec(instanceType)?.[1] ?? null;

/** A helper beside the model that takes a good part of the pod, far more than was set aside for it. */
const sidecarShare = 0.25;
const sidecarCores = 0.3;
const timesRequest = 2;

export const sidecar = check('sidecar', {
  severity: 'critical',
  ask: 'Is it the model that uses the CPU, not a container beside it?',
  rulesOut: 'a sidecar',
  needs: [cpu, deployment],
  also: [revisions, throttling, inside],
  find: (seen, also, { t, at }): Answer => {
    const picture = pictureOf(seen, also['cpu throttled']);
    const main = picture.use?.median ?? 0;
    const hot = seen.cpu.containers
      .filter((one) => one.container !== picture.main && one.median >= sidecarCores)
      .map((one) => ({ ...one, ...boundsOf(seen.deployment, one.container) }))
      .filter(({ median, request, limit }) => {
        if (median < (main + median) * sidecarShare) return false;
        if (limit !== null && median >= limit * 0.9) return true;
        return request === null ? median >= main : median >= request * timesRequest;
      })
      .toSorted((a, b) => b.median - a.median)[0];
    if (hot === undefined) return 'clear';
    const { container, median, request, pods } = hot;
    const asks =
      request === null
        ? 'nothing is set aside for it'
        : `${percent(median / request)} of its request of ${amount('cpu', request)}`;
    const fresh = newIn(seen.deployment, also.revisions.known ? also.revisions.value : [], container);
    const total = seen.cpu.total.find((one) => one.labels['container'] === container);
    const began = total?.points.find(([, value]) => value !== null)?.[0];
    const isNew = began !== undefined && began > Date.parse(at) / 1000 - 7000;
    const jump = total === undefined ? null : jumpOf(total);
    const since = isNew ? began : jump !== null && jump.after > jump.before * 1.5 ? jump.at : null;
    return {
      found: say`container ${code(container)}, not the model, uses ${cores(median)} in each of ${plural(pods, 'pod')} (median of 10 min): ${asks}. ${code(picture.main)} uses ${cores(main)}${picture.ofRequest === null ? '' : `, ${percent(picture.ofRequest)} of its request`}${fresh === null ? '' : `. ${container} is ${fresh}`}`,
      short: `${container} uses ${cores(median)} a pod`,
      ...(since === null ? {} : { since: new Date(since * 1000).toISOString() }),
      quotes: topQuotes(also.inside, container),
      ...(since === null ? { notKnown: say`since when: it was so for more than 2 h` } : {}),
      byHand: `${kubectl(t)} top pods --containers --sort-by=cpu`,
    };
  },
});

type Of = Parameters<typeof boundsOf>[0];
interface Old {
  readonly number: number;
  readonly templateDigest: string;
  readonly template: Of['template'];
}

/** "new in this version" or "of another image than in revision 3"; null: as before, or not known. */
export function newIn(of: Of, all: readonly Old[], container: string): string | null {
  const before = all.findLast((one) => one.templateDigest !== of.templateDigest);
  const now = of.template.containers.find((one) => one.name === container);
  if (before === undefined || now === undefined) return null;
  const then = before.template.containers.find((one) => one.name === container);
  if (then === undefined) return `new: revision ${before.number} does not have it`;
  return then.image === now.image ? null : `another version than in revision ${before.number}`;
}

export const oneHot = check('one-hot-pod', {
  severity: 'critical',
  ask: 'Do all pods work about equally hard?',
  rulesOut: 'one hot pod',
  needs: [cpu, deployment, podRows],
  also: [throttling, inside, requestsByPodNow],
  find: (seen, also, { t }): Answer => {
    const hot = hotPod(seen, also['requests of each pod now']);
    if (hot === null || isUneven(hot)) return 'clear';
    const picture = pictureOf(seen, also['cpu throttled']);
    const share = (value: number): string =>
      picture.request === null
        ? ''
        : ` (${percent(value / picture.request)} of the request of ${amount('cpu', picture.request)})`;
    const names = hot.pods.map((one) => one.pod);
    const it = hot.pods.length === 1 ? 'It serves' : 'They serve';
    const work = hot.requests === null ? '' : `. ${it} no more requests than the others`;
    const where = hot.sameNode === null ? '' : `. All of them are on node ${hot.sameNode}`;
    return {
      found: say`${hot.pods.length === 1 ? say`pod ${code(names[0] ?? '')} uses` : `${hot.pods.length} pods use`} ${cores(hot.value)}${share(hot.value)}, the other ${plural(hot.others, 'pod')} ${cores(hot.middle)}${hot.others === 1 ? '' : ' each'} (medians of 10 min)${work}${where}${topText(also.inside, names)}`,
      short: `${hot.pods.length === 1 ? 'one pod is hot' : `${hot.pods.length} pods are hot`}, the others are not`,
      ...(hot.since === null ? {} : { since: hot.since }),
      quotes: names.includes(also.inside.known ? (also.inside.value?.pod ?? '') : '')
        ? topQuotes(also.inside, picture.main)
        : [],
      ...(also.inside.known && also.inside.value !== null
        ? {}
        : {
            notKnown: say`which process it is: ${also.inside.known ? 'its image has no `top`' : `I could not look inside (${also.inside.why})`}`,
          }),
      byHand: `${kubectl(t)} exec ${names[0] ?? '<POD>'} -c ${picture.main} -- top -b -n 1`,
    };
  },
});

export const unevenLoad = check('uneven-load', {
  severity: 'critical',
  ask: 'Is the load spread evenly over the pods?',
  rulesOut: 'uneven load',
  needs: [cpu, deployment, podRows],
  also: [throttling, requestsByPodNow],
  find: (seen, also, { t }): Answer => {
    const rates = also['requests of each pod now'];
    const hot = hotPod(seen, rates);
    if (hot !== null && !rates.known) return { unsure: `requests of each pod: ${bare(rates.why)}` };
    if (hot === null || !isUneven(hot)) return 'clear';
    const { request } = pictureOf(seen, also['cpu throttled']);
    const one = hot.pods.length === 1;
    const who = one ? say`pod ${code(hot.pods[0]?.pod ?? '')} gets` : `${hot.pods.length} pods get`;
    return {
      found: say`${who} ${(hot.requests?.ratio ?? 0).toFixed(1)} times the requests of the others and ${one ? 'uses' : 'use'} ${cores(hot.value)}${request === null ? '' : ` (${percent(hot.value / request)} of the request of ${amount('cpu', request)})`}, the other ${plural(hot.others, 'pod')} ${cores(hot.middle)}${hot.others === 1 ? '' : ' each'} (medians of 10 min)`,
      short: `load not spread: ${one ? 'one pod is' : `${hot.pods.length} pods are`} hot`,
      ...(hot.since === null ? {} : { since: hot.since }),
      byHand: `${kubectl(t)} top pods --sort-by=cpu`,
    };
  },
});
