import { add, amount, type Amounts } from './quantity.ts';
import { requestsOf } from './admission.ts';
import { aboutPod, record, setCondition } from './records.ts';
import { minutes, type Cluster, type Pod, type SimNode } from './state.ts';

/** The scheduler tries a pod that fits nowhere again when something changed, else every five minutes. */
const flushMs = minutes(5);

export function schedule(cluster: Cluster, at: number): void {
  const changed = cluster.placesChanged;
  cluster.placesChanged = false;
  for (const pod of cluster.pods) {
    if (pod.node !== '' || pod.deletedAt !== null || (!changed && pod.nextScheduleAt > at)) continue;
    tryToPlace(cluster, pod, at);
  }
}

function tryToPlace(cluster: Cluster, pod: Pod, at: number): void {
  const use = useOfNodes(cluster);
  const against = new Map<string, number>();
  let helpless = 0;
  let best: { node: SimNode; load: number } | null = null;
  const whole = claimRefusal(cluster, pod);
  for (const node of cluster.nodes) {
    const { reasons, final } = whole === null ? reasonsAgainst(cluster, pod, node, use) : { reasons: [], final: true };
    if (reasons.length === 0 && whole === null) {
      const load = loadOf(node, use.get(node.name) ?? {});
      if (best === null || load < best.load) best = { node, load };
    }
    for (const reason of reasons) against.set(reason, (against.get(reason) ?? 0) + 1);
    if (final) helpless += 1;
  }
  if (best !== null) {
    pod.node = best.node.name;
    pod.prepareAt = at;
    const message = `Successfully assigned ${pod.namespace}/${pod.name} to ${pod.node}`;
    record(cluster, aboutPod(pod), at, 'Normal', 'Scheduled', message);
    setCondition(pod.conditions, at, { type: 'PodScheduled', status: 'True', reason: '', message: '' });
    return;
  }
  const said = whole === null ? sentence(cluster.nodes.length, against, helpless) : wholeSentence(cluster, whole);
  record(cluster, aboutPod(pod), at, 'Warning', 'FailedScheduling', said);
  setCondition(pod.conditions, at, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: said });
  pod.nextScheduleAt = at + flushMs;
}

/** "0/3 nodes are available: 2 Insufficient cpu, 1 node(s) …. preemption: …", as the scheduler's FitError writes it. */
function sentence(nodes: number, against: ReadonlyMap<string, number>, helpless: number): string {
  const reasons = [...against].map(([reason, count]) => `${count} ${reason}`).sort();
  const preemption: string[] = [];
  if (nodes - helpless > 0) preemption.push(`${nodes - helpless} No preemption victims found for incoming pod`);
  if (helpless > 0) preemption.push(`${helpless} Preemption is not helpful for scheduling`);
  return `0/${nodes} nodes are available: ${reasons.join(', ')}. preemption: 0/${nodes} nodes are available: ${preemption.sort().join(', ')}.`;
}

function wholeSentence(cluster: Cluster, whole: string): string {
  const nodes = cluster.nodes.length;
  return `0/${nodes} nodes are available: ${whole}. preemption: 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`;
}

function claimRefusal(cluster: Cluster, pod: Pod): string | null {
  for (const volume of pod.template.volumes) {
    if (volume.from !== 'claim') continue;
    if (!cluster.objects.has(`PersistentVolumeClaim/${pod.namespace}/${volume.source}`)) {
      return `persistentvolumeclaim "${volume.source}" not found`;
    }
  }
  return null;
}

/** In the order of the scheduler's filters: the first plugin that objects speaks, `final` when evicting others would not help. */
function reasonsAgainst(
  cluster: Cluster,
  pod: Pod,
  node: SimNode,
  use: ReadonlyMap<string, Amounts>,
): { readonly reasons: readonly string[]; readonly final: boolean } {
  const { template } = pod;
  if (node.unschedulable) return { reasons: ['node(s) were unschedulable'], final: true };
  const taint = node.taints.find(
    (one) =>
      one.effect !== 'PreferNoSchedule' &&
      !template.tolerations.some((each) => each.key === one.key && (each.effect === '' || each.effect === one.effect)),
  );
  if (taint !== undefined) {
    const shown = taint.value === '' ? `{${taint.key}: }` : `{${taint.key}: ${taint.value}}`;
    return { reasons: [`node(s) had untolerated taint ${shown}`], final: true };
  }
  const wanted = { ...template.nodeSelector, ...template.affinity };
  if (Object.entries(wanted).some(([key, value]) => node.labels[key] !== value)) {
    return { reasons: ["node(s) didn't match Pod's node affinity/selector"], final: true };
  }
  const short = shortages(pod, node, use.get(node.name) ?? {});
  if (short.length > 0) return { reasons: short, final: short.every((one) => neverFits(pod, node, one)) };
  const zone = node.labels['topology.kubernetes.io/zone'];
  for (const volume of template.volumes) {
    const where = volume.from === 'claim' ? cluster.claimZones.get(`${pod.namespace}/${volume.source}`) : undefined;
    if (where !== undefined && where !== zone)
      return { reasons: ['node(s) had volume node affinity conflict'], final: true };
  }
  if (spreadIsBroken(cluster, pod, node)) {
    return { reasons: ["node(s) didn't match pod topology spread constraints"], final: false };
  }
  return { reasons: [], final: false };
}

function shortages(pod: Pod, node: SimNode, used: Amounts): readonly string[] {
  const out: string[] = [];
  if ((used['pods'] ?? 0) + 1 > amount(node.allocatable['pods'] ?? '110')) out.push('Too many pods');
  for (const [resource, wants] of Object.entries(requestsOf(pod.template))) {
    const there = amount(node.allocatable[resource] ?? '0');
    if (wants > 0 && wants > there - (used[resource] ?? 0)) out.push(`Insufficient ${resource}`);
  }
  return out;
}

function neverFits(pod: Pod, node: SimNode, reason: string): boolean {
  const resource = reason.replace('Insufficient ', '');
  return (requestsOf(pod.template)[resource] ?? 0) > amount(node.allocatable[resource] ?? '0');
}

function spreadIsBroken(cluster: Cluster, pod: Pod, node: SimNode): boolean {
  const { spread } = pod.template;
  if (spread === null) return false;
  const place = (of: SimNode): string => of.labels[spread.topologyKey] ?? '';
  const counts = new Map<string, number>();
  for (const each of cluster.nodes) {
    if (fitsSelector(pod, each) && place(each) !== '') counts.set(place(each), 0);
  }
  for (const other of cluster.pods) {
    if (other.workload !== pod.workload || other.namespace !== pod.namespace || other.deletedAt !== null) continue;
    const where = cluster.nodes.find((one) => one.name === other.node);
    if (where !== undefined && counts.has(place(where))) counts.set(place(where), (counts.get(place(where)) ?? 0) + 1);
  }
  return (counts.get(place(node)) ?? 0) + 1 - Math.min(...counts.values()) > spread.maxSkew;
}

function fitsSelector(pod: Pod, node: SimNode): boolean {
  const wanted = { ...pod.template.nodeSelector, ...pod.template.affinity };
  return Object.entries(wanted).every(([key, value]) => node.labels[key] === value);
}

/** Everything that holds a place, terminating pods included: a GPU is free only when its container is gone. */
export function useOfNodes(cluster: Cluster): Map<string, Amounts> {
  const out = new Map<string, Amounts>(cluster.nodes.map((node) => [node.name, { pods: 0 }]));
  for (const pod of cluster.pods) {
    const used = out.get(pod.node);
    if (used === undefined || pod.phase === 'Succeeded' || pod.phase === 'Failed') continue;
    used['pods'] = (used['pods'] ?? 0) + 1;
    for (const container of pod.template.containers) add(used, { ...container.limits, ...container.requests });
  }
  return out;
}

/** The fullest resource decides; equal nodes are told apart by their pods, so that pods spread. */
function loadOf(node: SimNode, used: Amounts): number {
  const shares = Object.entries(node.allocatable).map(([resource, text]) => {
    const there = amount(text);
    return there === 0 ? 0 : (used[resource] ?? 0) / there;
  });
  return Math.max(0, ...shares) + (used['pods'] ?? 0) / 10_000;
}
