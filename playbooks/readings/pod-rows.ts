import type { PodRow } from '../../src/core/ports/kubernetes.ts';
import { kubectl } from '../targets/deployment.ts';
import { deployment } from './deployment.ts';
import { onDeployment } from './on.ts';
import { inOrder } from './order.ts';

/** Each pod by name, for playbooks that compare pods with each other: which is the odd one, on which node, how old. */
export type Row = Pick<PodRow, 'name' | 'uid' | 'node' | 'status' | 'restarts' | 'createdAt' | 'hash'> & {
  readonly ready: boolean;
};

/** A thousand rows would only swell the evidence: the oldest and the youngest are kept. */
const kept = 200;

export const podRows = onDeployment.reading('pod rows', {
  after: [deployment],
  byHand: (t) => `${kubectl(t)} get pods -o wide`,
  read: async (read, t, seen): Promise<{ readonly rows: readonly Row[]; readonly of: number }> => {
    const all = await read.kubernetes.pods(t.namespace, seen.deployment.selector);
    const rows = all
      .filter((one) => !one.terminating)
      .toSorted((a, b) => inOrder(a.createdAt, b.createdAt))
      .map(({ name, uid, node, status, restarts, createdAt, hash, readyContainers, containers }) => ({
        name,
        uid,
        node,
        status,
        restarts,
        createdAt,
        hash,
        ready: readyContainers === containers,
      }));
    return {
      rows: rows.length <= kept ? rows : [...rows.slice(0, kept / 2), ...rows.slice(-kept / 2)],
      of: rows.length,
    };
  },
});
