import type { Region } from '../peers/control-plane.ts';
import { until } from '../peers/until.ts';
import { grant } from './deploy-roles.ts';
import type { World } from './world.ts';

export type AroundVerbs = Pick<
  World,
  'service' | 'without' | 'budget' | 'removeBudget' | 'policy' | 'claim' | 'statefulSet' | 'scaledObject'
> &
  Pick<World, 'storageClass' | 'enforce' | 'goingNamespace'>;

/** What stands around deployments on a real API server. */
export function aroundVerbs(region: Region, namespace: string, image: string): AroundVerbs {
  const { admin } = region;
  const make = async (api: string, plural: string, object: object): Promise<void> => {
    await admin.post(`${api}/namespaces/${namespace}/${plural}`, object);
  };
  const of = (deployment: string): object => ({ matchLabels: { app: deployment } });
  const budgets = '/apis/policy/v1';
  return {
    service: (name, deployment) =>
      make('/api/v1', 'services', {
        metadata: { name },
        spec: { selector: { app: deployment }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
      }),
    budget: (name, deployment, minAvailable) =>
      make(budgets, 'poddisruptionbudgets', {
        metadata: { name },
        spec: {
          minAvailable: minAvailable.endsWith('%') ? minAvailable : Number(minAvailable),
          selector: of(deployment),
        },
      }),
    removeBudget: async (name) =>
      void (await admin.delete(`${budgets}/namespaces/${namespace}/poddisruptionbudgets/${name}`)),
    policy: (name, deployment) =>
      make('/apis/networking.k8s.io/v1', 'networkpolicies', {
        metadata: { name },
        spec: {
          podSelector: of(deployment),
          policyTypes: ['Ingress'],
          ingress: [{ from: [{ podSelector: { matchLabels: { app: 'gateway' } } }], ports: [{ port: 8080 }] }],
        },
      }),
    claim: (name) =>
      make('/api/v1', 'persistentvolumeclaims', {
        metadata: { name },
        spec: {
          storageClassName: 'absent',
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
        },
      }),
    storageClass: async (name, binds) => {
      await admin.post('/apis/storage.k8s.io/v1/storageclasses', {
        metadata: { name },
        provisioner: 'test/none',
        volumeBindingMode: binds === 'at once' ? 'Immediate' : 'WaitForFirstConsumer',
      });
    },
    enforce: async (level) => {
      const labels = { 'pod-security.kubernetes.io/enforce': level };
      await admin.merge(`/api/v1/namespaces/${namespace}`, { metadata: { labels } });
    },
    goingNamespace: async (name) => {
      await region.createNamespace(name);
      const kept = { metadata: { name: 'kept', finalizers: ['test/kept'] } };
      await admin.post(`/api/v1/namespaces/${name}/configmaps`, kept);
      await admin.delete(`/api/v1/namespaces/${name}`);
    },
    statefulSet: (name, replicas, partition) =>
      make('/apis/apps/v1', 'statefulsets', {
        metadata: { name },
        spec: {
          replicas,
          serviceName: name,
          selector: of(name),
          ...(partition === null ? {} : { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } } }),
          template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image }] } },
        },
      }),
    without: async (remedy, _, run) => {
      await admin.delete(
        `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings/mlp-bot-remedy-${remedy}-bot`,
      );
      try {
        await run();
      } finally {
        await grant(region, [`remedy-${remedy}.yaml`], 'bot', namespace);
      }
    },
    scaledObject: (name, deployment, min, max) =>
      make('/apis/keda.sh/v1alpha1', 'scaledobjects', {
        apiVersion: 'keda.sh/v1alpha1',
        kind: 'ScaledObject',
        metadata: { name },
        spec: { scaleTargetRef: { name: deployment }, minReplicaCount: min, maxReplicaCount: max, triggers: [] },
      }),
  };
}

/** Makes the cluster know ScaledObjects, as KEDA's own definition does, without its rules for their fields. */
export const scaledObjects = (region: Region): Promise<void> =>
  customKind(region, 'keda.sh', 'v1alpha1', 'ScaledObject');

/** Makes the cluster know a kind. */
export async function customKind({ admin }: Region, group: string, version: string, kind: string): Promise<void> {
  const singular = kind.toLowerCase();
  const plural = `${singular}s`;
  await admin.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });
  await until(`the API server serves ${plural}`, () => admin.get(`/apis/${group}/${version}/${plural}`));
}
