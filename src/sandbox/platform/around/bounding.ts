import type { Bounds } from '../../../core/ports/kubernetes.ts';
import { takes } from '../holders.ts';
import type { Cluster } from '../state.ts';
import { wholeSpec } from './autoscaler-view.ts';
import type { Autoscaling, CustomItem } from './model.ts';

/** Bounds as somebody writes them: whoever wrote a bound last holds it. */

export function setBounds(cluster: Cluster, of: Autoscaling, to: Bounds, manager: string): void {
  const fields = [...(of.min === to.min ? [] : ['minReplicas']), ...(of.max === to.max ? [] : ['maxReplicas'])];
  const workload = cluster.workloads.find((one) => one.namespace === of.namespace && one.name === of.workload);
  const madeAt = of.madeAt ?? workload?.createdAt ?? 0;
  const before = of.holders ?? [{ manager: 'argocd-controller', at: madeAt, fields: wholeSpec }];
  of.min = to.min;
  of.max = to.max;
  if (fields.length > 0) of.holders = takes(before, { manager, at: cluster.now, fields });
}

/** KEDA then makes its HPA's bounds the same. */
export function setScaledObject(cluster: Cluster, of: CustomItem, to: Bounds, manager: string): void {
  const { minReplicaCount: min, maxReplicaCount: max } = of.spec;
  const fields = [...(min === to.min ? [] : ['minReplicaCount']), ...(max === to.max ? [] : ['maxReplicaCount'])];
  of.spec = { ...of.spec, minReplicaCount: to.min, maxReplicaCount: to.max };
  if (fields.length > 0) of.holders = takes(of.holders ?? [], { manager, at: cluster.now, fields });
  const made = cluster.autoscalers.find((one) => one.namespace === of.namespace && one.scaledObject === of.name);
  if (made !== undefined) setBounds(cluster, made, { min: Math.max(1, to.min), max: to.max }, 'keda');
}
