import type { Autoscaler, Condition } from '../../../core/ports/kubernetes.ts';
import { writersOf } from '../holders.ts';
import { amount } from '../quantity.ts';
import { uidOf } from '../random.ts';
import type { About } from '../records.ts';
import { iso, type Cluster, type Workload } from '../state.ts';
import { coresOf } from '../telemetry/load.ts';
import type { Autoscaling } from './model.ts';

/** What whoever makes one holds of it. */
export const wholeSpec = ['maxReplicas', 'metrics', 'minReplicas', 'scaleTargetRef'] as const;

export const autoscalerUid = (cluster: Cluster, of: Autoscaling): string =>
  uidOf(cluster.seed, cluster.region, 'autoscaler', of.namespace, of.name);

/** Share of what its pods ask for that they use. */
export function usedOf(cluster: Cluster, workload: Workload, cores: ReadonlyMap<string, number>): number {
  let used = 0;
  let asked = 0;
  for (const pod of cluster.pods) {
    if (pod.workload !== workload.name || pod.namespace !== workload.namespace || pod.deletedAt !== null) continue;
    used += pod.readySince === null ? 0 : (cores.get(pod.uid) ?? 0);
    asked += amount(pod.template.containers[0]?.requests['cpu'] ?? '0');
  }
  return asked === 0 ? 0 : used / asked;
}

export const aboutScaler = (cluster: Cluster, of: Autoscaling): About => ({
  kind: 'HorizontalPodAutoscaler',
  namespace: of.namespace,
  name: of.name,
  uid: autoscalerUid(cluster, of),
});

export function autoscalerView(cluster: Cluster, of: Autoscaling, workload: Workload): Autoscaler {
  const limited =
    workload.replicas >= of.max ? 'TooManyReplicas' : workload.replicas <= of.min ? 'TooFewReplicas' : null;
  const since = iso(workload.createdAt);
  const condition = (type: string, status: Condition['status'], reason: string, message: string): Condition => ({
    type,
    status,
    reason,
    message,
    since,
    updatedAt: null,
  });
  const madeAt = of.madeAt ?? workload.createdAt;
  const blind = of.blind ?? null;
  // Nothing looks while a region is quiet: it uses what it uses all the same.
  const now = usedOf(cluster, workload, coresOf(cluster, workload.name, cluster.now));
  const percent = (share: number): string => `${Math.round(share * 100)}%`;
  return {
    name: of.name,
    uid: autoscalerUid(cluster, of),
    min: of.min,
    max: of.max,
    current: workload.status.total,
    desired: of.desired ?? workload.replicas,
    scaledObject: of.scaledObject ?? null,
    createdAt: iso(madeAt),
    specWriters: writersOf(of.holders ?? [{ manager: 'argocd-controller', at: madeAt, fields: wholeSpec }]),
    metrics: [
      {
        name: 'cpu',
        // While it is blind the real one shows none either.
        current: blind === null && of.target !== undefined ? `${percent(now)} of request` : 'unknown',
        target: percent(of.target ?? 0.7),
      },
    ],
    conditions: [
      condition('AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size'),
      blind === null
        ? condition(
            'ScalingActive',
            'True',
            'ValidMetricFound',
            'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
          )
        : {
            ...condition('ScalingActive', 'False', 'FailedGetResourceMetric', blind),
            since: of.blindSince === undefined ? since : iso(of.blindSince),
          },
      limited === null
        ? condition('ScalingLimited', 'False', 'DesiredWithinRange', 'the desired count is within the acceptable range')
        : condition(
            'ScalingLimited',
            'True',
            limited,
            `the desired replica count is ${limited === 'TooManyReplicas' ? 'more than the maximum' : 'less than the minimum'} replica count`,
          ),
    ],
  };
}
