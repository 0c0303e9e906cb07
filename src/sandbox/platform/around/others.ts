import { newContainer } from '../replica-sets.ts';
import { uidOf, suffix } from '../random.ts';
import type { Cluster, Pod } from '../state.ts';
import type { Other } from './model.ts';

/** StatefulSets, DaemonSets and Jobs, as far as honest triage meets them: their pods are there, and come back when they are taken away. */
export function syncOthers(cluster: Cluster, at: number): void {
  for (const other of cluster.around.others) {
    for (const { name, node } of wantedPods(cluster, other)) {
      if (cluster.pods.some((pod) => pod.namespace === other.namespace && pod.name === name)) continue;
      cluster.pods.push(podOf(cluster, other, name, node, at));
      cluster.activity += 1;
      cluster.placesChanged = true;
    }
  }
}

function wantedPods(cluster: Cluster, other: Other): readonly { readonly name: string; readonly node: string }[] {
  const letters = (part: string | number): string => suffix(5, cluster.seed, cluster.region, other.uid, part);
  switch (other.kind) {
    case 'StatefulSet':
      return Array.from({ length: other.replicas }, (_, index) => ({ name: `${other.name}-${index}`, node: '' }));
    case 'DaemonSet':
      return cluster.nodes.map((node) => ({ name: `${other.name}-${letters(node.name)}`, node: node.name }));
    case 'Job':
      return [{ name: `${other.name}-${letters(0)}`, node: cluster.nodes.at(-1)?.name ?? '' }];
  }
}

function podOf(cluster: Cluster, other: Other, name: string, node: string, at: number): Pod {
  const { namespace, template } = other;
  const done = other.kind === 'Job';
  const containers = template.containers.map((spec) => newContainer(spec, false, at));
  if (done) {
    for (const one of containers) {
      one.step = 'done';
      one.dueAt = Infinity;
      const times = { startedAt: new Date(at).toISOString(), finishedAt: new Date(at + 95_000).toISOString() };
      one.state = { is: 'terminated', exitCode: 0, signal: 0, reason: 'Completed', message: '', ...times };
    }
  }
  return {
    namespace,
    name,
    uid: uidOf(cluster.seed, cluster.region, other.uid, name, at),
    hash: '',
    ownerUid: other.uid,
    workload: other.name,
    labels: template.labels,
    template,
    createdAt: at,
    node,
    phase: done ? 'Succeeded' : 'Pending',
    reason: done ? 'Completed' : '',
    message: '',
    deletedAt: null,
    goneAt: null,
    prepared: done,
    prepareTries: 0,
    prepareAt: at,
    nextScheduleAt: at,
    readySince: null,
    firstReadyAt: null,
    unreadyAt: null,
    conditions: [],
    containers,
  };
}
