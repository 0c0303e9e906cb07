import type { Container } from '../../core/ports/kubernetes.ts';
import { refusal } from './admission.ts';
import { podsOfSet } from './deployment-controller.ts';
import { stopPod } from './kubelet.ts';
import { suffix, uidOf } from './random.ts';
import { aboutSet, dropCondition, record, setCondition } from './records.ts';
import { seconds, type Cluster, type Pod, type PodContainer, type ReplicaSet, type Workload } from './state.ts';

/** The controller's own limit on its back-off. */
const longestRetrySeconds = 1000;

/** Makes and ends pods until there are as many as wanted. Says whether it changed anything. */
export function syncSet(cluster: Cluster, workload: Workload, set: ReplicaSet, at: number): boolean {
  const live = podsOfSet(cluster, set).filter((pod) => pod.deletedAt === null && pod.phase !== 'Failed');
  const surplus = live.length - set.wanted;
  if (surplus > 0) {
    for (const pod of [...live].sort(firstToGo).slice(0, surplus)) stopPod(cluster, pod, at);
    return true;
  }
  if (surplus === 0) {
    dropCondition(set.conditions, 'ReplicaFailure');
    set.refused = 0;
    set.retryAt = null;
    return false;
  }
  if (set.retryAt !== null && set.retryAt > at) return false;
  let made = 0;
  for (let missing = -surplus; missing > 0; missing -= 1) {
    const name = `${set.name}-${suffix(5, cluster.seed, cluster.region, set.uid, set.made)}`;
    const why = refusal(cluster, workload.namespace, name, set.template);
    if (why !== null) {
      refused(cluster, workload, set, why, at);
      return made > 0;
    }
    cluster.pods.push(newPod(cluster, workload, set, name, at));
    record(cluster, aboutSet(workload, set), at, 'Normal', 'SuccessfulCreate', `Created pod: ${name}`);
    set.made += 1;
    made += 1;
  }
  dropCondition(set.conditions, 'ReplicaFailure');
  set.refused = 0;
  set.retryAt = null;
  return made > 0;
}

function refused(cluster: Cluster, workload: Workload, set: ReplicaSet, why: string, at: number): void {
  record(cluster, aboutSet(workload, set), at, 'Warning', 'FailedCreate', `Error creating: ${why}`);
  setCondition(set.conditions, at, { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: why });
  set.refused += 1;
  set.retryAt = at + seconds(Math.min(2 ** set.refused, longestRetrySeconds));
  // Each try draws a new name, as the API server does.
  set.made += 1;
}

/** Not placed before placed, pending before running, not ready before ready, younger before older. */
function firstToGo(a: Pod, b: Pod): number {
  const rank = (pod: Pod): number =>
    pod.node === '' ? 0 : pod.phase === 'Pending' ? 1 : pod.readySince === null ? 2 : 3;
  return (
    rank(a) - rank(b) || (b.readySince ?? b.createdAt) - (a.readySince ?? a.createdAt) || (a.name < b.name ? -1 : 1)
  );
}

function newPod(cluster: Cluster, workload: Workload, set: ReplicaSet, name: string, at: number): Pod {
  const { template } = set;
  const inits = template.initContainers.map((spec) => newContainer(spec, true, at));
  return {
    namespace: workload.namespace,
    name,
    uid: uidOf(cluster.seed, cluster.region, set.uid, name),
    hash: set.hash,
    ownerUid: set.uid,
    workload: workload.name,
    labels: { ...template.labels, 'pod-template-hash': set.hash },
    template,
    createdAt: at,
    node: '',
    phase: 'Pending',
    reason: '',
    message: '',
    deletedAt: null,
    goneAt: null,
    prepared: false,
    prepareTries: 0,
    prepareAt: at,
    nextScheduleAt: at,
    readySince: null,
    firstReadyAt: null,
    unreadyAt: null,
    conditions: [],
    containers: [...inits, ...template.containers.map((spec) => newContainer(spec, false, at, inits.length > 0))],
  };
}

export function newContainer(spec: Container, init: boolean, at: number, waits = false): PodContainer {
  return {
    spec,
    init,
    state: { is: 'waiting', reason: waits || init ? 'PodInitializing' : 'ContainerCreating', message: '' },
    last: null,
    ready: false,
    started: false,
    restarts: 0,
    step: 'pull',
    dueAt: at,
    pullTries: 0,
    startedAt: at,
    failedProbes: 0,
    backedOffUntil: 0,
    backOffSeconds: 0,
    log: [],
    previousLog: null,
    earlier: [],
    imageId: '',
    missed: null,
  };
}
