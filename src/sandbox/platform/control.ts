import type { ActiveFault, DeploymentView, FaultEntry, Link, PodState, PodView, RegionView } from '../control-api.ts';
import { Failure } from '../../core/failure.ts';
import { gpusOf } from './admission.ts';
import { faultOf, faults } from './faults/catalogue.ts';
import type { PlaybookName } from './faults/fault.ts';
import type { SimulatedPlatform } from './platform.ts';
import { amount } from './quantity.ts';
import { minutes, type Cluster, type Pod } from './state.ts';
import { windowOf } from './traffic.ts';
import { podRow } from './view.ts';

/** The one fault that lies in the way to a region, not in it. */
const unreachable = {
  id: 'region-unreachable',
  title: 'Region unreachable',
  group: 'Around it',
  about: 'Every request to the region runs into its time limit; its alerts go "resolved" because nobody hears them',
} as const;

export interface CatalogueEntry extends FaultEntry {
  /** What a right diagnosis of `playbook` finds; null: nothing. */
  readonly cause: string | null;
  /** The playbook that the fault is for. */
  readonly playbook: PlaybookName;
  readonly rollback: 'helps' | 'does not help' | 'nothing to roll back';
  readonly minutesAgo: number;
  /** What healing by hand does, in words. */
  readonly byHand: string;
}

export const catalogue: readonly CatalogueEntry[] = [
  ...faults.map(({ inject: _inject, heal, playbook = 'rollout-stuck', ...rest }) => ({
    ...rest,
    playbook,
    byHand: heal.title,
  })),
  {
    ...unreachable,
    cause: 'region-unreachable',
    playbook: 'rollout-stuck',
    rollback: 'nothing to roll back',
    minutesAgo: 0,
    byHand: 'Restore the connection',
  },
];

/** Puts a fault into a region, `minutesAgo` back (its own default where left out). Throws a Failure for what is unknown. */
export function inject(platform: SimulatedPlatform, id: string, region: string, minutesAgo?: number): void {
  if (id === unreachable.id) {
    platform.setLine(region, { hangs: true });
    return;
  }
  const fault = known(id);
  const now = platform.now();
  // Some things can only happen now: an edit beside the bot is pointless in the past.
  const back = fault.minutesAgo === 0 ? 0 : Math.min(minutesAgo ?? fault.minutesAgo, Math.max(120, fault.minutesAgo));
  platform
    .region(region)
    .insert({ at: now - minutes(Math.max(0, back)), kind: 'fault', what: id, run: fault.inject }, now);
}

/** Ends a fault by hand, as a person would. */
export function heal(platform: SimulatedPlatform, id: string, region: string): void {
  if (id === unreachable.id) {
    platform.setLine(region, { hangs: false });
    return;
  }
  const fault = known(id);
  platform.region(region).do({ at: platform.now(), kind: 'heal', what: id, run: fault.heal.run });
}

function known(id: string): NonNullable<ReturnType<typeof faultOf>> {
  const found = faultOf(id);
  if (found === undefined) throw new Failure('invalid', `there is no fault ${id}`);
  return found;
}

/** Injected and not healed by hand; a rollback by the bot ends none of them. */
export function activeFaults(platform: SimulatedPlatform): readonly ActiveFault[] {
  const out: ActiveFault[] = [];
  for (const region of platform.regions) {
    const open = new Map<string, number>();
    for (const fact of platform.region(region).facts) {
      if (fact.kind === 'fault') open.set(fact.what, fact.at);
      if (fact.kind === 'heal') open.delete(fact.what);
    }
    for (const [id, sinceMs] of open) out.push({ id, title: faultOf(id)?.title ?? id, region, sinceMs });
    const since = platform.hangsSince(region);
    if (since !== null) out.push({ id: unreachable.id, title: unreachable.title, region, sinceMs: since });
  }
  return out;
}

export function setLink(platform: SimulatedPlatform, region: string, link: Link): void {
  platform.setLine(region, {
    latencyMs: link.kind === 'slow' ? link.addedMs : 0,
    hangs: link.kind === 'hangs',
    unreachable: link.kind === 'unreachable',
  });
}

export function regionViews(platform: SimulatedPlatform): readonly RegionView[] {
  return platform.regions.map((region) => {
    const cluster = platform.region(region).at(platform.now());
    return {
      region,
      link: linkOf(platform, region),
      nodes: { ready: cluster.nodes.filter((node) => node.ready === 'True').length, total: cluster.nodes.length },
      gpus: gpuView(cluster),
      deployments: cluster.workloads.map((workload) => deploymentView(cluster, workload, platform.now())),
    };
  });
}

function linkOf(platform: SimulatedPlatform, region: string): Link {
  const { latencyMs, hangs, unreachable: refused } = platform.line(region);
  if (hangs) return { kind: 'hangs' };
  if (refused) return { kind: 'unreachable' };
  return latencyMs > 0 ? { kind: 'slow', addedMs: latencyMs } : { kind: 'normal' };
}

function gpuView(cluster: Cluster): { readonly used: number; readonly total: number } {
  let used = 0;
  for (const pod of cluster.pods) if (pod.node !== '') used += gpusOf(pod.template);
  let total = 0;
  for (const node of cluster.nodes) total += amount(node.allocatable['nvidia.com/gpu'] ?? '0');
  return { used, total };
}

function deploymentView(cluster: Cluster, workload: Cluster['workloads'][number], now: number): DeploymentView {
  const service = cluster.services.find((one) => one.workload === workload.name);
  const window = service === undefined ? null : windowOf(cluster, service.name, now);
  const pods = cluster.pods.filter((pod) => pod.workload === workload.name && pod.namespace === workload.namespace);
  return {
    namespace: workload.namespace,
    name: workload.name,
    wanted: workload.replicas,
    ready: workload.status.ready,
    image: workload.template.containers[0]?.image ?? '',
    revision: Math.max(0, ...workload.sets.map((set) => set.number)),
    paused: workload.paused,
    traffic:
      window === null
        ? null
        : { requestsPerSecond: window.rate, errorRatio: window.errors ?? 0, p95Ms: (window.p95Seconds ?? 0) * 1000 },
    pods: pods.map((pod) => podSquare(cluster, pod)),
  };
}

function podSquare(cluster: Cluster, pod: Pod): PodView {
  const row = podRow(pod);
  const state = stateOf(cluster, pod, row.status);
  const says = row.status === 'Running' ? `${row.readyContainers}/${row.containers} Running` : row.status;
  const image = pod.template.containers[0]?.image ?? '';
  return { name: pod.name, state, says, image, node: pod.node, restarts: row.restarts };
}

function stateOf(cluster: Cluster, pod: Pod, status: string): PodState {
  if (pod.node !== '' && cluster.nodes.find((one) => one.name === pod.node)?.reports !== true) return 'lost';
  if (pod.deletedAt !== null) return 'ending';
  if (pod.readySince !== null) return 'ready';
  if (pod.node === '') return 'pending';
  if (/ImagePull|ErrImage/.test(status)) return 'image';
  if (/CrashLoop|Error|OOMKilled|ConfigError/.test(status)) return 'crash';
  return 'starting';
}
