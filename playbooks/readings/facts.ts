import type { ServiceFacts } from '../../src/core/ports/platform.ts';
import { kubectl } from '../targets/deployment.ts';
import { deployment } from './deployment.ts';
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
}
export const variables = onDeployment.reading('variables', {
  after: [deployment],
  byHand: (t) => `${kubectl(t)} set env deployment/${t.name} --list`,
  read: async (read, t, seen): Promise<Variables> => {
    const container = seen.deployment.template.containers[0]?.name ?? '';
    const { modelVersion, batchSize, threads } = read.service({ namespace: t.namespace, name: t.name }).variables;
    const of = { namespace: t.namespace, name: t.name };
    return { container, values: await read.kubernetes.variables(of, container, [modelVersion, batchSize, threads]) };
  },
});
