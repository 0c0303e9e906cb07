import type { Sight } from '../core/looking/watch-look.ts';
import type { KubernetesRead, PodRow } from '../core/ports/kubernetes.ts';

/** What one look at a watched deployment sees of its pods. */

const FINE = /^(Running|Completed|Succeeded|Pending|ContainerCreating|PodInitializing|Terminating|Init:\d+\/\d+)$/;

export async function sightOf(
  kubernetes: KubernetesRead,
  of: { readonly namespace: string; readonly name: string },
): Promise<Omit<Sight, 'impact'>> {
  const deployment = await kubernetes.deployment(of);
  if (deployment === null) throw new Error(`there is no deployment ${of.name} in ${of.namespace}`);
  const rows = await kubernetes.pods(of.namespace, deployment.selector);
  const live = rows.filter((row) => !row.terminating);
  const bad = Map.groupBy(
    live.filter((row) => !FINE.test(row.status)),
    (row: PodRow) => row.status,
  );
  const progressing = deployment.conditions.find((one) => one.type === 'Progressing');
  return {
    wanted: deployment.replicas.wanted,
    ready: deployment.replicas.ready,
    mayMiss: deployment.replicas.updated < deployment.replicas.wanted ? deployment.strategy.unavailablePods : 0,
    restarts: live.reduce((sum, row) => sum + row.restarts, 0),
    bad: Object.fromEntries([...bad].map(([status, pods]) => [status, pods.length])),
    stuck: progressing?.status === 'False' ? progressing.reason : null,
  };
}
