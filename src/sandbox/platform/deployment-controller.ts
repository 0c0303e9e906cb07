import { podsOf } from './quantity.ts';
import { aboutWorkload, conditionOf, dropCondition, record, setCondition, touch } from './records.ts';
import { uidOf } from './random.ts';
import { seconds, type Cluster, type Pod, type ReplicaSet, type Workload } from './state.ts';
import { digestOf, hashOf } from './template.ts';

const historyLimit = 10;

export const podsOfSet = (cluster: Cluster, set: ReplicaSet): readonly Pod[] =>
  cluster.pods.filter((pod) => pod.ownerUid === set.uid);

/** One look of the deployment controller, as `pkg/controller/deployment` does it. Says whether it changed what ReplicaSets shall have. */
export function syncWorkload(cluster: Cluster, workload: Workload, at: number): boolean {
  const before = JSON.stringify([workload.status, workload.conditions, workload.observedGeneration]);
  const wanted = workload.sets.map((set) => set.wanted).join();
  countPods(cluster, workload, at);
  workload.observedGeneration = workload.generation;
  if (workload.paused) {
    syncPaused(cluster, workload, at);
    refreshStatus(workload);
    setAvailable(workload, at);
  } else {
    if (conditionOf(workload.conditions, 'Progressing')?.reason === 'DeploymentPaused') {
      setProgressing(workload, at, 'Unknown', 'DeploymentResumed', 'Deployment is resumed');
    }
    const newest = newestSet(cluster, workload, at);
    if (workload.strategy.type === 'Recreate') recreate(cluster, workload, newest, at);
    else roll(cluster, workload, newest, at);
    const old = { ...workload.status };
    refreshStatus(workload);
    setAvailable(workload, at);
    syncProgress(workload, newest, old, at);
    forgetOldSets(cluster, workload, newest);
  }
  if (before !== JSON.stringify([workload.status, workload.conditions, workload.observedGeneration])) {
    touch(cluster, workload);
  }
  return wanted !== workload.sets.map((set) => set.wanted).join();
}

function countPods(cluster: Cluster, workload: Workload, at: number): void {
  for (const set of workload.sets) {
    const live = podsOfSet(cluster, set).filter((pod) => pod.deletedAt === null && pod.phase !== 'Failed');
    const ready = live.filter((pod) => pod.readySince !== null);
    set.total = live.length;
    set.ready = ready.length;
    set.available = ready.filter((pod) => (pod.readySince ?? at) + seconds(workload.minReadySeconds) <= at).length;
  }
}

export const currentSet = (workload: Workload): ReplicaSet | undefined =>
  workload.sets.find((set) => set.digest === digestOf(workload.template));

/** Finds the ReplicaSet of the template, or makes it. An old one becomes the newest again by a new number. */
function newestSet(cluster: Cluster, workload: Workload, at: number): ReplicaSet {
  const found = currentSet(workload);
  const highest = Math.max(0, ...workload.sets.filter((set) => set !== found).map((set) => set.number));
  if (found !== undefined) {
    if (found.number <= highest) {
      found.number = highest + 1;
      found.again = true;
      setProgressing(workload, at, 'True', 'FoundNewReplicaSet', `Found new replica set "${found.name}"`);
    }
    return found;
  }
  const hash = hashOf(workload.template);
  const name = `${workload.name}-${hash}`;
  const made: ReplicaSet = {
    uid: uidOf(cluster.seed, cluster.region, workload.uid, hash),
    name,
    number: highest + 1,
    hash,
    digest: digestOf(workload.template),
    template: workload.template,
    createdAt: at,
    wanted: 0,
    total: 0,
    ready: 0,
    available: 0,
    conditions: [],
    changeCause: workload.changeCause,
    again: false,
    made: 0,
    refused: 0,
    retryAt: null,
  };
  workload.sets.push(made);
  setProgressing(workload, at, 'True', 'NewReplicaSetCreated', `Created new replica set "${name}"`);
  return made;
}

function scale(cluster: Cluster, workload: Workload, set: ReplicaSet, to: number, at: number): void {
  if (set.wanted === to) return;
  const word = to > set.wanted ? 'up' : 'down';
  const message = `Scaled ${word} replica set ${set.name} from ${set.wanted} to ${to}`;
  record(cluster, aboutWorkload(workload), at, 'Normal', 'ScalingReplicaSet', message);
  set.wanted = to;
}

const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number =>
  sets.reduce((total, set) => total + of(set), 0);

/** Surge and unavailable in pods; both zero would never move, so Kubernetes takes one unavailable. */
export function rollingLimits(workload: Workload): { readonly surge: number; readonly unavailable: number } {
  const surge = podsOf(workload.strategy.maxSurge, workload.replicas, 'up');
  const unavailable = podsOf(workload.strategy.maxUnavailable, workload.replicas, 'down');
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

function roll(cluster: Cluster, workload: Workload, newest: ReplicaSet, at: number): void {
  const { surge, unavailable } = rollingLimits(workload);
  const all = sum(workload.sets, (set) => set.wanted);
  if (newest.wanted > workload.replicas) {
    scale(cluster, workload, newest, workload.replicas, at);
  } else if (newest.wanted < workload.replicas) {
    const room = workload.replicas + surge - all;
    const more = Math.min(room, workload.replicas - newest.wanted);
    if (more > 0) scale(cluster, workload, newest, newest.wanted + more, at);
  }
  const old = workload.sets.filter((set) => set !== newest && set.wanted > 0).sort((a, b) => a.createdAt - b.createdAt);
  if (old.length === 0) return;
  const least = workload.replicas - unavailable;
  const newUnavailable = newest.wanted - newest.available;
  let removable = sum(workload.sets, (set) => set.wanted) - least - newUnavailable;
  // Broken old pods go first: they serve nobody.
  for (const set of old) {
    const broken = Math.min(removable, set.wanted - set.available);
    if (broken <= 0) continue;
    scale(cluster, workload, set, set.wanted - broken, at);
    removable -= broken;
  }
  let spare = sum(workload.sets, (set) => set.available) - least;
  for (const set of old) {
    const fewer = Math.min(spare, set.wanted);
    if (fewer <= 0) continue;
    scale(cluster, workload, set, set.wanted - fewer, at);
    spare -= fewer;
  }
}

function recreate(cluster: Cluster, workload: Workload, newest: ReplicaSet, at: number): void {
  const old = workload.sets.filter((set) => set !== newest);
  for (const set of old) scale(cluster, workload, set, 0, at);
  if (old.some((set) => podsOfSet(cluster, set).length > 0)) return;
  scale(cluster, workload, newest, workload.replicas, at);
}

function syncPaused(cluster: Cluster, workload: Workload, at: number): void {
  if (conditionOf(workload.conditions, 'Progressing')?.reason !== 'DeploymentPaused') {
    setProgressing(workload, at, 'Unknown', 'DeploymentPaused', 'Deployment is paused');
  }
  const active = workload.sets.filter((set) => set.wanted > 0);
  const [only] = active;
  if (active.length === 1 && only !== undefined) scale(cluster, workload, only, workload.replicas, at);
}

function refreshStatus(workload: Workload): void {
  const newest = currentSet(workload);
  const total = sum(workload.sets, (set) => set.total);
  const available = sum(workload.sets, (set) => set.available);
  workload.status = {
    total,
    updated: newest?.total ?? 0,
    ready: sum(workload.sets, (set) => set.ready),
    available,
    unavailable: Math.max(0, sum(workload.sets, (set) => set.wanted) - available),
  };
}

function setAvailable(workload: Workload, at: number): void {
  const { unavailable } = rollingLimits(workload);
  const enough = workload.status.available >= workload.replicas - unavailable;
  const before = conditionOf(workload.conditions, 'Available');
  if (before?.status === (enough ? 'True' : 'False')) return;
  setCondition(workload.conditions, at, {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
  });
}

function setProgressing(
  workload: Workload,
  at: number,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
): void {
  setCondition(workload.conditions, at, { type: 'Progressing', status, reason, message });
}

/** `syncRolloutStatus`: after a completed rollout later crashes change nothing here, until the template changes. */
function syncProgress(workload: Workload, newest: ReplicaSet, old: Workload['status'], at: number): void {
  const now = workload.status;
  const condition = conditionOf(workload.conditions, 'Progressing');
  const finished = now.total === now.updated && condition?.reason === 'NewReplicaSetAvailable';
  if (!finished) {
    const complete =
      now.updated === workload.replicas && now.total === workload.replicas && now.available === workload.replicas;
    const moved =
      now.updated > old.updated ||
      now.total - now.updated < old.total - old.updated ||
      now.ready > old.ready ||
      now.available > old.available;
    const deadline = seconds(workload.progressDeadlineSeconds);
    if (complete) {
      const message = `ReplicaSet "${newest.name}" has successfully progressed.`;
      setProgressing(workload, at, 'True', 'NewReplicaSetAvailable', message);
    } else if (moved || condition === undefined) {
      setProgressing(workload, at, 'True', 'ReplicaSetUpdated', `ReplicaSet "${newest.name}" is progressing.`);
    } else if (
      condition.reason !== 'ProgressDeadlineExceeded' &&
      condition.reason !== 'NewReplicaSetAvailable' &&
      Date.parse(condition.updatedAt ?? '') + deadline < at
    ) {
      const message = `ReplicaSet "${newest.name}" has timed out progressing.`;
      setProgressing(workload, at, 'False', 'ProgressDeadlineExceeded', message);
    }
  }
  const failing = [newest, ...workload.sets]
    .map((set) => conditionOf(set.conditions, 'ReplicaFailure'))
    .find((one) => one !== undefined);
  if (failing === undefined) dropCondition(workload.conditions, 'ReplicaFailure');
  else if (conditionOf(workload.conditions, 'ReplicaFailure')?.message !== failing.message) {
    setCondition(workload.conditions, at, failing);
  }
}

function forgetOldSets(cluster: Cluster, workload: Workload, newest: ReplicaSet): void {
  const idle = workload.sets
    .filter((set) => set !== newest && set.wanted === 0 && podsOfSet(cluster, set).length === 0)
    .sort((a, b) => a.number - b.number);
  const surplus = new Set(idle.slice(0, Math.max(0, idle.length - historyLimit)));
  if (surplus.size > 0) workload.sets = workload.sets.filter((set) => !surplus.has(set));
}
