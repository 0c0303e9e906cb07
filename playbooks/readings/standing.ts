import { Failure } from '../../src/core/failure.ts';
import type { Namespace, PodSecurity } from '../../src/core/ports/kubernetes.ts';
import { kubectl } from '../targets/deployment.ts';
import { onDeployment } from './on.ts';

/** Whether its namespace lets new pods be made: nothing is made in one that goes, and its Pod Security level refuses pods. */
export interface Standing extends Pick<Namespace, 'phase' | 'terminatingSince' | 'waitsFor' | 'podSecurity'> {
  /** What that level says to its templates; null: it refuses nothing. */
  readonly says: PodSecurity | null;
}

export const standing = onDeployment.reading('namespace', {
  byHand: (t) => `${kubectl(t)} get namespace ${t.namespace} -o yaml`,
  read: async (read, t): Promise<Standing> => {
    const { kubernetes } = read;
    const found = await kubernetes.namespace(t.namespace);
    if (found === null) throw new Failure('not found', `there is no namespace ${t.namespace}`);
    const { phase, terminatingSince, waitsFor, podSecurity } = found;
    const isFree = podSecurity === null || podSecurity.level === 'privileged';
    const says = isFree ? null : await kubernetes.podSecurity({ namespace: t.namespace, name: t.name });
    return { phase, terminatingSince, waitsFor, podSecurity, says };
  },
});
