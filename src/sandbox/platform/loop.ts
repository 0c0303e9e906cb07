import { evaluateAlerts } from './alerts.ts';
import { syncWorkload } from './deployment-controller.ts';
import { nextKubeletTime, runKubelets, watchNodes } from './kubelet.ts';
import { forgetOldEvents } from './records.ts';
import { syncSet } from './replica-sets.ts';
import { schedule } from './scheduler.ts';
import { minutes, seconds, type Cluster } from './state.ts';
import { noteTraffic } from './traffic.ts';

/** One moment: every controller looks once, the deployment and ReplicaSet controllers until they agree. */
export function step(cluster: Cluster, at: number): void {
  cluster.now = at;
  cluster.dirty = false;
  watchNodes(cluster, at);
  runKubelets(cluster, at);
  for (let round = 0; round < 10; round += 1) {
    let changed = false;
    for (const workload of cluster.workloads) {
      if (syncWorkload(cluster, workload, at)) changed = true;
      for (const set of workload.sets) if (syncSet(cluster, workload, set, at)) changed = true;
    }
    if (!changed) break;
  }
  schedule(cluster, at);
  runKubelets(cluster, at);
  noteTraffic(cluster, at);
  evaluateAlerts(cluster, at);
  forgetOldEvents(cluster, at);
}

/** When the next look is due. While anything moves or is wrong: each whole second. A quiet region needs none. */
export function nextStep(cluster: Cluster): number {
  const nextSecond = (Math.floor(cluster.now / 1000) + 1) * 1000;
  if (!isQuiet(cluster)) return nextSecond;
  return Math.max(nextSecond, nextKubeletTime(cluster));
}

function isQuiet(cluster: Cluster): boolean {
  if (cluster.dirty || cluster.placesChanged || cluster.alerts.size > 1) return false;
  if (cluster.nodes.some((node) => node.ready !== 'True' || !node.reports)) return false;
  for (const { paused, replicas, status, conditions } of cluster.workloads) {
    if (paused || status.available !== replicas || status.total !== replicas) return false;
    if (conditions.find((one) => one.type === 'Progressing')?.reason !== 'NewReplicaSetAvailable') return false;
  }
  if (cluster.pods.some((pod) => pod.readySince === null || pod.deletedAt !== null)) return false;
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
