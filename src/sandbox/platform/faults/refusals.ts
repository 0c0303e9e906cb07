import { namespace } from '../seed.ts';
import type { Cluster, Template } from '../state.ts';
import { putObject } from '../write.ts';
import { asking, inNamespace, nudge, release, type Fault } from './fault.ts';

/** New pods that the API server does not take. */
function refusing(
  id: string,
  title: string,
  about: string,
  cause: string,
  rollback: Fault['rollback'],
  prepare: (cluster: Cluster) => void,
  heal: Fault['heal'],
  change?: (template: Template) => Template,
): Fault {
  return {
    id,
    title,
    group: 'Refused',
    about,
    cause,
    rollback,
    minutesAgo: 26,
    inject(cluster, at) {
      prepare(cluster);
      release(cluster, at, change === undefined ? {} : { change });
    },
    heal: {
      title: heal.title,
      run(cluster, at) {
        heal.run(cluster, at);
        nudge(cluster, at);
      },
    },
  };
}

export const refusalFaults: readonly Fault[] = [
  refusing(
    'quota-exceeded',
    'Quota exceeded',
    'New pods are never made: exceeded quota gpu-quota, 9 of 9 GPUs used',
    'quota',
    'does not help',
    (cluster) => void cluster.quotas.push({ name: 'gpu-quota', namespace, hard: { 'requests.nvidia.com/gpu': '9' } }),
    {
      title: 'Raise the quota to 16 GPUs',
      run: (cluster) =>
        void (cluster.quotas = [{ name: 'gpu-quota', namespace, hard: { 'requests.nvidia.com/gpu': '16' } }]),
    },
  ),
  refusing(
    'limit-range',
    'Limit range refuses pods',
    'New pods are never made: at most 18Gi of memory per container, 24Gi asked',
    'limit-range',
    'helps',
    (cluster) =>
      void cluster.limitRanges.push({
        name: 'container-limits',
        namespace,
        limits: [{ type: 'Container', min: {}, max: { memory: '18Gi' }, default: {} }],
      }),
    { title: 'Raise the limit range', run: (cluster) => void (cluster.limitRanges = []) },
    asking('memory', '24Gi'),
  ),
  refusing(
    'pod-security',
    'PodSecurity refuses pods',
    'New pods are never made: they ask for a privileged container under the baseline level',
    'pod-security',
    'helps',
    (cluster) => void cluster.podSecurity.set(namespace, 'baseline'),
    { title: 'Lift the level of the namespace', run: (cluster) => void cluster.podSecurity.delete(namespace) },
    (of) => ({ ...of, privileged: true }),
  ),
  refusing(
    'webhook-refuses',
    'Admission webhook refuses pods',
    'New pods are never made: the image policy webhook cannot be reached and fails closed',
    'webhook-down',
    'does not help',
    (cluster) =>
      void cluster.webhooks.push({
        on: 'pods',
        namespace,
        name: 'images.policy.sandbox',
        message:
          'Internal error occurred: failed calling webhook "images.policy.sandbox": failed to call webhook: Post "https://image-policy.policy.svc:443/validate?timeout=10s": dial tcp 172.20.14.9:443: connect: connection refused',
        sideEffects: false,
      }),
    {
      title: 'Start the webhook again',
      run: (cluster) =>
        void (cluster.webhooks = cluster.webhooks.filter((one) => one.name !== 'images.policy.sandbox')),
    },
  ),
  refusing(
    'service-account-missing',
    'Service account missing',
    'New pods are never made: serviceaccount "model-server-v2" not found',
    'service-account-missing',
    'helps',
    () => undefined,
    {
      title: 'Create the service account',
      run: (cluster, at) => putObject(cluster, inNamespace('ServiceAccount', 'model-server-v2'), [], at),
    },
    (of) => ({ ...of, serviceAccount: 'model-server-v2' }),
  ),
];
