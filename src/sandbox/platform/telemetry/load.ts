import { chance } from '../random.ts';
import { amount } from '../quantity.ts';
import type { Cluster, Pod, Service } from '../state.ts';
import type { Gone } from '../around/model.ts';
import { effectsOf, effectsOn, type Effect, type Subject } from './effects.ts';
import { strainOf, type Strain } from './strain.ts';

/** Who serves how much, when, and what that costs: the one model behind instant metrics, series, logs and `top`. */

/** A pod of now or of before, with the runs of its first container. */
export interface Instance extends Subject {
  readonly namespace: string;
  readonly name: string;
  readonly hash: string;
  readonly firstReadyAt: number | null;
  /** Unix ms; Infinity while it is there. */
  readonly endedAt: number;
  readonly runs: readonly { readonly startedAt: number; readonly endedAt: number }[];
  readonly pod: Pod | null;
}

export function instancesOf(cluster: Cluster, workload: string): readonly Instance[] {
  const now: Instance[] = [];
  for (const pod of cluster.pods) if (pod.workload === workload) now.push(instanceOf(pod));
  const before = cluster.gone.filter((one) => one.workload === workload);
  return [...before.map((one: Gone): Instance => ({ ...one, pod: null })), ...now];
}

export function instanceOf(pod: Pod): Instance {
  const main = pod.containers.find((one) => !one.init);
  const isRunning = main?.step === 'running';
  const current = isRunning ? [{ startedAt: main.startedAt, endedAt: Infinity }] : [];
  return { ...pod, endedAt: pod.deletedAt ?? Infinity, runs: [...(main?.earlier ?? []), ...current], pod };
}

/** The run that was under way; null between two, and before the first. */
export function runAt(of: Instance, at: number): { readonly startedAt: number; readonly endedAt: number } | null {
  return of.runs.findLast((one) => one.startedAt <= at && at < one.endedAt) ?? null;
}

export function servesAt(cluster: Cluster, of: Instance, at: number): boolean {
  if (of.firstReadyAt === null || of.firstReadyAt > at || at >= of.endedAt) return false;
  if (of.pod === null) return true;
  const { readySince, unreadyAt, node } = of.pod;
  if (readySince === null && (unreadyAt === null || at >= unreadyAt)) return false;
  const silentSince = cluster.nodes.find((one) => one.name === node)?.silentSince ?? null;
  return silentSince === null || at < silentSince;
}

/** The day before the story started: at its start (and from then on) demand is at its height, twelve hours before at its lowest. */
export function cycle(cluster: Cluster, at: number): number {
  const hoursAgo = Math.max(0, (cluster.seededAt - at) / 3_600_000);
  return 1 - 0.19 * (1 - Math.cos((2 * Math.PI * hoursAgo) / 24));
}

/** Requests per second that arrive. */
export function demandAt(cluster: Cluster, service: Service, at: number): number {
  if (at >= cluster.now) return service.requestsPerSecond * requestFactor(cluster, service, at);
  const points = cluster.traffic.get(service.name) ?? [];
  const then = points.findLast((one) => one.at <= Math.max(at, cluster.seededAt)) ?? points[0];
  return (then?.requestsPerSecond ?? service.requestsPerSecond) * cycle(cluster, at);
}

function requestFactor(cluster: Cluster, service: Service, at: number): number {
  let factor = 1;
  for (const effect of effectsOf(cluster, service.workload, at)) {
    if (effect.is === 'requests') factor *= effect.factor;
  }
  return factor;
}

export interface Share {
  readonly of: Instance;
  readonly effects: readonly Effect[];
  readonly strain: Strain;
  readonly requestsPerSecond: number;
  /** Against what it can carry; above 1 requests are shed. */
  readonly load: number;
  readonly p95Seconds: number;
  readonly errorRatio: number;
  /** Cores that it would use, and uses under its limit; share of the CFS periods in which it was held back. */
  readonly cores: number;
  readonly limitCores: number | null;
  readonly throttled: number;
}

/** What fails on a good day. */
const usualErrors = 0.0002;

/** Demand against ready capacity: close to the limit requests queue, above it they are shed. */
export function sharesOf(cluster: Cluster, service: Service, at: number): readonly Share[] {
  const serving = instancesOf(cluster, service.workload).filter((one) => servesAt(cluster, one, at));
  const strained = serving.map((of) => {
    const startedAt = runAt(of, at)?.startedAt ?? of.createdAt;
    const effects = effectsOn(cluster, of, at, { startedAt, ready: serving.length }).map((one) => one.effect);
    return { of, effects, strain: strainOf(effects) };
  });
  const weights = strained.reduce((sum, one) => sum + one.strain.weight, 0);
  const demand = demandAt(cluster, service, at);
  return strained.map((one) => {
    const requestsPerSecond = weights === 0 ? 0 : (demand * one.strain.weight) / weights;
    return { ...one, requestsPerSecond, ...pressureOf(cluster, service, one, requestsPerSecond) };
  });
}

function pressureOf(
  cluster: Cluster,
  service: Service,
  { of, strain }: Pick<Share, 'of' | 'strain'>,
  rps: number,
): Pick<Share, 'load' | 'p95Seconds' | 'errorRatio' | 'cores' | 'limitCores' | 'throttled'> {
  const main = of.template.containers[0];
  const request = amount(main?.requests['cpu'] ?? '1');
  const limitText = main?.limits['cpu'];
  const limitCores = limitText === undefined ? null : amount(limitText);
  const { cpuSecondsPerRequest = (0.4 * request) / service.capacityPerPod, idleCores = 0.05 * request } = service;
  const wanted = idleCores + rps * cpuSecondsPerRequest * strain.cpu + strain.extraCores;
  const over = limitCores === null ? 0 : wanted / limitCores;
  const held = over > 0.9 ? (over / 0.9) ** 1.5 : 1;
  const load = rps / (service.capacityPerPod * strain.capacity);
  const queued = Math.min(load, 0.98);
  const p95Seconds = service.baseLatencySeconds * strain.slow * held * (1 + (0.051 * queued ** 1.57) / (1 - queued));
  const nearLimit = Math.max(0, Math.min(load, 1) - 0.9) * 0.13;
  const shed = load > 1 ? 1 - 1 / load : 0;
  const own = (cluster.images.get(main?.image ?? '')?.program.errorRatio ?? 0) + strain.errors;
  return {
    load,
    p95Seconds,
    errorRatio: Math.min(1, usualErrors + nearLimit + shed + own),
    cores: limitCores === null ? wanted : Math.min(wanted, limitCores),
    limitCores,
    throttled: over > 0.8 ? 1 - 1 / (1 + (over - 0.8) * 1.5) : 0,
  };
}

/** Around 1, the same for the same pod, measure and half minute. */
export function noise(cluster: Cluster, about: string, at: number, width = 0.03): number {
  return 1 + (chance(cluster.seed, cluster.region, about, Math.floor(at / 30_000)) - 0.5) * 2 * width;
}

/** Cores of a pod that serves nothing that is measured. */
export function plainCores(cluster: Cluster, of: Instance, at: number): number {
  const request = amount(of.template.containers[0]?.requests['cpu'] ?? '100m');
  const startedAt = runAt(of, at)?.startedAt ?? of.createdAt;
  const strain = strainOf(effectsOn(cluster, of, at, { startedAt }).map((one) => one.effect));
  const limit = of.template.containers[0]?.limits['cpu'];
  const wanted = request * 0.35 * cycle(cluster, at) * strain.cpu + strain.extraCores;
  return limit === undefined ? wanted : Math.min(wanted, amount(limit));
}

/** Other containers of the pod use little, unless an effect says so. */
export function sidecarCores(cluster: Cluster, of: Instance, container: string, at: number): number {
  const startedAt = runAt(of, at)?.startedAt ?? of.createdAt;
  for (const { effect } of effectsOn(cluster, of, at, { startedAt })) {
    if (effect.is === 'sidecar cpu' && effect.container === container) return effect.cores;
  }
  return 0.02;
}

/** Cores of the first container of each pod of a workload that ran then, by uid. */
export function coresOf(cluster: Cluster, workload: string, at: number): ReadonlyMap<string, number> {
  const out = new Map<string, number>();
  const service = cluster.services.find((one) => one.workload === workload);
  if (service !== undefined) for (const one of sharesOf(cluster, service, at)) out.set(one.of.uid, one.cores);
  for (const of of instancesOf(cluster, workload)) {
    if (!out.has(of.uid) && runAt(of, at) !== null) out.set(of.uid, plainCores(cluster, of, at));
  }
  return out;
}

/** Of all workloads. */
export function coresAt(cluster: Cluster, at: number): ReadonlyMap<string, number> {
  const names = new Set([...cluster.pods, ...cluster.gone].map((one) => one.workload));
  return new Map([...names].flatMap((workload) => [...coresOf(cluster, workload, at)]));
}
