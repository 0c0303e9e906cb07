import type { Connection } from './connection.ts';
import { list } from './lists.ts';
import { replicaSet, type ApiDeployment, type ApiReplicaSet } from './objects.ts';
import { listing } from './reading.ts';
import { selectorText } from './selector.ts';

/** The ReplicaSets that this very Deployment controls. */
export async function replicaSets(
  connection: Connection,
  of: ApiDeployment,
  signal: AbortSignal,
): Promise<readonly ApiReplicaSet[]> {
  const { namespace, uid } = of.metadata;
  const asked = listing({ signal }, '/apis/apps/v1', 'replicasets.apps', namespace);
  const query = { labelSelector: selectorText(of.spec.selector) };
  const found = await list(connection, replicaSet, { ...asked, query });
  return found.filter(({ metadata }) => metadata.ownerReferences.some((one) => one.controller && one.uid === uid));
}
