import { z } from 'zod';
import type { TargetKind } from '../../src/core/contract.ts';

/** One Deployment in one region. */
export interface DeploymentTarget {
  readonly region: string;
  readonly namespace: string;
  readonly name: string;
}

/** Kubernetes' own rule for names (RFC 1123), so that a name can stand in a command line as it is. */
export const dnsName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'lower case letters, digits, - and . only');
export const dnsLabel = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'lower case letters, digits and - only');

const schema: z.ZodType<DeploymentTarget> = z.object({ region: dnsName, namespace: dnsLabel, name: dnsName });

export const deploymentTarget: TargetKind<DeploymentTarget> = {
  schema,
  from: (labels) => {
    const namespace = labels['namespace'] ?? labels['exported_namespace'] ?? '';
    const found = deploymentIn(labels);
    if ('missing' in found) return found;
    if (namespace === '') return { missing: 'the label `namespace`' };
    // Without the region: the same deployment is looked at in every region that is asked for.
    return { target: { namespace, name: found.name } };
  },
  name: (t) => t.name,
  key: (t) => `${t.namespace}/${t.name}`,
};

/** Labels that name a workload by its own name, the surest first. */
const byName = [
  'deployment',
  'exported_deployment',
  'workload',
  'app',
  'app_kubernetes_io_name',
  'service',
  'container',
];

/** Which deployment an alert's labels speak of. */
export function deploymentIn(
  labels: Readonly<Record<string, string>>,
): { readonly name: string } | { readonly missing: string } {
  const pod = labels['exported_pod'] ?? labels['pod'] ?? '';
  const deployment = labels['deployment'] ?? labels['exported_deployment'] ?? '';
  if (deployment !== '' && !isScraper(deployment)) return { name: deployment };
  if (pod !== '' && !isScraper(pod)) {
    const name = deploymentOfPod(pod);
    // A pod that is no deployment's must not be taken for one through its `app` label.
    return name === null ? { missing: `a deployment: pod \`${pod}\` is not named like one of a deployment` } : { name };
  }
  const scaler = labels['horizontalpodautoscaler'] ?? '';
  if (scaler !== '') return { name: deploymentOfAutoscaler(scaler) };
  for (const label of byName) {
    const value = labels[label] ?? '';
    if (value !== '' && !isScraper(value)) return { name: value };
  }
  return { missing: 'a label that names the deployment (`deployment`, `pod`, `app`, `service` or `container`)' };
}

/** Without honorLabels, `pod`, `service` and `container` name what was scraped, not what the alert is about. */
function isScraper(value: string): boolean {
  return /(^|-)kube-state-metrics(-|$)/.test(value);
}

/**
 * `model-server-5d8c7b9f4-x2x7k` → `model-server`. Null for other shapes: `postgres-0` (StatefulSet), `batch-28812345-x2x7k` (CronJob).
 */
export function deploymentOfPod(pod: string): string | null {
  const parts = /^(.+)-([a-z0-9]{5,10})-[a-z0-9]{5}$/.exec(pod);
  const [, name, hash] = parts ?? [];
  return name === undefined || hash === undefined || /^\d{8,}$/.test(hash) ? null : name;
}

/** By the habits of naming them: like the workload, with `-hpa` behind it, or as KEDA does (`keda-hpa-<ScaledObject>`). */
function deploymentOfAutoscaler(name: string): string {
  return name.replace(/^keda-hpa-/, '').replace(/-hpa$/, '');
}

/** The start of every by-hand line. */
export function kubectl(t: { readonly region: string; readonly namespace: string }): string {
  return `kubectl --context=${t.region} -n ${t.namespace}`;
}
