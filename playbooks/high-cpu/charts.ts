import type { Line, Mark } from '../../src/core/chart.ts';
import type { Series } from '../../src/core/ports/metrics.ts';
import { percent } from '../../src/core/impact.ts';
import { currentRevision, deployment, revisions } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { amount } from '../readings/quantity.ts';
import { plural } from '../readings/wording.ts';
import { loadOf } from './checks-load.ts';
import { totalOf } from './checks-limit.ts';
import { boundsOf, cores, costOf, pictureOf } from './picture.ts';
import { traffic } from './traffic.ts';
import { cpu, throttling } from './use.ts';

const { chart } = onDeployment;

const everything = [
  'node-steal',
  'sidecar',
  'one-hot-pod',
  'uneven-load',
  'threads',
  'throttled',
  'retry-storm',
  'cost-per-request',
  'hpa-blind',
  'hpa-at-maximum',
  'growth',
  'node-busy',
  'high-without-cause',
] as const;

/** The container that is hot: the model's, or the one beside it. */
export const cpuChart = chart({
  when: everything,
  needs: [cpu, deployment, revisions],
  draw: (t, seen, at) => {
    const main = seen.deployment.template.containers[0]?.name ?? '';
    const hottest = seen.cpu.containers.toSorted((a, b) => b.median - a.median)[0];
    const container = hottest?.container ?? main;
    const mine = seen.cpu.series.filter((one) => one.labels['container'] === container);
    if (mine.length === 0) return null;
    const { request, limit } = boundsOf(seen.deployment, container);
    const bound = limit ?? request;
    const kind = limit === null ? 'request' : 'limit';
    const now =
      hottest === undefined ? '' : `now ${cores(hottest.median)} (median), ${cores(hottest.highest)} (highest)`;
    return {
      id: 'cpu-by-pod',
      title: `CPU of ${container}, by pod, ${t.region}`,
      unit: 'cores',
      lines: linesOf(mine),
      limit: bound === null ? null : { value: bound, label: `${kind} ${amount('cpu', bound)}` },
      marks: marksOf(seen, at),
      says: `CPU of container ${container} in ${plural(hottest?.pods ?? mine.length, 'pod')} over two hours: ${now}${bound === null ? ', without request or limit' : `; its ${kind} is ${amount('cpu', bound)}`}`,
    };
  },
});

export const throttlingChart = chart({
  when: ['throttled', 'threads'],
  needs: [cpu, deployment, revisions, throttling],
  draw: (t, seen, at) => {
    const use = seen['cpu throttled'];
    const picture = pictureOf(seen, { known: true, value: use });
    const mine = use?.series.filter((one) => one.labels['container'] === picture.main) ?? [];
    if (mine.length === 0) return null;
    return {
      id: 'cpu-throttled',
      title: `Held back by the CPU limit, ${t.region}`,
      unit: 'share',
      lines: linesOf(mine),
      limit: { value: 0.25, label: 'felt from 25 % on' },
      marks: marksOf(seen, at),
      says: `Share of its CFS periods in which ${picture.main} was held back, ${plural(mine.length, 'pod')} over two hours: now ${percent(picture.throttled)} (median)`,
    };
  },
});

export const costChart = chart({
  when: ['cost-per-request'],
  needs: [cpu, deployment, revisions, traffic],
  draw: (t, seen, at) => {
    const main = seen.deployment.template.containers[0]?.name ?? '';
    if (!seen.traffic.served) return null;
    const line = costOf(totalOf(seen.cpu, main), seen.traffic.requests);
    const load = loadOf(main, seen.cpu, seen.traffic, { known: false, why: '' }, at);
    if (line.points.length === 0 || load?.cost === undefined || load.cost === null) return null;
    const { before, now, ratio } = load.cost;
    return {
      id: 'cpu-per-request',
      title: `CPU seconds for each request, ${t.region}`,
      unit: 'seconds',
      lines: [{ name: 'CPU seconds a request', points: line.points, as: 'line' }],
      limit: null,
      marks: marksOf(seen, at),
      says: `CPU seconds for each request over two hours: ${before.toPrecision(2)} before, ${now.toPrecision(2)} now (${ratio.toFixed(1)} times)`,
    };
  },
});

function linesOf(all: readonly Series[]): readonly Line[] {
  return all.map(({ labels, points }, index) => ({
    name: labels['pod'] ?? '',
    points,
    as: index < 3 ? 'line' : 'aside',
  }));
}

/** The newest version, where it came within these two hours. */
function marksOf(
  seen: {
    readonly deployment: Parameters<typeof currentRevision>[0];
    readonly revisions: Parameters<typeof currentRevision>[1];
  },
  at: string,
): readonly Mark[] {
  const current = currentRevision(seen.deployment, seen.revisions);
  if (current === null || Date.parse(at) - Date.parse(current.createdAt) > 2 * 3_600_000) return [];
  return [{ at: Date.parse(current.createdAt) / 1000, label: `revision ${current.number}` }];
}
