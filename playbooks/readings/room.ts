import type { LimitRange, Node, NodeUse, Quota } from '../../src/core/ports/kubernetes.ts';
import { kubectl } from '../targets/deployment.ts';
import { onDeployment } from './on.ts';
import { pods } from './pods.ts';

export const quotas = onDeployment.reading('quotas', {
  byHand: (t) => `${kubectl(t)} describe resourcequota`,
  read: async (read, t): Promise<readonly Quota[]> => await read.kubernetes.quotas(t.namespace),
});

export const limitRanges = onDeployment.reading('limit ranges', {
  byHand: (t) => `${kubectl(t)} describe limitrange`,
  read: async (read, t): Promise<readonly LimitRange[]> => await read.kubernetes.limitRanges(t.namespace),
});

/** Labels that placement asks for; the rest of a node's labels would only swell the evidence. */
const keptLabels =
  /^(kubernetes\.io\/(arch|os|hostname)|topology\.kubernetes\.io\/|node\.kubernetes\.io\/instance-type)/;

export const nodes = onDeployment.reading('nodes', {
  withinMs: 8_000,
  byHand: (t) => `kubectl --context=${t.region} get nodes -o wide`,
  read: async (read): Promise<readonly Node[]> => {
    const all = await read.kubernetes.nodes();
    // A fleet of one kind is the rule: labels are kept in full for small clusters only.
    return all.length <= 40 ? all : all.map(slim);
  },
});

function slim(node: Node): Node {
  const labels = Object.fromEntries(Object.entries(node.labels).filter(([name]) => keptLabels.test(name)));
  return { ...node, labels };
}

/** What the nodes' pods have asked for. Only read when something is not ready: it lists the pods of all namespaces. */
export const nodeUse = onDeployment.reading('node use', {
  after: [pods],
  withinMs: 8_000,
  byHand: (t) => `kubectl --context=${t.region} describe nodes`,
  read: async (read, _t, seen): Promise<readonly NodeUse[] | null> => {
    const { fresh } = seen.pods;
    return fresh.ready === fresh.total && fresh.total > 0 ? null : await read.kubernetes.nodeUse();
  },
});
