import { Failure } from '../../src/core/failure.ts';
import type { Deployment, Revision } from '../../src/core/ports/kubernetes.ts';
import { kubectl } from '../targets/deployment.ts';
import { onDeployment } from './on.ts';

/** Unknown with "not found: …" when there is no such deployment. */
export const deployment = onDeployment.reading('deployment', {
  byHand: (t) => `${kubectl(t)} get deployment ${t.name} -o yaml`,
  read: async (read, t): Promise<Deployment> => {
    const found = await read.kubernetes.deployment(t);
    if (found === null) throw new Failure('not found', `there is no deployment ${t.name} in ${t.namespace}`);
    return found;
  },
});

/** Oldest number first. */
export const revisions = onDeployment.reading('revisions', {
  byHand: (t) => `${kubectl(t)} rollout history deployment/${t.name}`,
  read: async (read, t): Promise<readonly Revision[]> => await read.kubernetes.revisions(t),
});

export const autoscaler = onDeployment.reading('autoscaler', {
  byHand: (t) => `${kubectl(t)} get hpa`,
  read: async (read, t) => await read.kubernetes.autoscaler(t),
});

/** The ReplicaSet that runs the deployment's present template; null while the controller has not made it. */
export function currentRevision(of: Deployment, all: readonly Revision[]): Revision | null {
  return all.findLast((one) => one.templateDigest === of.templateDigest) ?? null;
}

/** Everything wanted is there, new and available: leftovers of what went wrong before are no fault now. */
export function isWell(of: Deployment): boolean {
  const { wanted, updated, available, total } = of.replicas;
  return of.observedGeneration >= of.generation && updated === wanted && available === wanted && total === wanted;
}
