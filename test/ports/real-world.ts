import { setTimeout as sleep } from 'node:timers/promises';
import { clustersOf, kubernetesRegions, type KubernetesRegion } from '../../src/adapters/kubernetes/regions.ts';
import type { Platform } from '../../src/core/ports/platform.ts';
import { startControlPlane, type Region } from '../peers/control-plane.ts';
import { startKubelet } from '../peers/kubelet.ts';
import { startKwok } from '../peers/kwok.ts';
import { startMetricsApi } from '../peers/metrics-api.ts';
import { grant } from './deploy-roles.ts';
import { startHoldingProxy } from './holding-proxy.ts';
import { aroundVerbs, scaledObjects, type AroundVerbs } from './real-around.ts';
import { noConfig, noMetrics } from './without.ts';
import type { Wanted, World } from './world.ts';

const namespace = 'ports';
const name = 'eu-west-1';
const images = {
  v1: 'registry.test/app:v1',
  v2: 'registry.test/app:v2',
  missing: 'registry.test/app:missing',
  crashing: 'registry.test/app:crashing',
};

/** A real control plane, and the adapter as a user who has the roles of deploy/ and no other right. */
export async function realWorld(): Promise<World> {
  const plane = await startControlPlane({ regions: [name], users: ['bot'] });
  const region = plane.region(name);
  const kwok = await startKwok(region, plane.kubeconfig('admin'));
  const metrics = await startMetricsApi(region, ({ containers }) =>
    Object.fromEntries(containers.map((one) => [one, { cpu: '250m', memory: '64Mi' }])),
  );
  const kubelet = await startKubelet(region, {
    execPort: kwok.port,
    nodes: [{ name: 'node-1', gpus: 8 }, { name: 'node-2' }],
    faults: {
      [images.missing]: { kind: 'image-not-found' },
      [images.crashing]: { kind: 'exits', code: 3, logs: 'boom: cannot start\n' },
    },
  });
  await region.createNamespace(namespace);
  await scaledObjects(region);
  const kinds =
    'rollback resume restart scale set-env set-resources autoscaler-bounds scaled-object-bounds replace-pod cordon';
  const remedies = kinds.split(' ').map((one) => `remedy-${one}.yaml`);
  await grant(region, ['read.yaml', 'read-cluster.yaml', 'look-inside.yaml', ...remedies], 'bot', namespace);
  const proxy = await startHoldingProxy(region);
  const kubeconfigPath = plane.kubeconfig('bot', { [name]: proxy.server });
  const regions = kubernetesRegions({ credentials: { kubeconfigPath }, regions: [{ name }] });
  return {
    platform: platformOf(regions),
    region: name,
    namespace,
    images,
    ...verbs(region),
    ...writing(region),
    ...aroundVerbs(region, namespace, images.v1),
    beforeNextWrite: (run) => proxy.beforeNextWrite(run),
    pass: () => sleep(250),
    close: async () => {
      for (const one of regions.values()) await one.close();
      await proxy.close();
      await kubelet.stop();
      await metrics.stop();
      await kwok.stop();
      await plane.stop();
    },
  };
}

export function platformOf(regions: ReadonlyMap<string, KubernetesRegion>): Platform {
  const { at, ...changing } = clustersOf(regions);
  const metrics = noMetrics();
  return {
    ...changing,
    read: (region, signal) => ({ kubernetes: at(region).read(signal), metrics, service: noConfig }),
  };
}

type Verbs = Omit<
  World,
  | keyof AroundVerbs
  | keyof Writing
  | 'platform'
  | 'region'
  | 'namespace'
  | 'images'
  | 'beforeNextWrite'
  | 'pass'
  | 'close'
>;

type Writing = Pick<World, 'scaleBy' | 'boundBy' | 'addNode' | 'cordonBy' | 'removeNode' | 'withoutNodeEvents'>;

/** Writes by managers of their own. */
function writing(region: Region): Writing {
  const { admin } = region;
  const by = (manager: string): string => `?fieldManager=${manager}`;
  const merge = async (path: string, patch: object): Promise<void> => void (await admin.merge(path, patch));
  return {
    scaleBy: (app, replicas, manager) =>
      merge(`/apis/apps/v1/namespaces/${namespace}/deployments/${app}/scale${by(manager)}`, { spec: { replicas } }),
    boundBy: (scaler, maxReplicas, manager) =>
      merge(`/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${scaler}${by(manager)}`, {
        spec: { maxReplicas },
      }),
    addNode: async (node) =>
      void (await admin.post('/api/v1/nodes', { metadata: { name: node, labels: { made: 'by-hand' } } })),
    cordonBy: (node, manager) => merge(`/api/v1/nodes/${node}${by(manager)}`, { spec: { unschedulable: true } }),
    removeNode: async (node) => void (await admin.delete(`/api/v1/nodes/${node}`)),
    withoutNodeEvents: async (run) => {
      await admin.delete('/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/mlp-bot-node-events-bot');
      try {
        await run();
      } finally {
        await grant(region, ['read-cluster.yaml'], 'bot', namespace);
      }
    },
  };
}

function verbs({ admin }: Region): Verbs {
  const core = `/api/v1/namespaces/${namespace}`;
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const make = async (path: string, object: object): Promise<void> => {
    await admin.post(path, object);
  };
  const merge = async (path: string, patch: object): Promise<void> => {
    await admin.merge(path, patch);
  };
  return {
    deploy: (app, wanted) => make(deployments, deploymentOf(app, wanted)),
    setImage: async (app, image) => {
      const spec = { template: { spec: { containers: [{ name: 'main', image }] } } };
      await admin.strategic(`${deployments}/${app}`, { spec });
    },
    setMemory: async (app, memory, manager) => {
      const spec = { template: { spec: { containers: [{ name: 'main', resources: { limits: { memory } } }] } } };
      await admin.strategic(`${deployments}/${app}?fieldManager=${manager}`, { spec });
    },
    pause: (app) => merge(`${deployments}/${app}`, { spec: { paused: true } }),
    scale: (app, replicas) => merge(`${deployments}/${app}`, { spec: { replicas } }),
    configMap: (map, keys) => make(`${core}/configmaps`, { metadata: { name: map }, data: valuesOf(keys) }),
    secret: (secret, keys) => make(`${core}/secrets`, { metadata: { name: secret }, stringData: valuesOf(keys) }),
    serviceAccount: (account) => make(`${core}/serviceaccounts`, { metadata: { name: account } }),
    quota: (quota, hard) => make(`${core}/resourcequotas`, { metadata: { name: quota }, spec: { hard } }),
    removeQuota: async (quota) => void (await admin.delete(`${core}/resourcequotas/${quota}`)),
    limitRange: (range, max) =>
      make(`${core}/limitranges`, { metadata: { name: range }, spec: { limits: [{ type: 'Container', max }] } }),
    removeLimitRange: async (range) => void (await admin.delete(`${core}/limitranges/${range}`)),
    autoscale: (scaler, app, min, max) =>
      make(`/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`, {
        metadata: { name: scaler },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: app },
          minReplicas: min,
          maxReplicas: max,
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
          ],
        },
      }),
    denyUpdates: (app, message) => deny(admin, app, message),
  };
}

const valuesOf = (keys: readonly string[]): Record<string, string> =>
  Object.fromEntries(keys.map((key) => [key, 'hidden-value']));

/** A ValidatingAdmissionPolicy: admission without a webhook to run. */
async function deny(admin: Region['admin'], app: string, message: string): Promise<void> {
  const path = '/apis/admissionregistration.k8s.io/v1';
  await admin.post(`${path}/validatingadmissionpolicies`, {
    metadata: { name: `deny-${app}` },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['apps'],
            apiVersions: ['v1'],
            operations: ['UPDATE'],
            resources: ['deployments'],
            resourceNames: [app],
          },
        ],
      },
      validations: [{ expression: 'false', message }],
    },
  });
  await admin.post(`${path}/validatingadmissionpolicybindings`, {
    metadata: { name: `deny-${app}` },
    spec: { policyName: `deny-${app}`, validationActions: ['Deny'] },
  });
}

function deploymentOf(name: string, wanted: Wanted): object {
  const labels = { app: name };
  const env: object[] = Object.entries(wanted.env ?? {}).map(([variable, value]) => ({ name: variable, value }));
  const { envFromConfigMap: map, envFromSecret: secret } = wanted;
  if (map !== undefined)
    env.push({ name: map.variable, valueFrom: { configMapKeyRef: { name: map.name, key: map.key } } });
  if (secret !== undefined) {
    const { variable, ...ref } = secret;
    env.push({ name: variable, valueFrom: { secretKeyRef: ref } });
  }
  const nodeRules = Object.entries(wanted.nodeAffinity ?? {}).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }));
  const required = { nodeSelectorTerms: [{ matchExpressions: nodeRules }] };
  const probe = { httpGet: { path: wanted.readinessPath, port: 8080 }, periodSeconds: 1 };
  return {
    metadata: { name },
    spec: {
      replicas: wanted.replicas,
      minReadySeconds: wanted.minReadySeconds ?? 0,
      progressDeadlineSeconds: wanted.progressDeadlineSeconds ?? 600,
      strategy: {
        rollingUpdate: { maxSurge: wanted.maxSurge ?? '25%', maxUnavailable: wanted.maxUnavailable ?? '25%' },
      },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          tolerations: (wanted.tolerations ?? []).map(({ key, value, effect }) => ({
            key,
            effect,
            ...(value === undefined ? { operator: 'Exists' } : { value }),
          })),
          ...(nodeRules.length === 0
            ? {}
            : { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } }),
          topologySpreadConstraints:
            wanted.spread === undefined
              ? []
              : [{ ...wanted.spread, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: labels } }],
          containers: [
            {
              name: 'main',
              image: wanted.image,
              env,
              resources: { requests: wanted.requests ?? {}, limits: wanted.limits ?? {} },
              ...(wanted.readinessPath === undefined ? {} : { readinessProbe: probe }),
            },
          ],
        },
      },
    },
  };
}
