import { z } from 'zod';
import type { TargetKind } from '../../src/core/contract.ts';
import { deploymentIn, dnsLabel, dnsName } from './deployment.ts';
import type { DeploymentTarget } from './deployment.ts';

/** A namespace in one region, or one workload in it: `name` is '' for the whole namespace. */
const schema: z.ZodType<DeploymentTarget> = z.object({
  region: dnsName,
  namespace: dnsLabel,
  name: z.union([z.literal(''), dnsName]),
});

export const namespaceTarget: TargetKind<DeploymentTarget> = {
  schema,
  from: (labels) => {
    const namespace = labels['namespace'] ?? labels['exported_namespace'] ?? '';
    if (namespace === '') return { missing: 'the label `namespace`' };
    const found = deploymentIn(labels);
    // A pod of a StatefulSet or a job stands for itself.
    const own = labels['statefulset'] ?? labels['daemonset'] ?? labels['job_name'] ?? labels['pod'] ?? '';
    return { target: { namespace, name: 'missing' in found ? own : found.name } };
  },
  name: (t) => (t.name === '' ? t.namespace : t.name),
  key: (t) => (t.name === '' ? t.namespace : `${t.namespace}/${t.name}`),
};
