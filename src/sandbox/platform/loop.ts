import { evaluateAlerts, isOfEffect } from './alerts.ts';
import { runAutoscalers } from './around/autoscaling.ts';
import type { Autoscaling } from './around/model.ts';
import { syncOthers } from './around/others.ts';
import { syncWorkload } from './deployment-controller.ts';
import { nextKubeletTime, runKubelets, watchNodes } from './kubelet.ts';
import { forgetOldEvents } from './records.ts';
import { syncSet } from './replica-sets.ts';
import { schedule } from './scheduler.ts';
import { minutes, seconds, type Cluster, type Pod } from './state.ts';
import { isTrafficStale, noteTraffic } from './traffic.ts';

/** One moment: every controller looks once, the deployment and ReplicaSet controllers until they agree. */
export function step(cluster: Cluster, at: number): void {
  cluster.now = at;
  cluster.steppedAt = at;
  cluster.dirty = false;
  const before = cluster.activity;
  watchNodes(cluster, at);
  runKubelets(cluster, at);
  // Deployments and ReplicaSets are looked after by one process.
  for (let round = 0; cluster.controllerRuns && round < 10; round += 1) {
    let changed = false;
    for (const workload of cluster.workloads) {
      if (syncWorkload(cluster, workload, at)) changed = true;
      for (const set of workload.sets) if (syncSet(cluster, workload, set, at)) changed = true;
    }
    if (!changed) break;
  }
  if (cluster.controllerRuns) {
    syncOthers(cluster, at);
    runAutoscalers(cluster, at);
  }
  noteScale(cluster, at);
  schedule(cluster, at);
  runKubelets(cluster, at);
  noteTraffic(cluster, at);
  evaluateAlerts(cluster, at);
  forgetOldEvents(cluster, at);
  cluster.idle = cluster.activity === before;
}

function noteScale(cluster: Cluster, at: number): void {
  for (const workload of cluster.workloads) {
    if (workload.scaled.at(-1)?.replicas !== workload.replicas) {
      workload.scaled = [...workload.scaled.slice(-50), { at, replicas: workload.replicas }];
    }
  }
}

/** While nothing happens but something is wrong or about to be: how often deadlines, alert rules and windows are looked at. */
const idleMs = seconds(5);

/** When the next look is due: the next whole second while things move, later while they wait, never in a quiet region. */
export function nextStep(cluster: Cluster): number {
  const nextSecond = (Math.floor(cluster.now / 1000) + 1) * 1000;
  if (cluster.dirty || cluster.placesChanged || !cluster.idle) return nextSecond;
  const latest = isQuiet(cluster) ? quietStep(cluster) : after(cluster, idleMs);
  return Math.max(nextSecond, Math.min(latest, nextKubeletTime(cluster), nextRetry(cluster)));
}

const quietMs = seconds(30);

/** What faults do to telemetry starts and ends by the clock: then a quiet region is looked at each half minute. */
function quietStep(cluster: Cluster): number {
  return cluster.effects.length === 0 ? Infinity : after(cluster, quietMs);
}

/** Counted from the last look: counted from now it would be put off by everybody who asks in between. */
const after = ({ steppedAt }: Cluster, ms: number): number => Math.floor(steppedAt / 1000) * 1000 + ms;

function nextRetry(cluster: Cluster): number {
  let next = Infinity;
  for (const { sets } of cluster.workloads) for (const set of sets) next = Math.min(next, set.retryAt ?? Infinity);
  return next;
}

/** The watchdog always fires; those that follow effects are looked at with them. */
function restlessAlerts(cluster: Cluster): number {
  let count = 0;
  for (const { labels } of cluster.alerts.values()) {
    if (labels['alertname'] !== 'Watchdog' && !isOfEffect(labels['alertname'] ?? '')) count += 1;
  }
  return count;
}

/** Its bounds were moved, and it has not looked since. */
function isOut(cluster: Cluster, { target, namespace, workload, min, max }: Autoscaling): boolean {
  if (target === undefined) return false;
  const found = cluster.workloads.find((one) => one.namespace === namespace && one.name === workload);
  return found !== undefined && found.replicas > 0 && (found.replicas < min || found.replicas > max);
}

const isUnready = ({ readySince, phase }: Pod): boolean =>
  readySince === null && phase !== 'Succeeded' && phase !== 'Failed';

function isQuiet(cluster: Cluster): boolean {
  if (!cluster.controllerRuns || restlessAlerts(cluster) > 0) return false;
  if (cluster.autoscalers.some((one) => (one.lowSince ?? null) !== null || isOut(cluster, one))) return false;
  if (cluster.nodes.some((node) => node.ready !== 'True' || !node.reports)) return false;
  for (const { paused, replicas, status, conditions } of cluster.workloads) {
    if (paused || status.available !== replicas || status.total !== replicas) return false;
    if (conditions.find((one) => one.type === 'Progressing')?.reason !== 'NewReplicaSetAvailable') return false;
  }
  if (cluster.pods.some((pod) => isUnready(pod) || pod.deletedAt !== null)) return false;
  // Demand or what the programs do was changed under it: the numbers, and the alerts on them, have to follow.
  if (cluster.services.some((service) => isTrafficStale(cluster, service))) return false;
  for (const points of cluster.traffic.values()) {
    if ((points.at(-1)?.at ?? 0) > cluster.now - minutes(6)) return false;
  }
  return true;
}

/** Lets time pass up to `to`. */
export function passTime(cluster: Cluster, to: number): void {
  for (let at = nextStep(cluster); at <= to; at = nextStep(cluster)) step(cluster, at);
  cluster.now = Math.max(cluster.now, to - (to % seconds(1)));
}
