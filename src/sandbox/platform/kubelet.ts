import { goneOf } from './around/model.ts';
import { runContainer } from './containers.ts';
import { noteNode } from './node-life.ts';
import { aboutPod, record, setCondition } from './records.ts';
import { iso, seconds, type Cluster, type Pod, type SimNode } from './state.ts';

/** How many pods that are gone are remembered for their series. */
const longestPast = 120;

/** How long a program that listens to SIGTERM takes to drain. */
const drainMs = seconds(2);

/** One look of every node's kubelet at what is due. */
export function runKubelets(cluster: Cluster, at: number): void {
  const gone = cluster.pods.filter((pod) => pod.goneAt !== null && pod.goneAt <= at);
  if (gone.length > 0) {
    cluster.gone = [...cluster.gone, ...gone.map((pod) => goneOf(pod, at))].slice(-longestPast);
    cluster.pods = cluster.pods.filter((pod) => !gone.includes(pod));
    cluster.placesChanged = true;
  }
  for (const pod of cluster.pods) {
    if (pod.node === '' || pod.phase === 'Succeeded' || pod.phase === 'Failed') continue;
    const node = cluster.nodes.find((one) => one.name === pod.node);
    if (node === undefined || !node.reports) continue;
    if (pod.deletedAt === null) runPod(cluster, pod, node, at);
    else if (pod.goneAt === null) pod.goneAt = at + drainMs;
  }
}

/** When a kubelet has something to do next; Infinity when nothing is due. */
export function nextKubeletTime(cluster: Cluster): number {
  let next = Infinity;
  for (const pod of cluster.pods) {
    if (pod.goneAt !== null) next = Math.min(next, pod.goneAt);
    else if (pod.node !== '' && pod.deletedAt === null) {
      if (!pod.prepared) next = Math.min(next, pod.prepareAt);
      else for (const container of pod.containers) next = Math.min(next, container.dueAt);
    }
  }
  return next;
}

/** Something outside has changed: every waiting loop looks again at once. */
export function wakeKubelets(cluster: Cluster, at: number): void {
  for (const pod of cluster.pods) {
    if (!pod.prepared) pod.prepareAt = Math.min(pod.prepareAt, at);
    for (const container of pod.containers) {
      if (container.step === 'running' || container.step === 'create') container.dueAt = Math.min(container.dueAt, at);
    }
  }
  cluster.placesChanged = true;
}

/** The kubelet frees memory of its node: the pod is over, its leftover stays until somebody deletes it. */
export function evictByNode(cluster: Cluster, pod: Pod, at: number): void {
  const main = pod.containers.find((one) => !one.init);
  const limit = main?.spec.limits['memory'] ?? '';
  const message = `The node was low on resource: memory. Threshold quantity: 100Mi, available: 61Mi. Container ${main?.spec.name ?? ''} was using ${limit}, request is ${main?.spec.requests['memory'] ?? '0'}, has larger consumption of memory. `;
  pod.phase = 'Failed';
  pod.reason = 'Evicted';
  pod.message = message;
  if (pod.readySince !== null) pod.unreadyAt = at;
  pod.readySince = null;
  for (const one of pod.containers.filter((each) => !each.init)) {
    const times = { startedAt: iso(one.startedAt), finishedAt: iso(at) };
    one.earlier = [...one.earlier, { startedAt: one.startedAt, endedAt: at }];
    one.state = { is: 'terminated', exitCode: 137, signal: 0, reason: 'Error', message: '', ...times };
    one.step = 'ended';
    one.ready = false;
    one.dueAt = Infinity;
  }
  record(cluster, aboutPod(pod), at, 'Warning', 'Evicted', message);
  cluster.placesChanged = true;
}

/** `kubectl delete pod`, or the ReplicaSet's scaling down. The pod holds its place until its containers are gone. */
export function stopPod(cluster: Cluster, pod: Pod, at: number): void {
  if (pod.deletedAt !== null) return;
  pod.deletedAt = at;
  const node = cluster.nodes.find((one) => one.name === pod.node);
  if (pod.node === '') pod.goneAt = at;
  else if (node?.reports === true) {
    const running = pod.containers.filter((one) => one.state.is === 'running');
    for (const { spec } of running)
      record(cluster, aboutPod(pod), at, 'Normal', 'Killing', `Stopping container ${spec.name}`);
    const stubborn = running.some(({ spec }) => cluster.images.get(spec.image)?.program.ignoresTerm === true);
    pod.goneAt = at + (stubborn ? seconds(pod.template.graceSeconds) : running.length > 0 ? drainMs : seconds(1));
  }
}

function runPod(cluster: Cluster, pod: Pod, node: SimNode, at: number): void {
  if (!pod.prepared && pod.prepareAt <= at) prepare(cluster, pod, node, at);
  if (pod.prepared) {
    for (const container of pod.containers.filter((one) => one.init)) {
      if (container.step !== 'done') runContainer(cluster, pod, container, at);
      if (container.step !== 'done') break;
    }
    if (pod.containers.every((one) => !one.init || one.step === 'done')) {
      for (const container of pod.containers) if (!container.init) runContainer(cluster, pod, container, at);
    }
  }
  refresh(cluster, pod, at);
}

/** Volumes, then the sandbox. A missing one is tried again with a growing pause, two minutes at most. */
function prepare(cluster: Cluster, pod: Pod, node: SimNode, at: number): void {
  const why = missingVolume(cluster, pod);
  if (why !== null) {
    record(cluster, aboutPod(pod), at, 'Warning', 'FailedMount', why);
  } else if (node.sandboxFailure !== null) {
    const message = `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: ${node.sandboxFailure}`;
    record(cluster, aboutPod(pod), at, 'Warning', 'FailedCreatePodSandBox', message);
  } else {
    pod.prepared = true;
    for (const container of pod.containers) container.dueAt = at;
    setCondition(pod.conditions, at, { type: 'PodReadyToStartContainers', status: 'True', reason: '', message: '' });
    return;
  }
  pod.prepareTries += 1;
  pod.prepareAt = at + seconds(Math.min(2 ** pod.prepareTries, 122));
}

function missingVolume(cluster: Cluster, pod: Pod): string | null {
  for (const volume of pod.template.volumes) {
    if (volume.optional || (volume.from !== 'secret' && volume.from !== 'config map')) continue;
    const [kind, word] = volume.from === 'secret' ? ['Secret', 'secret'] : ['ConfigMap', 'configmap'];
    if (cluster.objects.has(`${kind}/${pod.namespace}/${volume.source}`)) continue;
    return `MountVolume.SetUp failed for volume "${volume.name}" : ${word} "${volume.source}" not found`;
  }
  return null;
}

/** Phase and conditions, as the kubelet's status manager derives them from the containers. */
function refresh(cluster: Cluster, pod: Pod, at: number): void {
  const inits = pod.containers.filter((one) => one.init && one.step !== 'done');
  const mains = pod.containers.filter((one) => !one.init);
  const started = mains.every((one) => one.state.is !== 'waiting' || one.last !== null);
  if (started && inits.length === 0) pod.phase = 'Running';
  const unready = mains.filter((one) => !one.ready);
  const names = (of: typeof mains): string => `[${of.map((one) => one.spec.name).join(' ')}]`;
  const wasReady = pod.readySince !== null;
  if (inits.length > 0) {
    const message = `containers with incomplete status: ${names(inits)}`;
    put(pod, at, 'Initialized', false, 'ContainersNotInitialized', message);
  } else put(pod, at, 'Initialized', true, '', '');
  const message = unready.length === 0 ? '' : `containers with unready status: ${names(unready)}`;
  const reason = unready.length === 0 ? '' : 'ContainersNotReady';
  put(pod, at, 'Ready', unready.length === 0, reason, message);
  put(pod, at, 'ContainersReady', unready.length === 0, reason, message);
  if (unready.length === 0 && !wasReady) {
    pod.readySince = at;
    pod.firstReadyAt ??= at;
  }
  if (unready.length > 0) {
    if (wasReady) pod.unreadyAt = at;
    pod.readySince = null;
  }
}

function put(pod: Pod, at: number, type: string, yes: boolean, reason: string, message: string): void {
  const status = yes ? 'True' : 'False';
  const before = pod.conditions.find((one) => one.type === type);
  if (before?.status === status && before.message === message) return;
  setCondition(pod.conditions, at, { type, status, reason, message });
}

/** The node controller: silent for 40 s is Unknown and tainted; five minutes later its pods are marked deleted, and stay. */
export function watchNodes(cluster: Cluster, at: number): void {
  for (const node of cluster.nodes) {
    if (node.reports) {
      if (node.silentSince !== null) {
        node.silentSince = null;
        node.ready = 'True';
        node.readySince = at;
        noteNode(cluster, node, 'NodeReady', at);
        node.taints = node.taints.filter((one) => one.key !== 'node.kubernetes.io/unreachable');
        cluster.placesChanged = true;
      }
      continue;
    }
    node.silentSince ??= at;
    if (node.ready === 'True' && node.silentSince + seconds(40) <= at) lose(cluster, node, at);
    if (node.ready === 'Unknown' && node.readySince + seconds(300) <= at) evict(cluster, node, at);
  }
}

function lose(cluster: Cluster, node: SimNode, at: number): void {
  node.ready = 'Unknown';
  node.readySince = at;
  noteNode(cluster, node, 'NodeNotReady', at);
  for (const effect of ['NoSchedule', 'NoExecute']) {
    node.taints.push({ key: 'node.kubernetes.io/unreachable', value: '', effect });
  }
  for (const pod of cluster.pods.filter((one) => one.node === node.name)) {
    put(pod, at, 'Ready', false, '', '');
    if (pod.readySince !== null) pod.unreadyAt = at;
    pod.readySince = null;
    for (const container of pod.containers) container.ready = false;
    record(cluster, aboutPod(pod), at, 'Warning', 'NodeNotReady', 'Node is not ready');
  }
}

/** When every node is silent nothing is evicted: the controller distrusts its own eyes. */
function evict(cluster: Cluster, node: SimNode, at: number): void {
  if (cluster.nodes.every((one) => one.ready !== 'True')) return;
  for (const pod of cluster.pods.filter((one) => one.node === node.name && one.deletedAt === null)) {
    pod.deletedAt = at;
    const message = `Marking for deletion Pod ${pod.namespace}/${pod.name}`;
    record(cluster, aboutPod(pod), at, 'Normal', 'TaintManagerEviction', message);
  }
}
