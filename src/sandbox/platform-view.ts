import type { DeploymentView, Link, PodState, PodView, RegionView } from './control-api.ts';
import { gpusOf } from './platform/admission.ts';
import type { Cluster, Pod, Workload } from './platform/state.ts';
import { pointOf } from './platform/traffic.ts';
import { podRow } from './platform/view.ts';

/** A region of the model as the panel shows it. */
export function regionView(cluster: Cluster, link: Link, now: number): RegionView {
  const placed = cluster.pods.filter((pod) => pod.node !== '');
  return {
    region: cluster.region,
    link,
    nodes: { ready: cluster.nodes.filter((node) => node.ready === 'True').length, total: cluster.nodes.length },
    gpus: {
      used: placed.reduce((sum, pod) => sum + gpusOf(pod.template), 0),
      total: cluster.nodes.reduce((sum, node) => sum + Number(node.allocatable['nvidia.com/gpu'] ?? 0), 0),
    },
    deployments: cluster.workloads.map((workload) => deploymentView(cluster, workload, now)),
  };
}

function deploymentView(cluster: Cluster, workload: Workload, now: number): DeploymentView {
  const service = cluster.services.find((one) => one.workload === workload.name);
  const point = service === undefined ? null : pointOf(cluster, service, now);
  const pods = cluster.pods.filter((pod) => pod.workload === workload.name && pod.namespace === workload.namespace);
  return {
    namespace: workload.namespace,
    name: workload.name,
    wanted: workload.replicas,
    ready: workload.status.ready,
    image: workload.template.containers[0]?.image ?? '',
    revision: Math.max(0, ...workload.sets.map((set) => set.number)),
    paused: workload.paused,
    traffic: point === null ? null : { requestsPerSecond: point.requestsPerSecond, errorRatio: point.errorRatio, p95Ms: Math.round(point.latencySeconds * 1000) },
    pods: pods.map((pod) => podView(cluster, pod)),
  };
}

function podView(cluster: Cluster, pod: Pod): PodView {
  const row = podRow(pod);
  return {
    name: row.name,
    state: stateOf(cluster, pod, row),
    says: `${row.readyContainers}/${row.containers} ${row.status}`,
    image: (pod.template.containers[0]?.image ?? '').split('/').at(-1) ?? '',
    node: row.node,
    restarts: row.restarts,
  };
}

/** What matters at a glance; the whole status stands in the square's title. */
function stateOf(cluster: Cluster, pod: Pod, row: ReturnType<typeof podRow>): PodState {
  if (pod.node !== '' && cluster.nodes.find((node) => node.name === pod.node)?.ready === 'Unknown') return 'lost';
  if (row.terminating) return 'ending';
  if (/Image/.test(row.status)) return 'image';
  if (/CrashLoop|Error|OOMKilled|Failed|CreateContainer|RunContainer|StartError/.test(row.status)) return 'crash';
  if (pod.node === '') return 'pending';
  return row.readyContainers === row.containers ? 'ready' : 'starting';
}
