import { z } from 'zod';
import type { TargetKind } from '../../src/core/contract.ts';
import { about } from '../../src/core/playbook.ts';
import { dnsName } from './deployment.ts';
import type { DeploymentTarget } from './deployment.ts';

/** One node in one region. It has no namespace; the shape is a deployment's, so that readings about the cluster serve both. */
const schema: z.ZodType<DeploymentTarget> = z.object({ region: dnsName, namespace: z.literal(''), name: dnsName });

export const nodeTarget: TargetKind<DeploymentTarget> = {
  schema,
  from: (labels) => {
    const name = labels['node'] ?? '';
    return name === '' ? { missing: 'the label `node`' } : { target: { namespace: '', name } };
  },
  name: (t) => t.name,
  key: (t) => t.name,
};

export const onNode = about('region', nodeTarget);
