import { Failure } from '../../../core/failure.ts';
import type { Answered, Labels, PodMeasure, Question, Series, Window } from '../../../core/ports/metrics.ts';
import { uidOf } from '../random.ts';
import type { Cluster, Service } from '../state.ts';
import { holds } from './effects.ts';
import { quantileOf } from './latency.ts';
import { instancesOf, noise, runAt, servesAt, sharesOf, coresAt, type Instance, type Share } from './load.ts';
import { rssAt, workingSetAt } from './memory.ts';
import { nodeSeries } from './nodes.ts';

/** As Prometheus: no more points than this in one line. */
const mostPoints = 11_000;

type Point = readonly [at: number, value: number | null];

/** Unix ms of each step, oldest first; the last is the window's end. */
export function timesOf({ forMs, stepMs, agoMs = 0 }: Window, now: number): readonly number[] {
  const count = Math.floor(forMs / Math.max(1000, stepMs)) + 1;
  if (count > mostPoints) throw new Failure('invalid', `more than ${mostPoints} points in one line`);
  const end = Math.floor((now - agoMs) / 1000) * 1000;
  return Array.from({ length: count }, (_, index) => end - (count - 1 - index) * Math.max(1000, stepMs));
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

/** Collects points by line, so that each moment is worked out once for all pods. */
class Lines {
  readonly #lines = new Map<string, { readonly labels: Labels; readonly points: Point[] }>();

  add(labels: Labels, at: number, value: number | null): void {
    const key = JSON.stringify(labels);
    const line = this.#lines.get(key) ?? { labels, points: [] };
    line.points.push([at / 1000, value]);
    this.#lines.set(key, line);
  }

  all(): readonly Series[] {
    return [...this.#lines.values()];
  }
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
      lines.add({ pod: of.name, ...labelsOf(ask, of, container, run.startedAt) }, at, value);
      if (ask === 'cpu') sidecars(cluster, of, share, at, lines);
    }
  }
  return lines.all();
}

/** As the real queries group them: memory by container instance, GPUs by their number. */
function labelsOf(ask: PodMeasure, of: Instance, container: string, startedAt: number): Labels {
  if (ask.startsWith('gpu')) return { gpu: '0' };
  if (!ask.startsWith('memory')) return { container };
  const id = uidOf(cgroup, of.uid, startedAt).replaceAll('-', '');
  return { container, id: `/kubepods/burstable/pod${of.uid}/${id}` };
}
const cgroup = 'container';

/** Other containers of the pod use little, unless an effect says so. */
function sidecars(cluster: Cluster, of: Instance, share: Share | undefined, at: number, lines: Lines): void {
  for (const { name, requests } of of.template.containers.slice(1)) {
    const hot = share?.effects.find((one) => one.is === 'sidecar cpu' && one.container === name);
    const cores = hot?.is === 'sidecar cpu' ? hot.cores : 0.02;
    const value = cores * noise(cluster, `${of.uid} ${name} ${requests['cpu'] ?? ''}`, at);
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

type ServiceQuestion = Extract<Question, { readonly by: string }>;

/** By pod, or of all together: there codes are summed, and quantiles are of all requests. */
function serviceSeries(
  cluster: Cluster,
  services: readonly Service[],
  question: ServiceQuestion,
  times: readonly number[],
): readonly Series[] {
  const lines = new Lines();
  for (const at of times) {
    const shares = services.flatMap((one) => sharesOf(cluster, one, at));
    if (question.by === 'pod')
      for (const share of shares) pointsOf(cluster, [share], question, at, { pod: share.of.name }, lines);
    else if (shares.length > 0) pointsOf(cluster, shares, question, at, {}, lines);
  }
  return lines.all();
}

function pointsOf(
  cluster: Cluster,
  shares: readonly Share[],
  question: ServiceQuestion,
  at: number,
  labels: Labels,
  lines: Lines,
): void {
  if (question.ask === 'errors' || question.ask === 'client errors') {
    const sums = new Map<string, number>();
    for (const share of shares) {
      for (const [code, rate] of codesOf(share, question.ask)) {
        const about = noise(cluster, `${share.of.uid} ${question.ask} ${code}`, at);
        sums.set(code, (sums.get(code) ?? 0) + rate * about);
      }
    }
    for (const [code, rate] of sums) lines.add({ ...labels, code }, at, rate);
    return;
  }
  const values = shares.map((share) => ({ share, value: serviceValue(cluster, question, share, at) }));
  const served = values.reduce((sum, one) => sum + one.share.requestsPerSecond, 0);
  const isMean = question.ask === 'latency' || question.ask === 'input size';
  if (isMean && served * 300 < 1) lines.add(labels, at, null);
  else if (!isMean)
    lines.add(
      labels,
      at,
      values.reduce((sum, one) => sum + one.value, 0),
    );
  else {
    // The slow part of the requests decides their high quantiles.
    const power = question.ask === 'latency' && question.quantile > 0.8 ? 8 : 1;
    const sum = values.reduce((all, one) => all + one.share.requestsPerSecond * one.value ** power, 0);
    lines.add(labels, at, (sum / served) ** (1 / power));
  }
}

/** Failed requests per second, by code. */
function codesOf(share: Share, ask: 'errors' | 'client errors'): ReadonlyMap<string, number> {
  const out = new Map<string, number>();
  const add = (code: string, ratio: number): void =>
    void out.set(code, (out.get(code) ?? 0) + ratio * share.requestsPerSecond);
  let named = 0;
  for (const effect of share.effects) {
    if (effect.is !== ask) continue;
    add(effect.code, effect.ratio);
    named += effect.ratio;
  }
  if (ask === 'errors') add('500', Math.max(0, share.errorRatio - named));
  else add('400', 0.004);
  return out;
}

function serviceValue(
  cluster: Cluster,
  question: Exclude<ServiceQuestion, { readonly ask: 'errors' | 'client errors' }>,
  share: Share,
  at: number,
): number {
  const { of, requestsPerSecond, strain, load } = share;
  const about = noise(cluster, `${of.uid} ${question.ask}`, at);
  switch (question.ask) {
    case 'requests':
      return requestsPerSecond * about;
    case 'latency':
      return quantileOf(share, question.quantile) * about;
    case 'queue':
      return Math.max(0, (Math.max(0, load - 0.8) * 14 + strain.queue) * about);
    case 'in flight':
      return requestsPerSecond * quantileOf(share, 0.5) * 1.15 * about;
    case 'input size':
      return 620 * strain.inputs * about;
    case 'model loads': {
      const startedAt = runAt(of, at)?.startedAt ?? 0;
      return (at - startedAt < 300_000 ? 1 / 300 : 0) + strain.loadsPerS * about;
    }
    default:
      return 0;
  }
}
