import { Failure } from '../../../core/failure.ts';
import type { Answered, Labels, PodMeasure, Question, Series, Window } from '../../../core/ports/metrics.ts';
import { uidOf } from '../random.ts';
import type { Cluster, Service } from '../state.ts';
import { holds } from './effects.ts';
import {
  instancesOf,
  noise,
  runAt,
  servesAt,
  sharesOf,
  sidecarCores,
  coresAt,
  type Instance,
  type Share,
} from './load.ts';
import { rssAt, workingSetAt } from './memory.ts';
import { Lines, type Point } from './lines.ts';
import { nodeSeries } from './nodes.ts';
import { serviceSeries } from './service-series.ts';

/** As Prometheus: no more points than this in one line. */
const mostPoints = 11_000;

const gridMs = 300_000;

/** Unix ms of each step, oldest first; the last is the window's end, on a grid of steps. */
export function timesOf({ forMs, stepMs, agoMs = 0 }: Window, now: number): readonly number[] {
  const step = Math.max(1000, stepMs);
  const count = Math.floor(forMs / step) + 1;
  if (count > mostPoints) throw new Failure('invalid', `more than ${mostPoints} points in one line`);
  // On a grid, as the real adapter asks.
  const until = Math.floor((now - agoMs) / 1000) * 1000;
  const end = until - (until % Math.min(step, gridMs));
  return Array.from({ length: count }, (_, index) => end - (count - 1 - index) * step);
}

export function seriesOf(cluster: Cluster, question: Question, over: Window, now: number): Answered {
  if (!cluster.metricsAnswer) return { is: 'no data', because: 'nothing was recorded in this time' };
  const times = timesOf(over, now);
  const job = jobOf(question);
  const down = cluster.effects.find(({ effect }) => effect.is === 'exporter down' && effect.job === job);
  if (down !== undefined && holds(down, now)) {
    return { is: 'target is down', because: `${job} does not answer its scrapes: connection refused` };
  }
  if (cluster.effects.some((one) => one.effect.is === 'no exporter' && one.effect.job === job && holds(one, now))) {
    return { is: 'no such metric', because: `nobody exports it: there is no job ${job}` };
  }
  const series = linesOf(cluster, question, times).filter((one) => one.points.length > 0);
  return series.length === 0
    ? { is: 'no data', because: `nothing was recorded of ${'of' in question ? question.of.name : 'the nodes'}` }
    : { is: 'series', series, note: null };
}

function linesOf(cluster: Cluster, question: Question, times: readonly number[]): readonly Series[] {
  switch (question.ask) {
    case 'node cpu':
    case 'node steal':
    case 'node disk':
      return nodeSeries(cluster, question.ask, times);
    case 'replicas wanted':
    case 'replicas ready':
      return workloadsOf(cluster, question.of).map((name) => replicaSeries(cluster, question.ask, name, times));
    case 'cpu':
    case 'cpu throttled':
    case 'memory rss':
    case 'memory working set':
    case 'restarts':
    case 'gpu busy':
    case 'gpu memory':
    case 'gpu xid': {
      const { ask } = question;
      return workloadsOf(cluster, question.of).flatMap((name) => podSeries(cluster, ask, name, times));
    }
    case 'requests':
    case 'errors':
    case 'client errors':
    case 'queue':
    case 'in flight':
    case 'input size':
    case 'model loads':
    case 'latency':
      return serviceSeries(cluster, servicesOf(cluster, question.of), question, times);
  }
}

function jobOf(question: Question): string {
  if (question.ask.startsWith('gpu')) return 'dcgm-exporter';
  if (question.ask.startsWith('node')) return 'node-exporter';
  if (question.ask.startsWith('replicas') || question.ask === 'restarts') return 'kube-state-metrics';
  if (/^(?:cpu|memory)/.test(question.ask)) return 'cadvisor';
  return 'of' in question && question.of.name !== '' ? question.of.name : 'services';
}

type Named = { readonly namespace: string; readonly name: string };

function workloadsOf(cluster: Cluster, of: Named): readonly string[] {
  const all = cluster.workloads.filter((one) => one.namespace === of.namespace).map((one) => one.name);
  return of.name === '' ? all : all.filter((one) => one === of.name);
}

function servicesOf(cluster: Cluster, of: Named): readonly Service[] {
  const names = workloadsOf(cluster, of);
  return cluster.services.filter((one) => names.includes(one.workload));
}

function replicaSeries(cluster: Cluster, ask: string, workload: string, times: readonly number[]): Series {
  const found = cluster.workloads.find((one) => one.name === workload);
  const instances = instancesOf(cluster, workload);
  const points = times.map((at): Point => {
    if (ask === 'replicas ready') return [at / 1000, instances.filter((one) => servesAt(cluster, one, at)).length];
    return [at / 1000, found?.scaled.findLast((one) => one.at <= at)?.replicas ?? found?.replicas ?? 0];
  });
  return { labels: { deployment: workload }, points };
}

function podSeries(cluster: Cluster, ask: PodMeasure, workload: string, times: readonly number[]): readonly Series[] {
  const lines = new Lines();
  const service = cluster.services.find((one) => one.workload === workload);
  const instances = instancesOf(cluster, workload);
  const isLoad = ask !== 'memory rss' && ask !== 'memory working set' && ask !== 'restarts';
  for (const at of times) {
    const shares = isLoad && service !== undefined ? sharesOf(cluster, service, at) : [];
    const cores = ask === 'cpu' && service === undefined ? coresAt(cluster, at) : null;
    for (const of of instances) {
      const run = runAt(of, at);
      if (run === null) continue;
      const share = shares.find((one) => one.of.uid === of.uid);
      const value = podValue(cluster, ask, of, share, cores, at);
      if (value === undefined) continue;
      const container = of.template.containers[0]?.name ?? '';
      lines.add({ pod: of.name, ...labelsOf(ask, of, container, run.startedAt, instances) }, at, value);
      if (ask === 'cpu') sidecars(cluster, of, at, lines);
    }
  }
  return lines.all();
}

/** Each pod holds one GPU of its node: the first that is free when it comes. */
function gpuOf(of: Instance, all: readonly Instance[]): number {
  const from = of.runs[0]?.startedAt ?? 0;
  return all.slice(0, all.indexOf(of)).filter((one) => one.node === of.node && one.endedAt > from).length % 8;
}

/** As the real queries group them: memory by container instance, GPUs by their number. */
function labelsOf(
  ask: PodMeasure,
  of: Instance,
  container: string,
  startedAt: number,
  all: readonly Instance[],
): Labels {
  if (ask.startsWith('gpu')) return { gpu: String(gpuOf(of, all)) };
  if (!ask.startsWith('memory')) return { container };
  const id = uidOf(cgroup, of.uid, startedAt).replaceAll('-', '');
  return { container, id: `/kubepods/burstable/pod${of.uid}/${id}` };
}
const cgroup = 'container';

function sidecars(cluster: Cluster, of: Instance, at: number, lines: Lines): void {
  for (const { name } of of.template.containers.slice(1)) {
    const value = sidecarCores(cluster, of, name, at) * noise(cluster, `${of.uid} ${name}`, at);
    lines.add({ pod: of.name, container: name }, at, value);
  }
}

/** Undefined: this pod has no such line. */
function podValue(
  cluster: Cluster,
  ask: PodMeasure,
  of: Instance,
  share: Share | undefined,
  cores: ReadonlyMap<string, number> | null,
  at: number,
): number | undefined {
  const about = noise(cluster, `${of.uid} ${ask}`, at);
  switch (ask) {
    case 'cpu': {
      const used = share?.cores ?? cores?.get(of.uid) ?? 0.05;
      return Math.min(used * about, share?.limitCores ?? Infinity);
    }
    case 'cpu throttled':
      if (of.template.containers[0]?.limits['cpu'] === undefined) return undefined;
      return Math.min(1, (share?.throttled ?? 0) * about);
    case 'memory rss':
      return rssAt(cluster, of, at) ?? undefined;
    case 'memory working set':
      return workingSetAt(cluster, of, at) ?? undefined;
    case 'restarts':
      return Math.max(0, of.runs.filter((one) => one.startedAt <= at).length - 1);
    case 'gpu busy':
    case 'gpu memory':
    case 'gpu xid':
      return gpuValue(cluster, ask, of, share, at);
  }
}

function gpuValue(
  cluster: Cluster,
  ask: 'gpu busy' | 'gpu memory' | 'gpu xid',
  of: Instance,
  share: Share | undefined,
  at: number,
): number | undefined {
  if (of.template.containers[0]?.limits['nvidia.com/gpu'] === undefined) return undefined;
  const about = noise(cluster, `${of.uid} ${ask}`, at);
  if (ask === 'gpu xid') {
    const found = cluster.effects.find(
      (one) => one.effect.is === 'xid' && one.where.node === of.node && holds(one, at),
    );
    return found?.effect.is === 'xid' ? found.effect.number : 0;
  }
  if (ask === 'gpu memory') return Math.min(1, (share?.strain.gpuMemory ?? 0.78) * (1 + (about - 1) / 10));
  if (share === undefined) return 0;
  const busy = share.strain.gpuBusy ?? Math.min(1, 0.15 + 0.85 * share.load);
  return Math.min(1, busy * about);
}
