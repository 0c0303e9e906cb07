import type { Chart, Mark } from '../../src/core/chart.ts';
import { linesBy } from '../../src/core/chart.ts';
import { currentRevision, deployment, revisions } from '../readings/deployment.ts';
import { facts } from '../readings/facts.ts';
import { summed } from '../readings/measures.ts';
import { errorsByPod, requestsByPod } from '../readings/odd-pod.ts';
import { onDeployment } from '../readings/on.ts';
import { tagOf } from '../readings/pull.ts';
import { errors, harmOf, harmText, ratios, requests } from './harm.ts';
import { oddPod } from '../readings/odd-pod.ts';
import { nodeName } from '../readings/wording.ts';
import { percent } from './harm.ts';

const { chart } = onDeployment;

/** Errors over three hours with the change that came in between: the shape says more than a number. */
const overTime = chart({
  when: [
    'gpu-lost',
    'driver-mismatch',
    'shared-memory',
    'model-missing',
    'version-mismatch',
    'model-load-failing',
    'model-load-slow',
    'cuda-oom-fragmentation',
    'cuda-oom-batch',
    'cuda-oom-sequence',
    'oom-under-load',
    'crash-under-load',
    'dependency',
    'bad-outputs',
    'no-drain',
    'keep-alive',
    'since-change',
    'errors-unexplained',
  ],
  needs: [facts, requests, errors, deployment, revisions],
  draw: (t, seen, at): Chart => {
    const harm = harmOf(seen.config, { known: true, value: seen.requests }, { known: true, value: seen.errors }, at);
    const limit = seen.config.limits?.errorRatio ?? 0.01;
    const current = currentRevision(seen.deployment, seen.revisions);
    const from = Date.parse(at) / 1000 - 3 * 3600;
    const cameAt = current === null ? 0 : Date.parse(current.createdAt) / 1000;
    const marks: readonly Mark[] =
      current === null || cameAt < from
        ? []
        : [{ at: cameAt, label: `${tagOf(current.template.containers[0]?.image ?? '')}, revision ${current.number}` }];
    const since =
      harm.is === 'bad' && harm.since !== null ? `, over the limit since ${harm.since.slice(11, 16)} UTC` : '';
    return {
      id: 'errors',
      title: `Failing requests of ${t.name}, ${t.region}`,
      unit: 'share',
      lines: [
        { name: 'failing (5xx)', points: ratios(summed(seen.requests.series), summed(seen.errors.series)), as: 'line' },
      ],
      limit: { value: limit, label: `limit ${percent(limit)}` },
      marks,
      says: `${harmText(harm)} (limit ${percent(limit)})${since}`,
    };
  },
});

/** Which pods fail, beside the others. */
const byPod = chart({
  when: ['one-pod', 'one-node', 'gpu-broken', 'cuda-oom-neighbour'],
  needs: [requestsByPod, errorsByPod, oddPod],
  draw: (t, seen): Chart | null => {
    const odd = seen['odd pod'];
    if (odd === null) return null;
    const failing = Map.groupBy(seen['errors by pod'].series, (one) => one.labels['pod'] ?? '');
    const lines = seen['requests by pod'].series.map((one) => ({
      labels: one.labels,
      points: ratios(one, summed(failing.get(one.labels['pod'] ?? '') ?? [])),
    }));
    const worst = lines.toSorted((a, b) => (b.points.at(-1)?.[1] ?? 0) - (a.points.at(-1)?.[1] ?? 0));
    const bad = worst.filter((one) => (one.points.at(-1)?.[1] ?? 0) >= 0.05).length;
    return {
      id: 'errors-by-pod',
      title: `Failing requests of ${t.name} by pod, ${t.region}`,
      unit: 'share',
      lines: linesBy('pod', worst, bad),
      limit: null,
      marks: [],
      says: `${odd.node ? `pods on node ${nodeName(odd.nodeName)} fail ${percent(odd.ratio)} of their` : `pod ${odd.pod} fails ${percent(odd.ratio)} of its`} requests, the others ${percent(odd.others)}`,
    };
  },
});

export const charts = [overTime, byPod] as const;
