import type { Deployment, ObjectName, Revision } from '../../src/core/ports/kubernetes.ts';
import type { Read, ServiceFacts } from '../../src/core/ports/platform.ts';
import { kubectl } from '../targets/deployment.ts';
import { currentRevision, deployment, revisions } from './deployment.ts';
import { onDeployment } from './on.ts';

/** What the config says of this service. */
export const facts = onDeployment.reading('config', {
  byHand: () => 'the entry under `services` in the file that MLP_CONFIG names',
  read: (read, t): Promise<ServiceFacts> => Promise.resolve(read.service({ namespace: t.namespace, name: t.name })),
});

/** Values of the environment variables that the config lists, of the container that serves; null: not set there, or it comes from elsewhere. */
export interface Variables {
  readonly container: string;
  readonly values: Readonly<Record<string, string | null>>;
  /** What they were in the revision before. Null: there is none, or it could not be read. */
  readonly before: {
    readonly number: number;
    /** When the present revision's ReplicaSet was made (ISO 8601): these are its values since. Null: it is older, and was gone back to. */
    readonly changedAt: string | null;
    readonly values: Readonly<Record<string, string | null>>;
  } | null;
}
export const variables = onDeployment.reading('variables', {
  after: [deployment, revisions],
  byHand: (t) => `${kubectl(t)} set env deployment/${t.name} --list`,
  read: async (read, t, seen): Promise<Variables> => {
    const container = seen.deployment.template.containers[0]?.name ?? '';
    const { modelVersion, batchSize, threads } = read.service({ namespace: t.namespace, name: t.name }).variables;
    const of = { namespace: t.namespace, name: t.name };
    const names = [modelVersion, batchSize, threads];
    const values = await read.kubernetes.variables(of, container, names);
    return { container, values, before: await beforeOf(read, of, container, names, seen) };
  },
});

/** Only detail: what cannot be read of an older revision leaves the present values as they are. */
async function beforeOf(
  read: Read,
  of: ObjectName,
  container: string,
  names: readonly string[],
  seen: { readonly deployment: Deployment; readonly revisions: readonly Revision[] },
): Promise<Variables['before']> {
  const current = currentRevision(seen.deployment, seen.revisions);
  const old = seen.revisions.findLast((one) => one.templateDigest !== seen.deployment.templateDigest);
  if (old === undefined) return null;
  try {
    const values = await read.kubernetes.variables(of, container, names, old.name);
    const isNewer = current !== null && current.createdAt >= old.createdAt;
    return { number: old.number, changedAt: isNewer ? current.createdAt : null, values };
  } catch {
    return null;
  }
}
