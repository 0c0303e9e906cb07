import { record, touch } from '../records.ts';
import { minutes, seconds, type Cluster, type Workload } from '../state.ts';
import { holds } from '../telemetry/effects.ts';
import { coresOf } from '../telemetry/load.ts';
import { scaleTo } from '../write.ts';
import { aboutScaler, usedOf } from './autoscaler-view.ts';
import type { Autoscaling } from './model.ts';

/** One look of the HPA controller: it keeps its bounds, and wants as many pods as bring CPU to its target (with the usual tolerance of a tenth). */
export function runAutoscalers(cluster: Cluster, at: number): void {
  if (at - (cluster.around.scaledAt ?? 0) < seconds(15)) return;
  cluster.around.scaledAt = at;
  for (const scaler of cluster.autoscalers) {
    if (scaler.target === undefined) continue;
    const workload = cluster.workloads.find(
      (one) => one.namespace === scaler.namespace && one.name === scaler.workload,
    );
    // Zero replicas switches an HPA off.
    if (workload === undefined || workload.replicas === 0) continue;
    scaler.used = usedOf(cluster, workload, coresOf(cluster, workload.name, at));
    const wanted = wantedBy(scaler, lowest(cluster, scaler, at), workload, at);
    scaler.desired = wanted;
    if (wanted === workload.replicas) continue;
    const message = `New size: ${wanted}; reason: cpu resource utilization (percentage of request) ${wanted > workload.replicas ? 'above' : 'below'} target`;
    record(cluster, aboutScaler(cluster, scaler), at, 'Normal', 'SuccessfulRescale', message);
    scaleTo(workload, wanted, 'kube-controller-manager', null);
    workload.generation += 1;
    touch(cluster, workload);
  }
}

/** Somebody else, or a metric that swings, moves its lower bound to and fro. */
function lowest(cluster: Cluster, { workload, min }: Autoscaling, at: number): number {
  const found = cluster.effects.find((one) => one.effect.is === 'flapping' && one.where.workload === workload);
  if (found?.effect.is !== 'flapping' || !holds(found, at)) return min;
  const { low, high, periodS } = found.effect;
  return ((at - found.since) / 1000) % periodS < periodS / 2 ? high : low;
}

function wantedBy(scaler: Autoscaling, min: number, workload: Workload, at: number): number {
  const within = (count: number): number => Math.min(scaler.max, Math.max(min, count));
  if (scaler.blind !== undefined && scaler.blind !== null) return within(workload.replicas);
  const ratio = (scaler.used ?? 0) / (scaler.target ?? 1);
  if (Math.abs(ratio - 1) <= 0.1) return within(workload.replicas);
  const raw = within(Math.ceil(workload.replicas * ratio));
  if (raw >= workload.replicas) {
    scaler.lowSince = null;
    return raw;
  }
  // Pods are taken away only when fewer were wanted for five minutes.
  scaler.lowSince ??= at;
  return at - scaler.lowSince >= minutes(5) ? raw : within(workload.replicas);
}
